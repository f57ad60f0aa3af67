"""Claims about hearing: what one event makes us write, in slices, and what the next one sees."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from notifier.core.change import Verdict
from notifier.core.delivery import State
from notifier.core.events import Event
from notifier.core.life import Known
from notifier.core.notice import Kind
from notifier.core.people import Person, person_key
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from notifier.core.times.schedule import Moved
from notifier.hearing import Heard, after, listen, people_named, sliced, wanted
from notifier.portions import in_trips
from notifier.ports.inbox import Entry
from notifier.remembering import SLICE, Commitment, Remembered
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, NOW, START
from tests.core.story import (
    DEFAULTS,
    cancellation,
    end,
    invitation,
    registration,
    removal,
    reschedule,
    settings,
    update,
)

ENTRY = Entry(id="7-0", fields={})
NOTHING = Remembered()
REMINDING = settings(reminders={"offsets": ["1d"]})
CROWD = [cast.person(number) for number in range(2 * SLICE + 1)]


def hear(
    event: Event, remembered: Remembered = NOTHING, settings: Settings = DEFAULTS, **at: Any
) -> Heard:
    return listen(ENTRY, event, remembered, settings, now=at.get("now", NOW), uid="a-uid")


def known_after(*events: Event) -> Remembered:
    remembered = NOTHING
    for event in events:
        remembered = after(remembered, hear(event, remembered))
    return remembered


def missed() -> Event:
    return cast.heard("call.missed", cast.samples()["call.missed"]["data"])


# ---- what must be remembered first ---------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "people"),
    [
        (invitation(1, BORIS, CHEN), (BORIS, CHEN)),
        (removal(1, BORIS), (BORIS,)),
        (registration(1, DANA), (DANA,)),
        (reschedule(1), ()),
        (cancellation(1), ()),
        (update(1), ()),
        (end(1), ()),
        (missed(), ()),
    ],
    ids=lambda each: each.type if isinstance(each, Event) else "",
)
def test_the_people_named_are_those_whose_places_can_change(
    event: Event, people: tuple[Person, ...]
) -> None:
    assert people_named(event) == people


def test_a_batch_wants_each_conference_and_person_once() -> None:
    events = [
        invitation(1, BORIS, CHEN),
        removal(2, BORIS),
        reschedule(3, id="another"),
        missed(),
    ]

    assert wanted(events) == {
        "df0a2adebe": sorted([person_key(BORIS), person_key(CHEN)]),
        "another": [],
    }


# ---- what is written -----------------------------------------------------------------------


def test_a_new_conference_is_written_with_its_people_and_their_mails() -> None:
    [step] = hear(invitation(1, BORIS, CHEN)).commitments

    assert step.known is not None
    assert step.known.uid == "a-uid"
    assert [row.key for row in step.rows] == [person_key(BORIS), person_key(CHEN)]
    assert [each.recipient.name for each in step.deliveries] == ["Boris Petit", "Chen Li"]
    assert (step.entry, step.event, step.conference) == (
        "7-0",
        step.notices[0].event,
        "df0a2adebe",
    )
    assert (step.bump, step.final, step.etag) == (True, True, "0")


def test_an_event_about_no_conference_touches_none() -> None:
    [step] = hear(missed(), msgspec.structs.replace(NOTHING, etag="x")).commitments

    assert (step.conference, step.etag, step.known) == ("", None, None)
    assert not step.bump
    assert not step.reindex
    assert [each.recipient.key for each in step.deliveries] == [BORIS.id]


def test_what_changes_nothing_is_still_counted_as_heard() -> None:
    remembered = known_after(invitation(2, BORIS))

    [step] = hear(update(1, name="Old"), remembered).commitments

    assert (step.known, step.rows, step.deliveries) == (None, (), ())
    assert (step.bump, step.reindex, step.final) == (False, False, True)
    assert step.etag == remembered.etag


def test_a_notice_to_everybody_is_written_without_its_people() -> None:
    moved = cast.schedule(start=START.replace(day=30, tzinfo=None))

    heard = hear(reschedule(2, schedule=moved), known_after(invitation(1, BORIS)))

    [step] = heard.commitments
    assert [each.everyone for each in step.notices] == [True]
    assert step.deliveries == ()
    assert heard.deliveries == 0


def test_r27_whoever_is_left_out_is_written_with_the_reason() -> None:
    [step] = hear(removal(1, BORIS)).commitments

    assert [(each.state, each.reason) for each in step.deliveries] == [
        (State.SKIPPED, "not_on_list")
    ]


# ---- reminders -----------------------------------------------------------------------------


def test_a_plan_is_indexed_with_its_next_reminder() -> None:
    [step] = hear(invitation(1, BORIS), settings=REMINDING).commitments

    assert (step.reindex, step.due) == (True, START - timedelta(days=1))


@pytest.mark.parametrize(
    "event", [cancellation(2), end(2), update(2, launch="virtual_room")], ids=lambda each: each.type
)
def test_r16_what_is_over_leaves_the_index(event: Event) -> None:
    [step] = hear(event, known_after(invitation(1, BORIS)), REMINDING).commitments

    assert (step.reindex, step.due) == (True, None)


@pytest.mark.parametrize(
    "event",
    [invitation(2, CHEN), removal(2, BORIS), update(2, name="New")],
    ids=lambda each: each.type,
)
def test_p5_a_reminder_that_is_due_is_not_lost_to_an_event_in_between(event: Event) -> None:
    just_due = START - timedelta(days=1) + timedelta(seconds=1)

    [step] = hear(event, known_after(invitation(1, BORIS)), REMINDING, now=just_due).commitments

    assert not step.reindex


DAILY = cast.schedule(recurrence="FREQ=DAILY")
# Of a series whose next reminder has just been due: another start is moved, this one is moved, a
# second offset comes, this offset goes, the whole is called off, the series is the same.
SATURDAY = Moved(
    original=DAILY.start + timedelta(days=1), start=DAILY.start + timedelta(days=1.1), duration=60
)
FRIDAY = Moved(original=DAILY.start, start=DAILY.start + timedelta(hours=1), duration=60)
OTHERWISE: dict[str, Any] = {"schedule": DAILY, "notifications": {"reminders": ["2h"]}}


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        (update(2, schedule=cast.schedule(recurrence="FREQ=DAILY", moved=(SATURDAY,))), [START]),
        (update(2, schedule=cast.schedule(recurrence="FREQ=DAILY;COUNT=3")), [START]),
        (update(2, **OTHERWISE | {"notifications": {"reminders": ["1d", "2h"]}}), [START]),
        (update(2, schedule=cast.schedule(recurrence="FREQ=DAILY", moved=(FRIDAY,))), []),
        (update(2, **OTHERWISE), []),
        (cancellation(2, schedule=DAILY), []),
        (update(2, schedule=DAILY), []),
    ],
)
def test_r16_a_reminder_that_is_due_is_not_lost_to_a_change_of_other_starts(
    event: Event, starts: list[datetime]
) -> None:
    just_due = START - timedelta(days=1) + timedelta(seconds=1)
    planned = known_after(invitation(1, BORIS, schedule=DAILY))

    [step] = hear(event, planned, REMINDING, now=just_due).commitments

    reminders = [each for each in step.notices if each.kind is Kind.REMINDER]
    assert [each.occurrence and each.occurrence.start for each in reminders] == starts


def test_r16_a_change_finds_what_was_missed_meanwhile_and_the_next_one_nothing() -> None:
    moved = update(2, schedule=cast.schedule(recurrence="FREQ=DAILY;COUNT=3"))
    again = update(3, schedule=cast.schedule(recurrence="FREQ=DAILY;COUNT=4"))
    planned, now = known_after(invitation(1, BORIS, schedule=DAILY)), START + timedelta(hours=1)

    first = hear(moved, planned, REMINDING, now=now)
    second = hear(again, after(planned, first), REMINDING, now=now)

    assert [each.skip for each in first.commitments[0].notices] == [Reason.STARTED, None]
    assert second.commitments[0].notices == ()


# ---- slices --------------------------------------------------------------------------------


def test_a_crowd_is_written_in_slices_and_nobody_twice() -> None:
    steps = hear(invitation(1, *CROWD)).commitments

    assert [len(step.rows) for step in steps] == [SLICE, SLICE, 1]
    assert [row.key for step in steps for row in step.rows] == [each.id for each in CROWD]
    assert [each.recipient.key for step in steps for each in step.deliveries] == [
        each.id for each in CROWD
    ]


def test_only_the_first_slice_writes_the_conference_and_only_the_last_ends_the_event() -> None:
    remembered = msgspec.structs.replace(NOTHING, etag="x")

    steps = hear(invitation(1, *CROWD), remembered).commitments

    assert [step.known is not None for step in steps] == [True, False, False]
    assert [len(step.notices) for step in steps] == [1, 0, 0]
    assert [step.bump for step in steps] == [True, False, False]
    assert [step.reindex for step in steps] == [True, False, False]
    assert [step.final for step in steps] == [False, False, True]
    assert [step.etag for step in steps] == ["x", "a-uid.0", "a-uid.1"]
    assert [step.next_etag for step in steps] == ["a-uid.0", "a-uid.1", "a-uid.2"]


@pytest.mark.parametrize(
    ("people", "steps"), [(0, 1), (1, 1), (SLICE, 1), (SLICE + 1, 2), (2 * SLICE, 2)]
)
def test_there_are_as_many_slices_as_it_takes(people: int, steps: int) -> None:
    event = invitation(1, *CROWD[:people])

    assert len(hear(event).commitments) == steps


@pytest.mark.parametrize(
    ("sizes", "trips"),
    [
        ([], []),
        ([1, 1, 1], [3]),
        # The first slice by itself, so that its mails leave; then four at a time.
        ([SLICE] * 6, [1, 4, 1]),
        ([SLICE, 1, 1], [1, 2]),
        ([1, SLICE], [1, 1]),
        ([0] * (SLICE + 1), [SLICE, 1]),
    ],
)
def test_steps_are_written_a_slice_first_and_then_some_together(
    sizes: list[int], trips: list[int]
) -> None:
    row = hear(invitation(1, BORIS)).commitments[0].rows[0]
    steps = [Commitment(rows=(row,) * size) for size in sizes]

    found = list(in_trips(steps))

    assert [len(trip) for trip in found] == trips
    assert [step for trip in found for step in trip] == steps


def test_people_who_are_only_left_out_are_sliced_too() -> None:
    steps = hear(removal(1, *CROWD)).commitments

    assert sum(len(step.deliveries) for step in steps) == len(CROWD)
    assert max(len(step.deliveries) for step in steps) == SLICE


def test_what_has_nobody_is_one_step() -> None:
    assert sliced(Commitment(event="e")) == [Commitment(event="e", next_etag=".0")]


def test_p7_after_a_crash_between_two_slices_the_same_is_written_again() -> None:
    event = invitation(1, *CROWD)
    first = hear(event)
    written = first.commitments[0]
    halfway = Remembered(
        known=written.known, members={row.key: row for row in written.rows}, etag="a-uid.0"
    )

    again = hear(event, halfway)

    ids = [
        [each.id for step in heard.commitments for each in step.deliveries]
        for heard in (first, again)
    ]
    assert ids[0] == ids[1]
    assert [row for step in again.commitments for row in step.rows] == [
        row for step in first.commitments for row in step.rows
    ]
    assert [each.id for each in again.commitments[0].notices] == [written.notices[0].id]


# ---- the next one of a batch ---------------------------------------------------------------


def test_the_next_event_sees_what_the_one_before_leaves() -> None:
    first = hear(invitation(1, BORIS))
    remembered = after(NOTHING, first)

    second = hear(removal(2, BORIS), remembered)

    assert second.change.verdict is Verdict.REMOVED
    assert [member.person for member in second.change.concerned] == [BORIS]


def test_the_next_event_is_written_upon_the_last_step_of_the_one_before() -> None:
    remembered = after(NOTHING, hear(invitation(1, *CROWD)))

    assert remembered.etag == "a-uid.2"


def test_people_of_earlier_events_stay_remembered() -> None:
    remembered = known_after(invitation(1, BORIS), invitation(2, CHEN))

    assert set(remembered.members) == {person_key(BORIS), person_key(CHEN)}


def test_what_is_about_no_conference_leaves_everything_as_it_was() -> None:
    remembered = known_after(invitation(1, BORIS))

    assert after(remembered, hear(missed(), remembered)) is remembered


def test_an_event_in_vain_leaves_the_conference_as_it_was() -> None:
    remembered = known_after(invitation(1, BORIS), cancellation(2))

    later = after(remembered, hear(invitation(1, ANNA), remembered))

    assert later.known == remembered.known
    assert isinstance(later.known, Known)
    assert later.etag == "a-uid.0"


def test_a_move_that_is_switched_off_was_told_to_nobody() -> None:
    before = known_after(invitation(1, BORIS))
    later = reschedule(2, schedule=cast.schedule(time_zone="America/New_York"))

    silent = hear(later, before, settings=settings(notifications={"reschedules": False}))
    told = hear(later, before)

    assert silent.change.after is not None
    assert silent.change.after.told_revision == 1
    assert told.change.after is not None
    assert told.change.after.told_revision == 2


def test_a_registration_that_is_switched_off_told_its_person_no_new_times() -> None:
    before = known_after(invitation(1, BORIS))
    later = registration(2, BORIS, schedule=cast.schedule(time_zone="America/New_York"))

    [silent] = hear(
        later, before, settings=settings(notifications={"registrations": False})
    ).change.rows
    [told] = hear(later, before).change.rows

    assert (silent.told, told.told) == (1, 2)


def test_letters_at_the_fence_look_again_at_a_list_whose_rows_changed() -> None:
    before = known_after(invitation(1, BORIS), cancellation(3))

    [late] = hear(removal(2, BORIS), before).commitments
    [known] = hear(invitation(1, ANNA), known_after(invitation(1, BORIS))).commitments

    assert late.known is None
    assert late.bump
    assert not known.bump
