"""Claims about reminders: which are due in a window of time, whose offsets count, what is next."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.conference import apply
from notifier.core.due import due, effective_offsets, missed, next_due, reminds_otherwise
from notifier.core.events import Event
from notifier.core.indexed import indexed_due
from notifier.core.life import Known
from notifier.core.notice import Notice
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.core.times.offsets import offset_minutes, offset_text
from notifier.core.times.schedule import next_occurrence, occurrences_between
from tests import cast
from tests.cast import BORIS, NOW, START
from tests.core.story import (
    Story,
    cancellation,
    end,
    invitation,
    removal,
    reschedule,
    settings,
    update,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PRESET = settings(reminders={"offsets": ["1d", "5m"]})
OFF = settings(reminders={"offsets": ["1d", "5m"]}, notifications={"reminders": False})


def planned(**changes: Any) -> Known:
    return Story(invitation(1, BORIS, **changes)).known


def own(*offsets: str) -> dict[str, Any]:
    return {"notifications": {"reminders": list(offsets)}}


def offsets_at(moment: datetime, known: Known, chosen: Settings = PRESET) -> list[int | None]:
    """The reminders that fall due within the minute up to a moment."""
    return [each.offset for each in due(known, chosen, since=moment - MINUTE, until=moment)]


# ---- whose offsets -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "changes", "minutes"),
    [
        (PRESET, {}, (1440, 5)),  # R12: the preset
        (PRESET, own("2h"), (120,)),  # R13: its own are kept
        (PRESET, own(), ()),  # its own: none
        (PRESET, {"notifications": {"reminders": None}}, (1440, 5)),  # R13: back-filled
        (PRESET, {"notifications": {"invitations": False}}, (1440, 5)),
        (settings(), {}, ()),  # R12: on, nothing chosen
        (settings(), own("2h", "30m"), (120, 30)),  # R12: owners may choose
        (OFF, {}, ()),  # R12: off
        (OFF, own("2h"), ()),  # R12: off, whatever an owner chose
        (PRESET, own("60m", "1h"), (60,)),
    ],
)
def test_r12_r13_which_offsets_count(
    chosen: Settings, changes: dict[str, Any], minutes: tuple[int, ...]
) -> None:
    assert effective_offsets(planned(**changes), chosen) == minutes


@pytest.mark.parametrize(
    "known",
    [
        planned(launch="virtual_room"),
        Story(invitation(1, BORIS), cancellation(2)).known,
        Story(invitation(1, BORIS), cancellation(2, launch="virtual_room")).known,
        Story(invitation(1, BORIS), end(2)).known,
    ],
    ids=["a room", "cancelled", "turned into a room", "ended"],
)
def test_r11_r16_only_what_is_planned_reminds(known: Known) -> None:
    assert next_due(known, PRESET, after=NOW) is None
    assert due(known, PRESET, since=NOW, until=START - MINUTE) == []


def test_r13_turning_reminders_on_reaches_what_is_planned_already() -> None:
    known = planned()

    assert next_due(known, settings(), after=NOW) is None
    assert next_due(known, PRESET, after=NOW) == START - DAY


# ---- when ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "offsets"),
    [
        (START - DAY - timedelta(seconds=1), []),
        (START - DAY, [1440]),
        (START - DAY + MINUTE, []),
        (START - 5 * MINUTE, [5]),
        (START - MINUTE, []),
        (START, []),
        (START + MINUTE, []),
    ],
)
def test_r16_a_reminder_is_due_at_its_moment(moment: datetime, offsets: list[int]) -> None:
    assert offsets_at(moment, planned()) == offsets


def test_r16_after_a_pause_only_the_nearest_is_given() -> None:
    [reminder] = due(planned(), PRESET, since=NOW, until=START - 2 * MINUTE)

    assert reminder.offset == 5


def test_r16_after_a_pause_over_the_start_nothing_is_given() -> None:
    assert due(planned(), PRESET, since=NOW, until=START) == []


def test_r16_a_late_reminder_yields_to_the_nearer_one() -> None:
    [early] = due(planned(), PRESET, since=NOW, until=START - DAY)
    [late] = due(planned(), PRESET, since=START - DAY, until=START - 5 * MINUTE)

    assert early.deadline == START - 5 * MINUTE
    assert late.deadline == START


def test_r11_a_series_reminds_before_every_occurrence() -> None:
    known = planned(schedule=cast.schedule(recurrence="FREQ=DAILY;COUNT=3"), **own("5m"))

    moments = [START + DAY * number - 5 * MINUTE for number in range(4)]

    assert [offsets_at(each, known) for each in moments] == [[5], [5], [5], []]


def test_next_due_walks_from_moment_to_moment() -> None:
    known = planned()

    first = next_due(known, PRESET, after=NOW)
    assert first is not None
    second = next_due(known, PRESET, after=first)
    assert second is not None

    assert (first, second) == (START - DAY, START - 5 * MINUTE)
    assert next_due(known, PRESET, after=second) is None


# ---- what nobody looked for in time --------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "missed_offsets"),
    [
        (NOW, START - MINUTE, []),  # still ahead: it is reminded of
        (NOW, START, [5]),  # of two that were missed the nearest
        (START - DAY, START + DAY, [5]),
        (START - 6 * MINUTE, START, [5]),
        (START - 5 * MINUTE, START, []),  # the last look was in time
        (NOW, START + 13 * DAY, [5]),
        (NOW, START + 14 * DAY, []),
    ],
)
def test_r16_what_began_before_anybody_looked_was_missed(
    since: datetime, until: datetime, missed_offsets: list[int]
) -> None:
    notices = missed(planned(), PRESET, since=since, until=until)

    assert [each.offset for each in notices] == missed_offsets


def test_r16_a_missed_reminder_says_why_it_is_never_sent() -> None:
    [notice] = missed(planned(), PRESET, since=NOW, until=START + MINUTE)

    assert (notice.skip, notice.everyone, notice.deadline) == (Reason.STARTED, True, START)
    assert notice.created == START + MINUTE


@pytest.mark.parametrize("offset", ["5m", "30d"])
def test_r16_each_missed_start_of_a_series_is_recorded_for_two_weeks(offset: str) -> None:
    known = planned(schedule=cast.schedule(recurrence="FREQ=DAILY"), **own(offset))
    now = START + 20 * DAY + MINUTE

    notices = missed(known, PRESET, since=NOW - 40 * DAY, until=now)

    assert [start_of(each) for each in notices] == [START + day * DAY for day in range(7, 21)]


@pytest.mark.parametrize(
    ("chosen", "changes"), [(OFF, {}), (PRESET, own()), (PRESET, {"launch": "virtual_room"})]
)
def test_r12_where_nobody_is_reminded_nothing_is_missed(
    chosen: Settings, changes: dict[str, Any]
) -> None:
    assert missed(planned(**changes), chosen, since=NOW, until=START) == []


# ---- after a change ------------------------------------------------------------------------


def test_r16_a_rescheduled_conference_reminds_of_its_new_start_only() -> None:
    moved = cast.schedule(start=cast.schedule().start + 2 * DAY)
    known = Story(invitation(1, BORIS), reschedule(2, schedule=moved)).known

    assert offsets_at(START - DAY, known) == []
    assert offsets_at(START + DAY, known) == [1440]


def test_r16_a_move_reminds_of_no_moment_that_was_past_already() -> None:
    soon = cast.schedule(start=NOW.replace(hour=11, minute=0, tzinfo=None))
    story = Story(invitation(1, BORIS))

    story.hear(reschedule(2, schedule=soon), now=NOW)

    since = story.known.reminded_until
    assert since == NOW
    assert due(story.known, PRESET, since=since, until=NOW + MINUTE) == []


@pytest.mark.parametrize(
    ("event", "otherwise"),
    [
        (update(2, name="Another name"), False),
        (invitation(2, cast.CHEN), False),
        (removal(2, BORIS), False),
        (update(2, notifications={"invitations": True}), False),
        (update(2, schedule=cast.schedule(duration=60)), True),
        (reschedule(2, schedule=cast.schedule(time_zone="Europe/Berlin")), True),
        (update(2, **own("2h")), True),
        (update(2, **own()), True),
        (reschedule(2, schedule=cast.schedule(recurrence="FREQ=DAILY")), True),
        (update(2, launch="virtual_room"), True),
        (cancellation(2), True),
        (end(2), True),
    ],
)
def test_only_a_change_of_times_or_offsets_has_the_index_written(
    event: Event, otherwise: bool
) -> None:
    change = Story(invitation(1, BORIS)).hear(event, now=NOW + MINUTE)
    assert change.after is not None

    assert reminds_otherwise(change.before, change.after) is otherwise


@pytest.mark.parametrize(
    "schedule",
    [cast.schedule(duration=60), cast.schedule(time_zone="Europe/Berlin")],
    ids=["shorter", "other words"],
)
def test_p5_the_same_start_in_other_words_loses_no_reminder_that_waits(schedule: Any) -> None:
    story = Story(invitation(1, BORIS))

    story.hear(update(2, schedule=schedule), now=START - DAY + MINUTE)

    assert story.known.reminded_until == NOW
    assert indexed_due(story.known, PRESET) == START - DAY


def test_what_was_never_heard_of_reminds_otherwise() -> None:
    assert reminds_otherwise(None, planned())


# ---- what a reminder is --------------------------------------------------------------------


def test_a_reminder_goes_to_everybody_and_names_its_occurrence() -> None:
    [notice] = due(planned(), PRESET, since=NOW, until=START - DAY)

    assert (notice.kind, notice.everyone, notice.since) == ("reminder", True, None)
    assert notice.occurrence is not None
    assert notice.occurrence.start == START


def test_two_beats_make_the_same_reminder() -> None:
    one, other = (
        due(planned(), PRESET, since=since, until=until)[0]
        for since, until in ((NOW, START - DAY), (START - DAY - MINUTE, START - DAY + MINUTE))
    )

    assert (one.root, one.id) == (other.root, other.id)


def test_each_occurrence_offset_and_life_is_a_reminder_of_its_own() -> None:
    known = planned(schedule=cast.schedule(recurrence="FREQ=DAILY"))
    reborn = msgspec.structs.replace(known, generation=2)

    roots = {
        notice.root
        for each in (known, reborn)
        for day in (0, 1)
        for minutes in (1440, 5)
        for notice in _at(each, START + day * DAY, minutes)
    }

    assert len(roots) == 8


def _at(known: Known, start: datetime, minutes: int) -> list[Notice]:
    moment = start - minutes * MINUTE
    given = due(known, PRESET, since=moment - MINUTE, until=moment)
    return [each for each in given if each.occurrence and each.occurrence.start == start]


# ---- any window ----------------------------------------------------------------------------

RULES = [
    None,
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;BYDAY=FR,SA;COUNT=5",
    "FREQ=DAILY;COUNT=2",
]
LAST = START + 4 * DAY

offsets = st.lists(
    st.integers(1, 3 * 1440).map(offset_text), min_size=1, max_size=4, unique_by=offset_minutes
)
# Seconds after NOW; four days before the start and four after it.
cuts = st.lists(st.integers(0, int((LAST - NOW).total_seconds())), min_size=2, max_size=12)


@st.composite
def watched(draw: st.DrawFn) -> tuple[Known, list[datetime]]:
    """A conference, and the moments at which somebody looks at the clock, in order."""
    known = planned(
        schedule=cast.schedule(recurrence=draw(st.sampled_from(RULES))), **own(*draw(offsets))
    )
    return known, [NOW + timedelta(seconds=each) for each in sorted(set(draw(cuts)))]


def folded(known: Known, looks: Sequence[datetime]) -> list[tuple[datetime, list[Notice]]]:
    """What each look gives: everything since the look before."""
    return [
        (until, due(known, settings(), since=since, until=until))
        for since, until in pairwise(looks)
    ]


def start_of(notice: Notice) -> datetime:
    assert notice.occurrence is not None
    return notice.occurrence.start


@given(watched())
def test_p5_no_reminder_before_its_moment_or_at_or_after_the_start(
    life: tuple[Known, list[datetime]],
) -> None:
    for now, notices in folded(*life):
        for notice in notices:
            assert notice.offset is not None
            assert start_of(notice) - notice.offset * MINUTE <= now < start_of(notice)


@given(watched())
def test_r16_one_look_gives_one_reminder_an_occurrence_at_most(
    life: tuple[Known, list[datetime]],
) -> None:
    for _now, notices in folded(*life):
        starts = [start_of(each) for each in notices]
        assert len(starts) == len(set(starts))
        assert starts == sorted(starts)


@given(watched())
def test_r16_however_often_one_looks_the_same_occurrences_are_reminded_of(
    life: tuple[Known, list[datetime]],
) -> None:
    known, looks = life
    often = [notice for _now, notices in folded(known, looks) for notice in notices]
    once = due(known, settings(), since=looks[0], until=looks[-1])

    # What began meanwhile was reminded of by those who looked in time only.
    ahead = [each for each in often if start_of(each) > looks[-1]]
    assert {start_of(each) for each in ahead} == {start_of(each) for each in once}
    assert {each.root for each in once} <= {each.root for each in often}


@given(watched())
def test_r16_each_reminder_of_an_occurrence_is_nearer_than_the_one_before(
    life: tuple[Known, list[datetime]],
) -> None:
    nearest: dict[datetime, int] = {}
    for _now, notices in folded(*life):
        for notice in notices:
            assert notice.offset is not None
            assert notice.offset < nearest.get(start_of(notice), 10**9)
            nearest[start_of(notice)] = notice.offset


@given(watched())
def test_r16_the_nearest_reminder_of_each_start_is_sent_or_missed_once(
    life: tuple[Known, list[datetime]],
) -> None:
    known, looks = life
    nearest = min(effective_offsets(known, settings()))

    told = Counter(
        start_of(notice)
        for since, until in pairwise(looks)
        for given in (due, missed)
        for notice in given(known, settings(), since=since, until=until)
        if notice.offset == nearest
    )

    began = occurrences_between(
        _schedule(known), after=looks[0] + nearest * MINUTE, until=looks[-1] + nearest * MINUTE
    )
    assert told == Counter(each.start for each in began)


@given(watched())
def test_next_due_is_the_first_moment_at_which_anything_is_due(
    life: tuple[Known, list[datetime]],
) -> None:
    known, looks = life
    for now in looks:
        moment = next_due(known, settings(), after=now)
        if moment is None:
            assert next_occurrence(_schedule(known), after=now + 3 * DAY) is None
        else:
            assert moment > now
            assert due(known, settings(), since=now, until=moment)
            assert not due(known, settings(), since=now, until=moment - timedelta(seconds=1))


def _schedule(known: Known) -> Any:
    return known.conference.schedule


def test_a_conference_is_reminded_of_from_when_it_was_heard_of() -> None:
    now = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
    change = apply(None, {}, invitation(1, BORIS), now=now, uid="a-uid")
    assert change.after is not None

    assert change.after.reminded_until == now
    assert next_due(change.after, PRESET, after=now) == START - 5 * MINUTE
