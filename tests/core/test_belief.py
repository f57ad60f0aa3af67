"""Claims about belief: which times somebody knows, by the letters that left to them."""

from datetime import datetime

import pytest

from notifier.core.belief import asked_for, believed, believing, replaced
from notifier.core.delivery import HORIZON
from notifier.core.life import Known, Phase
from notifier.core.moves import KEPT, Move, followed
from notifier.core.notice import Kind, Notice, invitation_root, root_of, short_id
from tests import cast
from tests.cast import NOW

A, B, C, D = (cast.schedule(start=datetime(2026, 12, day, 15, 0)) for day in (1, 2, 3, 4))
MOVES = (
    Move("to-b", 2, previous=A, at=NOW),
    Move("to-c", 3, previous=B, at=NOW),
    Move("to-d", 4, previous=C, at=NOW),
)
KNOWN = Known(
    conference=cast.conference(4, schedule=D),
    phase=Phase.PLANNED,
    uid="u",
    created=NOW,
    changed=NOW,
    moves=MOVES,
)


def notice(event: str, kind: Kind = Kind.RESCHEDULE, revision: int = 4) -> Notice:
    return Notice(
        id="n", root="r", kind=kind, event=event, created=NOW, revision=revision, previous=C
    )


def letter(event: str, kind: Kind = Kind.RESCHEDULE) -> str:
    """The delivery to Boris that tells of a move."""
    root = root_of(Kind.RESCHEDULE, event)
    return short_id(root if kind is Kind.RESCHEDULE else invitation_root(root, kind), "boris")


@pytest.mark.parametrize(
    ("fates", "times"),
    [
        ({letter("to-b"): False, letter("to-c"): False}, A),
        ({letter("to-b"): True, letter("to-c"): False}, B),
        ({letter("to-b"): True, letter("to-c"): True}, C),
        ({letter("to-b"): False, letter("to-c"): True}, C),
        ({letter("to-b", Kind.INVITATION): True, letter("to-c"): False}, B),
        ({letter("to-b", Kind.REGISTRATION): False, letter("to-c"): False}, A),
        # Who has no letter of a move joined under its times, or had it long ago.
        ({letter("to-c"): False}, B),
        ({}, C),
    ],
)
def test_somebody_believes_the_last_move_that_left_to_them(
    fates: dict[str, bool], times: object
) -> None:
    assert believed(notice("to-d"), KNOWN, "boris", fates) == times


def test_the_first_move_is_told_from_what_was_told_before() -> None:
    assert asked_for(notice("to-b"), KNOWN, "boris") != []
    assert believed(notice("to-b"), KNOWN, "boris", {}) == A


def test_of_a_move_that_nobody_keeps_the_notice_knows_best() -> None:
    assert believed(notice("long-ago"), KNOWN, "boris", {}) == C
    assert asked_for(notice("long-ago"), KNOWN, "boris") == []


def test_the_last_of_one_move_asks_for_nothing() -> None:
    alone = Known(
        conference=cast.conference(2),
        phase=Phase.PLANNED,
        uid="u",
        created=NOW,
        changed=NOW,
        moves=MOVES[:1],
    )

    assert asked_for(notice("to-b", revision=2), alone, "boris") == []
    assert asked_for(notice("joining", Kind.INVITATION, revision=2), alone, "boris") == []


@pytest.mark.parametrize(
    ("told", "there", "is_replaced"),
    [
        (notice("to-b"), letter("to-c"), True),
        (notice("to-b"), letter("to-d", Kind.INVITATION), True),
        (notice("to-c"), letter("to-b"), False),
        (notice("to-d"), letter("to-d"), False),
        # An invitation is more than the times: only another one takes its place.
        (notice("joining", Kind.INVITATION, 1), letter("to-c"), False),
        (notice("joining", Kind.INVITATION, 1), letter("to-c", Kind.INVITATION), True),
        (notice("joining", Kind.REGISTRATION, 1), letter("to-b", Kind.REGISTRATION), True),
        (notice("joining", Kind.INVITATION, 3), letter("to-c", Kind.INVITATION), False),
        (notice("to-b", Kind.INVITATION, 2), letter("to-c", Kind.INVITATION), True),
        (notice("reminding", Kind.REMINDER, 1), letter("to-c"), False),
    ],
)
def test_the_later_of_two_letters_about_moves_takes_the_place_of_the_earlier(
    told: Notice, there: str, is_replaced: bool
) -> None:
    assert replaced(told, KNOWN, "boris", {there: False}) is is_replaced
    assert not replaced(told, KNOWN, "boris", {})


def test_equal_words_have_an_equal_id_and_others_another() -> None:
    told = notice("to-d")

    assert believing(told, C) is told
    assert believing(told, A) == believing(told, A)
    assert len({each.id for each in (told, believing(told, A), believing(told, B))}) == 3


# ---- which moves are kept ------------------------------------------------------------------


def test_moves_are_kept_while_a_letter_may_wait() -> None:
    old = Move("old", 1, previous=A, at=NOW - HORIZON)

    assert followed((old, *MOVES[:2]), MOVES[2]) == MOVES


def test_of_a_conference_that_is_dragged_about_the_last_moves_are_kept() -> None:
    moves: tuple[Move, ...] = ()
    for number in range(3 * KEPT):
        moves = followed(moves, Move(str(number), number, previous=A, at=NOW))

    assert [each.revision for each in moves] == list(range(2 * KEPT, 3 * KEPT))
