"""Claims about planning: one delivery for a notice and a person, or a skip with its reason."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.delivery import State
from notifier.core.events import Choices
from notifier.core.life import Known, Member, Phase, Standing
from notifier.core.notice import Kind, Notice
from notifier.core.people import Person
from notifier.core.planning import as_invitations, concerns, delivery_id, plan, planned_for_list
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, NOW
from tests.core.story import DEFAULTS, settings

NOTICE = Notice(
    id="n",
    root="r",
    kind=Kind.INVITATION,
    event="e",
    created=NOW,
    conference=cast.conference(),
    deadline=cast.END,
)
CLOSED = settings(federation={"mode": "whitelist"})


def without(person: Person, *names: str) -> Person:
    return msgspec.structs.replace(person, **dict.fromkeys(names))


# ---- where it goes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "address"),
    [
        (BORIS, "boris@example.org"),
        (Person(id="u@conf.example.com", email="a@b.org", directory_email="c@d.org"), "a@b.org"),
        (Person(id="u@conf.example.com", directory_email="c@d.org"), "c@d.org"),  # R3
        (Person(id="u@conf.example.com", email=" ", directory_email="c@d.org"), "c@d.org"),
        (CHEN, "chen@example.cn"),  # R4
        (Person(email="chen@example.cn"), "chen@example.cn"),  # R5
        (Person(email="chen@exämple.cn"), "chen@xn--exmple-cua.cn"),
    ],
)
def test_r3_mail_goes_to_the_profile_else_the_directory(person: Person, address: str) -> None:
    delivery = plan(NOTICE, person, DEFAULTS)

    assert (delivery.state, delivery.recipient.address) == (State.PENDING, address)


@pytest.mark.parametrize(
    ("person", "state", "reason"),
    [
        (without(BORIS, "email"), State.SKIPPED, Reason.NO_MAILBOX),  # R3, R4
        (Person(id=f"a@{cast.HOME}"), State.SKIPPED, Reason.NO_MAILBOX),  # R4: an ID is no address
        (Person(id="#mailto:nobody"), State.FAILED, Reason.BAD_ADDRESS),
        (Person(email="a@b.org, c@d.org"), State.FAILED, Reason.BAD_ADDRESS),
        (Person(email="a@b.org\r\nBcc: c@d.org"), State.FAILED, Reason.BAD_ADDRESS),
    ],
    ids=["no mailbox", "an ID", "no address", "two addresses", "a header"],
)
def test_r3_without_an_address_there_is_no_mail_but_a_reason(
    person: Person, state: State, reason: Reason
) -> None:
    delivery = plan(NOTICE, person, DEFAULTS)

    assert (delivery.state, delivery.reason) == (state, reason)


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("conf@example.com", "conf@example.com"),
        ("conf@example.com", "Conf@Example.COM"),
        ("conf@exämple.com", "conf@xn--exmple-cua.com"),
        ("conf@xn--exmple-cua.com", "conf@exämple.com"),
    ],
)
def test_r30_nothing_is_sent_to_the_sender_itself(sender: str, recipient: str) -> None:
    chosen = settings(smtp={"sender_address": sender})

    delivery = plan(NOTICE, Person(email=recipient), chosen)

    assert (delivery.state, delivery.reason) == (State.SKIPPED, Reason.OWN_ADDRESS)


@pytest.mark.parametrize("sender", ["", "conf@example.com"])
def test_r30_everybody_else_is_written_to(sender: str) -> None:
    chosen = settings(smtp={"sender_address": sender})

    assert plan(NOTICE, BORIS, chosen).state is State.PENDING


# ---- which reason --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "person", "skip", "reason"),
    [
        (NOTICE, DANA, Reason.REMOVED, Reason.REMOVED),
        (msgspec.structs.replace(NOTICE, skip=Reason.SWITCHED_OFF), DANA, None, "switched_off"),
        (NOTICE, DANA, None, Reason.FEDERATION),
        (NOTICE, without(DANA, "email"), None, Reason.FEDERATION),
        (msgspec.structs.replace(NOTICE, skip=Reason.STARTED), DANA, None, "started"),
        (NOTICE, BORIS, None, ""),
        (NOTICE, CHEN, None, ""),  # R45: lives nowhere
        (NOTICE, without(BORIS, "email"), None, Reason.NO_MAILBOX),
    ],
)
def test_the_first_reason_against_a_mail_is_the_one_recorded(
    notice: Notice, person: Person, skip: Reason | None, reason: str
) -> None:
    assert plan(notice, person, CLOSED, skip=skip).reason == reason


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (None, State.PENDING),
        (Reason.SWITCHED_OFF, State.SKIPPED),
        (Reason.BAD_ADDRESS, State.FAILED),
        (Reason.STARTED, State.EXPIRED),
    ],
)
def test_r27_what_is_not_to_leave_is_final_from_the_start(
    reason: Reason | None, state: State
) -> None:
    assert plan(NOTICE, BORIS, DEFAULTS, skip=reason).state is state


def test_r45_a_reminder_of_an_owner_who_lives_on_a_blocked_server_is_skipped() -> None:
    reminder = msgspec.structs.replace(
        NOTICE, kind=Kind.REMINDER, conference=cast.conference(owner=DANA)
    )

    assert plan(reminder, BORIS, CLOSED).reason == Reason.FEDERATION


# ---- who it is -----------------------------------------------------------------------------


def test_a_delivery_is_complete() -> None:
    person = msgspec.structs.replace(BORIS, unique_link="https://conf.example.com/u/1")

    recipient = plan(NOTICE, person, DEFAULTS).recipient

    assert (recipient.name, recipient.language, recipient.time_zone, recipient.unique_link) == (
        "Boris Petit",
        "fr",
        "Europe/Paris",
        "https://conf.example.com/u/1",
    )


def test_an_unknown_zone_is_none() -> None:
    person = msgspec.structs.replace(BORIS, time_zone="Mars/Olympus")

    assert plan(NOTICE, person, DEFAULTS).recipient.time_zone == ""


def test_a_delivery_knows_its_notice_and_its_last_moment() -> None:
    delivery = plan(NOTICE, BORIS, DEFAULTS)

    assert (delivery.notice, delivery.kind, delivery.conference) == (
        "n",
        "invitation",
        "df0a2adebe",
    )
    assert (delivery.created, delivery.updated, delivery.deadline) == (NOW, NOW, cast.END)


words = st.text(max_size=12)


@given(words, words, words, words)
def test_ids_are_equal_only_for_the_same_person_and_happening(
    root: str, key: str, other_root: str, other_key: str
) -> None:
    one, other = (
        delivery_id(msgspec.structs.replace(NOTICE, root=name), whom)
        for name, whom in ((root, key), (other_root, other_key))
    )

    assert (one == other) is ((root, key) == (other_root, other_key))


@given(words, words)
def test_an_id_is_the_same_whatever_else_the_notice_says(root: str, key: str) -> None:
    notice = msgspec.structs.replace(NOTICE, root=root)
    later = msgspec.structs.replace(notice, id="another", revision=7, created=cast.END)

    assert delivery_id(notice, key) == delivery_id(later, key)


# ---- the whole list ------------------------------------------------------------------------

KNOWN = Known(
    conference=cast.conference(5),
    phase=Phase.PLANNED,
    uid="a-uid",
    created=NOW,
    changed=NOW,
    epoch=1,
)
TO_ALL = msgspec.structs.replace(NOTICE, kind=Kind.RESCHEDULE, everyone=True, epoch=1, since=4)


def member(standing: Standing = Standing.INVITED, *, told: int = 3, epoch: int = 1) -> Member:
    return Member(person=ANNA, standing=standing, revision=1, by="e", told=told, epoch=epoch)


@pytest.mark.parametrize(
    ("row", "concerned"),
    [
        (member(), True),
        (member(Standing.REGISTERED), True),  # R15
        (member(Standing.REMOVED), False),  # R16
        (member(told=4), False),  # R9: joined when the new times already held
        (member(told=5), False),
        (member(epoch=0), False),
        (member(epoch=2), False),
    ],
)
def test_whom_a_notice_to_everybody_concerns(row: Member, concerned: bool) -> None:
    assert concerns(TO_ALL, row, KNOWN) is concerned


@pytest.mark.parametrize("standing", [Standing.INVITED, Standing.REGISTERED])
def test_r15_everybody_on_the_list_is_reminded(standing: Standing) -> None:
    reminder = msgspec.structs.replace(TO_ALL, kind=Kind.REMINDER, since=None)

    assert concerns(reminder, member(standing, told=99), KNOWN)


def test_a_cancellation_reaches_the_list_of_the_life_that_it_ends() -> None:
    anew = msgspec.structs.replace(KNOWN, epoch=2)
    cancellation = msgspec.structs.replace(TO_ALL, kind=Kind.CANCELLATION, since=None)

    assert concerns(cancellation, member(), anew)
    assert not concerns(cancellation, member(epoch=2), anew)


def test_whoever_was_to_be_invited_to_a_life_that_is_over_is_known_to_be_untold() -> None:
    anew = msgspec.structs.replace(KNOWN, epoch=2)
    relaunch = msgspec.structs.replace(TO_ALL, kind=Kind.INVITATION)

    assert concerns(relaunch, member(), anew)


# ---- whom nothing has reached yet ----------------------------------------------------------

INVITED = member()
SIGNED_UP = msgspec.structs.replace(member(Standing.REGISTERED), person=BORIS)
UNTOLD = {INVITED.key, SIGNED_UP.key}
MOVED = msgspec.structs.replace(TO_ALL, previous=cast.schedule())


def kinds_of(notice: Notice, untold: set[str], **tables: dict[str, object]) -> list[str]:
    members = [INVITED, SIGNED_UP]
    planned = planned_for_list(notice, members, KNOWN, settings(**tables), untold=untold)
    return [each.kind for each in planned]


@pytest.mark.parametrize(
    ("notice", "untold", "tables", "kinds"),
    [
        (MOVED, UNTOLD, {}, ["invitation", "registration"]),
        (MOVED, set(), {}, ["reschedule", "reschedule"]),
        (MOVED, {INVITED.key}, {}, ["invitation", "reschedule"]),
        # Switched off: they are told by others, and hear of the move like everybody.
        (MOVED, UNTOLD, {"invitations": False}, ["reschedule", "registration"]),
        (MOVED, UNTOLD, {"registrations": False}, ["invitation", "reschedule"]),
        (
            msgspec.structs.replace(MOVED, skip=Reason.SWITCHED_OFF),
            UNTOLD,
            {},
            ["reschedule", "reschedule"],
        ),
        (
            msgspec.structs.replace(MOVED, kind=Kind.CANCELLATION),
            UNTOLD,
            {},
            ["cancellation", "cancellation"],
        ),
    ],
)
def test_whom_nothing_has_reached_is_invited_to_the_new_times(
    notice: Notice, untold: set[str], tables: dict[str, object], kinds: list[str]
) -> None:
    assert kinds_of(notice, untold, notifications=tables) == kinds


def test_r7_a_conference_that_invites_nobody_tells_them_of_the_move() -> None:
    quiet = cast.conference(notifications=Choices(invitations=False))

    moved = msgspec.structs.replace(MOVED, conference=quiet)

    assert kinds_of(moved, UNTOLD) == ["reschedule", "registration"]


def test_an_invitation_instead_leaves_at_once_and_says_nothing_of_old_times() -> None:
    told = as_invitations(MOVED, DEFAULTS)[Standing.INVITED]

    assert (told.previous, told.everyone, told.revision) == (None, False, MOVED.revision)
    assert plan(told, ANNA, settings(notifications={"settle_seconds": 9})).not_before is None
    assert delivery_id(told, "k") != delivery_id(MOVED, "k")


@pytest.mark.parametrize(
    ("kind", "settles"), [(kind, kind in (Kind.RESCHEDULE, Kind.REMOVAL)) for kind in Kind]
)
def test_moves_and_removals_alone_wait_for_a_second_thought(kind: Kind, settles: bool) -> None:
    delivery = plan(msgspec.structs.replace(NOTICE, kind=kind), BORIS, Settings())

    assert delivery.not_before == (NOW + timedelta(seconds=3) if settles else None)


@pytest.mark.parametrize(("seconds", "waits"), [(2.9, True), (3, False), (60, False)])
def test_a_move_that_has_settled_by_the_time_of_its_slice_leaves_at_once(
    seconds: float, waits: bool
) -> None:
    moved = msgspec.structs.replace(NOTICE, kind=Kind.RESCHEDULE)

    delivery = plan(moved, BORIS, Settings(), now=NOW + timedelta(seconds=seconds))

    assert (delivery.not_before is not None) is waits


@pytest.mark.parametrize("kind", [Kind.RESCHEDULE, Kind.CANCELLATION])
def test_r45_whoever_is_listed_by_address_too_is_told_where_their_id_is_kept_out(
    kind: Kind,
) -> None:
    """Their address lives nowhere, and was invited: their calendar must hear of what follows."""
    notice = msgspec.structs.replace(TO_ALL, kind=kind)
    bare = Person(id=f"#mailto:{DANA.email}")
    rows = [msgspec.structs.replace(member(), person=each) for each in (DANA, bare)]

    planned = planned_for_list(notice, rows, KNOWN, CLOSED)

    assert [(each.recipient.key, each.reason) for each in planned] == [
        (DANA.id, Reason.FEDERATION),
        (bare.id, ""),
    ]
