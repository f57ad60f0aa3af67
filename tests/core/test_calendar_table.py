"""Claims about entries over the life of a conference: calendar.md §1.1 to §1.3, row by row.

Each goes the whole way from events to the letter. A name begins with the section of its claim.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from notifier.core.events import Choices, Event
from notifier.core.notice import Kind
from notifier.core.people import Person
from notifier.core.restating import as_told
from notifier.core.times.schedule import Moved
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, NOW
from tests.core.calendars import OURS, Play, invited, mail
from tests.core.story import (
    Story,
    cancellation,
    end,
    invitation,
    registration,
    removal,
    reschedule,
    update,
)

LINK = f"https://{cast.HOME}/c/df0a2adebe"
PERSONAL = f"{LINK}?p=5Yq0"
SIGNED_UP = msgspec.structs.replace(CHEN, unique_link=PERSONAL)
LATER = cast.schedule(start=datetime(2026, 11, 30, 16))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218T140000Z")
ROOM = {"launch": "virtual_room"}
AFTERWARDS = datetime(2026, 11, 28, 10, tzinfo=UTC)


# ---- §1.1 identity and counters ------------------------------------------------------------


def test_1_1_the_uid_is_the_same_for_all_and_is_not_the_id_of_the_conference() -> None:
    play = invited()

    [[one], [other]] = [play.identities(BORIS), play.identities(CHEN)]
    assert one == other == ("REQUEST", "a-uid-1", 0)
    assert "df0a2adebe" not in play.last().line("UID")


def test_1_1_an_entry_starts_in_generation_1_with_sequence_0_written() -> None:
    assert invited().last().line("SEQUENCE") == ":0"


COUNTED: dict[str, dict[str, Any]] = {
    "DTSTART": {"schedule": LATER},
    "duration": {"schedule": cast.schedule(duration=5400)},
    "RRULE": {"schedule": WEEKLY},
    "time zone": {"schedule": cast.schedule(time_zone="Europe/Berlin")},
    "ORGANIZER": {"owner": DANA},
}
UNCOUNTED: dict[str, dict[str, Any]] = {
    "name": {"name": "Annual review"},
    "description": {"description": "Other numbers."},
    "link": {"url": "https://elsewhere.example.com/x"},
    "access": {"access": "public"},
    "reminders": {"notifications": Choices(reminders=("5m",))},
    "owner's phone": {"owner": msgspec.structs.replace(ANNA, mobile_phone="+33 7")},
}
TOLD_BY: dict[str, Callable[..., Event]] = {"reschedule": reschedule, "update": update}


@pytest.mark.parametrize("teller", TOLD_BY.values(), ids=TOLD_BY)
@pytest.mark.parametrize("changes", COUNTED.values(), ids=COUNTED)
def test_1_1_sequence_counts_what_a_calendar_must_replace(
    teller: Callable[..., Event], changes: dict[str, Any]
) -> None:
    play = invited(teller(2, **changes), invitation(3, DANA, **changes))

    assert play.last(DANA).identity == ("REQUEST", "a-uid-1", 1)


@pytest.mark.parametrize("teller", TOLD_BY.values(), ids=TOLD_BY)
@pytest.mark.parametrize("changes", UNCOUNTED.values(), ids=UNCOUNTED)
def test_1_1_sequence_counts_no_edit_of_words_and_links(
    teller: Callable[..., Event], changes: dict[str, Any]
) -> None:
    play = invited(teller(2, **changes), invitation(3, DANA, **changes))

    assert play.last(DANA).identity == ("REQUEST", "a-uid-1", 0)


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(WEEKLY, exceptions=(datetime(2026, 12, 4, 15),)),
        msgspec.structs.replace(WEEKLY, recurrence="FREQ=WEEKLY;UNTIL=20261211T140000Z"),
        msgspec.structs.replace(
            WEEKLY,
            moved=(
                Moved(
                    original=datetime(2026, 12, 4, 15),
                    start=datetime(2026, 12, 3, 9),
                    duration=1800,
                ),
            ),
        ),
    ],
    ids=["EXDATE", "RRULE", "an override"],
)
def test_1_1_sequence_counts_every_change_of_a_series(changed: Any) -> None:
    play = invited(reschedule(2, schedule=changed), schedule=WEEKLY)

    assert play.identities() == [("REQUEST", "a-uid-1", 0), ("REQUEST", "a-uid-1", 1)]


def test_1_1_a_cancellation_is_counted() -> None:
    assert invited(cancellation(2)).identities()[-1] == ("CANCEL", "a-uid-1", 1)


def test_1_1_every_cancel_is_counted_also_that_of_a_removal() -> None:
    assert invited(removal(2, BORIS)).identities()[-1] == ("CANCEL", "a-uid-1", 1)


def test_1_1_sequence_rises_for_each_person_and_another_one_s_removal_does_no_harm() -> None:
    play = invited(
        removal(2, BORIS),
        invitation(3, BORIS),
        removal(4, BORIS),
        invitation(5, BORIS),
        reschedule(6, schedule=LATER),
        cancellation(7, schedule=LATER),
    )

    assert [sequence for _, _, sequence in play.identities(BORIS)] == [0, 1, 2, 3, 4, 5, 6]
    assert play.identities(CHEN) == [
        ("REQUEST", "a-uid-1", 0),
        ("REQUEST", "a-uid-1", 5),
        ("CANCEL", "a-uid-1", 6),
    ]


@pytest.mark.parametrize(
    ("events", "generation"),
    [
        pytest.param([reschedule(2, schedule=LATER)], 1, id="moved"),
        pytest.param([update(2, schedule=WEEKLY)], 1, id="turned weekly"),
        pytest.param([removal(2, BORIS), invitation(3, BORIS)], 1, id="re-added"),
        pytest.param([cancellation(2)], 1, id="cancelled"),
        pytest.param([cancellation(2, **ROOM)], 1, id="became a room"),
        pytest.param([cancellation(2), invitation(3, BORIS)], 2, id="made anew"),
        pytest.param([cancellation(2), reschedule(3)], 2, id="taken up again"),
        pytest.param([cancellation(2, **ROOM), reschedule(3)], 2, id="room to plan"),
        pytest.param([end(2), reschedule(3, schedule=LATER)], 2, id="relaunched"),
    ],
)
def test_1_1_a_generation_begins_where_what_was_over_is_planned_again(
    events: list[Event], generation: int
) -> None:
    assert invited(*events).story.known.generation == generation


def test_1_1_dtstamp_is_frozen_at_creation_so_that_a_retry_is_the_same_to_the_byte() -> None:
    play = invited()
    notice, delivery = next(iter(play.story.deliveries.values()))

    first = mail(notice, delivery, OURS, now=NOW)
    second = mail(notice, delivery, OURS, now=NOW + timedelta(hours=7))

    assert first.raw == second.raw
    assert first.line("DTSTAMP") == ":20261123T093000Z"


def test_1_1_a_later_message_has_a_newer_dtstamp_also_at_the_same_sequence() -> None:
    play = invited().hear(update(2, name="Annual review"))
    signed_up = registration(3, SIGNED_UP, name="Annual review")
    play.hear(signed_up, now=NOW + timedelta(hours=1))

    before, after = play.mails(CHEN)
    assert (before.line("SEQUENCE"), after.line("SEQUENCE")) == (":0", ":0")
    assert (before.line("DTSTAMP"), after.line("DTSTAMP")) == (
        ":20261123T093000Z",
        ":20261123T103000Z",
    )


def test_1_1_created_stays_and_last_modified_follows() -> None:
    play = invited().hear(reschedule(2, schedule=LATER), now=NOW + timedelta(hours=1))

    moved = play.last()
    assert moved.line("CREATED") == ":20261123T093000Z"
    assert moved.line("LAST-MODIFIED") == ":20261123T103000Z"


# ---- §1.2 common properties ----------------------------------------------------------------


def test_1_2_the_calendar_names_its_maker_version_scale_and_method_and_nothing_else() -> None:
    calendar = invited().last().calendar

    assert calendar is not None
    assert {each.name: each.value for each in calendar.properties} == {
        "PRODID": "-//Notifier//Notifier 0.1//EN",
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "METHOD": "REQUEST",
    }


def test_1_2_the_sending_mailbox_organizes_in_the_name_of_the_owner() -> None:
    assert invited().last().line("ORGANIZER") == (
        ';CN="Anna Keller (Example Conferences)":mailto:conf@example.com'
    )


def test_1_2_an_owner_without_a_name_does_not_show_an_address() -> None:
    nameless = Person(email="anna@example.com")

    entry = invited(owner=nameless).last()

    assert entry.line("ORGANIZER") == ';CN="Example Conferences":mailto:conf@example.com'
    assert b"anna@" not in (entry.draft.calendar or b"")


def test_1_2_the_recipient_alone_attends_at_the_address_that_the_mail_goes_to() -> None:
    entry = invited().last(CHEN)

    [attendee] = entry.event.all("ATTENDEE")
    assert attendee.value == "mailto:chen@example.cn"
    assert attendee.params == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "FALSE",
        "CN": '"Chen Li"',
    }
    assert b"boris" not in entry.raw.lower()


def test_1_2_the_summary_is_the_name_alone() -> None:
    assert invited().last().line("SUMMARY") == ":Quarterly review"


def test_1_2_the_description_opens_with_the_link_and_names_whom_to_ask_without_an_address() -> None:
    said = invited().last().line("DESCRIPTION")

    assert said == (
        f":{LINK}\\n\\nNumbers of the third quarter.\\n\\nAnna Keller\\, +33 6 12 34 56 78"
    )


def test_1_2_the_link_stands_wherever_a_calendar_looks() -> None:
    entry = invited().last()

    assert entry.line("LOCATION") == f":{LINK}"
    assert entry.line("URL") == f":{LINK}"
    assert entry.event.all("CONFERENCE")[0].value == LINK
    assert entry.event.all("CONFERENCE")[0].params["FEATURE"] == "AUDIO,VIDEO"


def test_1_2_an_entry_is_confirmed_opaque_public_and_takes_no_counter_proposal() -> None:
    entry = invited().last()

    assert [entry.line(name) for name in ("STATUS", "TRANSP", "CLASS")] == [
        ":CONFIRMED",
        ":OPAQUE",
        ":PUBLIC",
    ]
    assert entry.line("X-MICROSOFT-DISALLOW-COUNTER") == ":TRUE"


# ---- §1.2 and §1.3 switches ----------------------------------------------------------------


def test_organizer_owner_is_the_owner_with_the_sender_quoted_in_sent_by() -> None:
    play = Play(invitation(1, BORIS), organizer="owner")

    assert play.last().line("ORGANIZER") == (
        ';CN="Anna Keller (Example Conferences)";SENT-BY="mailto:conf@example.com"'
        ":mailto:anna@example.com"
    )


@pytest.mark.parametrize("email", [None, "", "not an address", "a@b, c@d"])
def test_organizer_owner_falls_back_to_the_sender_without_a_usable_address(
    email: str | None,
) -> None:
    owner = msgspec.structs.replace(ANNA, email=email)
    play = Play(invitation(1, BORIS, owner=owner), organizer="owner")

    assert play.last().line("ORGANIZER") == (
        ';CN="Anna Keller (Example Conferences)":mailto:conf@example.com'
    )


def test_organizer_owner_takes_the_address_of_the_directory_where_the_profile_has_none() -> None:
    owner = msgspec.structs.replace(ANNA, email=None, directory_email="anna@corp.example.com")
    play = Play(invitation(1, BORIS, owner=owner), organizer="owner")

    assert play.last().line("ORGANIZER").endswith(":mailto:anna@corp.example.com")


def test_organizer_owner_is_not_told_to_the_owners_whose_calendars_would_swallow_it() -> None:
    play = Play(invitation(1, ANNA), organizer="owner")

    assert play.last(ANNA).line("ORGANIZER").endswith(":mailto:conf@example.com")


def test_organizer_owner_counts_another_address_of_the_owner() -> None:
    moved = msgspec.structs.replace(ANNA, email="anna@example.org")
    play = Play(
        invitation(1, BORIS), update(2, owner=moved), invitation(3, CHEN, owner=moved),
        organizer="owner",
    )  # fmt: skip

    assert play.last(CHEN).identity == ("REQUEST", "a-uid-1", 1)


@pytest.mark.parametrize(("minutes", "triggers"), [(15, ["-PT15M"]), (1440, ["-PT1440M"]), (0, [])])
def test_alarm_minutes_ring_once_or_not_at_all(minutes: int, triggers: list[str]) -> None:
    play = Play(invitation(1, BORIS), alarm_minutes=minutes)

    alarms = play.last().event.parts("VALARM")

    assert [each.value("TRIGGER") for each in alarms] == triggers


def test_an_alarm_is_fifteen_minutes_ahead_unless_somebody_says_otherwise() -> None:
    [alarm] = invited().last().event.parts("VALARM")

    assert (alarm.value("ACTION"), alarm.value("TRIGGER")) == ("DISPLAY", "-PT15M")


def test_cancelled_in_removals_says_so() -> None:
    play = Play(invitation(1, BORIS), removal(2, BORIS), cancelled_in_removals=True)

    assert play.last().line("STATUS") == ":CANCELLED"


def test_attach_ics_gives_the_same_bytes_once_more_as_a_file() -> None:
    attached = Play(invitation(1, BORIS)).last()
    alone = Play(invitation(1, BORIS), attach_ics=False).last()

    assert (attached.draft.attached, alone.draft.attached) == (True, False)
    assert attached.raw.count(b"Content-Type: application/ics") == 1
    assert b"application/ics" not in alone.raw


def test_entry_link_generic_keeps_the_personal_one_out_of_the_entry_and_in_the_mail() -> None:
    play = Play(registration(1, SIGNED_UP), entry_link="generic")

    entry = play.last(CHEN)

    assert [entry.line(name) for name in ("URL", "LOCATION")] == [f":{LINK}"] * 2
    assert PERSONAL.encode() not in (entry.draft.calendar or b"")
    assert PERSONAL in entry.draft.text


# ---- §1.3 the table ------------------------------------------------------------------------


def test_1_3_a_new_participant_is_asked_to_a_one_off_in_utc() -> None:
    entry = invited().last()

    assert (entry.kind, entry.identity) == ("invitation", ("REQUEST", "a-uid-1", 0))
    assert entry.line("DTSTART") == ":20261127T140000Z"
    assert entry.line("DTEND") == ":20261127T150000Z"
    assert len(entry.event.parts("VALARM")) == 1
    assert entry.calendar is not None
    assert entry.calendar.parts("VTIMEZONE") == []


def test_1_3_a_series_stands_in_its_own_zone_with_its_rule() -> None:
    entry = invited(schedule=WEEKLY).last()

    assert entry.identity == ("REQUEST", "a-uid-1", 0)
    assert entry.line("DTSTART") == ";TZID=Europe/Paris:20261127T150000"
    assert entry.line("DTEND") == ";TZID=Europe/Paris:20261127T160000"
    assert entry.line("RRULE") == ":FREQ=WEEKLY;UNTIL=20261218T140000Z;BYDAY=FR"
    assert entry.event.first("RDATE") is None
    assert entry.calendar is not None
    assert [each.value("TZID") for each in entry.calendar.parts("VTIMEZONE")] == ["Europe/Paris"]


def test_1_3_a_series_starts_at_the_first_occurrence_that_is_not_before_now() -> None:
    long_since = msgspec.structs.replace(WEEKLY, start=datetime(2026, 9, 4, 15))

    entry = invited(schedule=long_since).last()

    # The 4th of September is in summer time, and its entry would have been three months old.
    assert entry.line("DTSTART") == ";TZID=Europe/Paris:20261127T150000"


def test_1_3_a_virtual_room_brings_no_entry() -> None:
    entry = invited(**ROOM).last()

    assert (entry.kind, entry.calendar) == ("invitation", None)
    assert b"text/calendar" not in entry.raw


def test_1_3_reschedule_goes_to_every_current_participant() -> None:
    play = invited(reschedule(2, schedule=LATER))

    for person in (BORIS, CHEN):
        entry = play.last(person)
        assert (entry.kind, entry.identity) == ("reschedule", ("REQUEST", "a-uid-1", 1))
        assert entry.line("DTSTART") == ":20261130T150000Z"


def test_1_3_a_one_off_becomes_a_series_and_back_in_one_entry() -> None:
    play = invited(reschedule(2, schedule=WEEKLY), reschedule(3))

    _, weekly, once = play.mails()
    assert (weekly.kind, weekly.identity) == ("reschedule", ("REQUEST", "a-uid-1", 1))
    assert weekly.line("RRULE") == ":FREQ=WEEKLY;UNTIL=20261218T140000Z;BYDAY=FR"
    assert (once.kind, once.identity) == ("reschedule", ("REQUEST", "a-uid-1", 2))
    assert once.event.first("RRULE") is None
    assert once.line("DTSTART") == ":20261127T140000Z"


def test_1_3_a_series_that_becomes_a_virtual_room_is_cancelled_as_a_whole() -> None:
    entry = invited(cancellation(2, **ROOM), schedule=WEEKLY).last()

    assert (entry.kind, entry.identity) == ("cancellation", ("CANCEL", "a-uid-1", 1))
    assert entry.line("DTSTART") == ":20261127T140000Z"
    assert entry.line("DTEND") == ":20261127T150000Z"
    assert (entry.line("STATUS"), entry.line("TRANSP")) == (":CANCELLED", ":TRANSPARENT")
    assert entry.event.parts("VALARM") == []
    assert entry.event.first("RECURRENCE-ID") is None


def test_1_3_what_is_deleted_before_its_start_is_cancelled() -> None:
    entry = invited(cancellation(2)).last()

    assert (entry.kind, entry.identity) == ("cancellation", ("CANCEL", "a-uid-1", 1))
    assert (entry.line("STATUS"), entry.line("TRANSP")) == (":CANCELLED", ":TRANSPARENT")
    assert entry.line("DTSTART") == ":20261127T140000Z"


def test_1_3_a_series_that_is_deleted_while_it_runs_is_cancelled() -> None:
    play = invited(schedule=WEEKLY)
    play.hear(cancellation(2, schedule=WEEKLY, said_at=AFTERWARDS), now=AFTERWARDS)

    assert play.last().identity == ("CANCEL", "a-uid-1", 1)


def test_1_3_a_virtual_room_that_is_planned_again_begins_another_entry() -> None:
    play = invited(cancellation(2, **ROOM), reschedule(3, schedule=LATER))

    entry = play.last()
    assert (entry.kind, entry.identity) == ("invitation", ("REQUEST", "a-uid-2", 0))


def test_1_3_a_room_from_the_first_that_is_planned_begins_generation_2() -> None:
    play = invited(reschedule(2, schedule=LATER), **ROOM)

    entry = play.last()
    assert (entry.kind, entry.identity) == ("invitation", ("REQUEST", "a-uid-2", 0))


def test_1_3_a_removal_takes_back_the_entry_of_one_person_alone() -> None:
    play = invited(removal(2, BORIS))

    entry = play.last(BORIS)
    assert (entry.kind, entry.identity) == ("removal", ("CANCEL", "a-uid-1", 1))
    assert [each.value for each in entry.event.all("ATTENDEE")] == ["mailto:boris@example.org"]
    assert entry.line("DTSTART") == ":20261127T140000Z"
    assert entry.event.first("STATUS") is None
    assert len(play.mails(CHEN)) == 1


@pytest.mark.parametrize(
    ("events", "why"),
    [
        pytest.param([removal(2, BORIS, **ROOM)], "a room has no entry", id="from a room"),
        pytest.param(
            [update(2), removal(3, BORIS)], "it was planned in silence", id="planned in silence"
        ),
    ],
)
def test_1_3_a_removal_takes_nothing_back_from_who_never_got_a_request(
    events: list[Event], why: str
) -> None:
    entry = invited(*events, **ROOM).last()

    assert (entry.kind, entry.calendar) == ("removal", None), why


NEVER_ASKED = {"notifications": Choices(invitations=False)}


@pytest.mark.parametrize("kind", ["removal", "cancellation"])
def test_1_3_whoever_was_invited_by_somebody_else_is_taken_off_without_an_entry(kind: str) -> None:
    gone = removal(2, BORIS, **NEVER_ASKED) if kind == "removal" else cancellation(2, **NEVER_ASKED)

    entry = invited(gone, **NEVER_ASKED).last()

    assert (entry.kind, entry.calendar) == (kind, None)


@pytest.mark.parametrize("kind", ["removal", "cancellation"])
def test_1_3_whoever_was_asked_by_a_move_has_an_entry_to_take_back(kind: str) -> None:
    moved = {"schedule": LATER, **NEVER_ASKED}
    gone = removal(3, BORIS, **moved) if kind == "removal" else cancellation(3, **moved)

    play = invited(reschedule(2, **moved), gone, **NEVER_ASKED)

    assert play.identities() == [("REQUEST", "a-uid-1", 1), ("CANCEL", "a-uid-1", 2)]


def test_1_3_a_plan_made_in_silence_is_cancelled_without_an_entry_but_for_who_came_since() -> None:
    play = invited(update(2), invitation(3, DANA), cancellation(4), **ROOM)

    assert (play.last(BORIS).kind, play.last(BORIS).calendar) == ("cancellation", None)
    assert play.identities(DANA) == [("REQUEST", "a-uid-2", 0), ("CANCEL", "a-uid-2", 1)]


def test_1_3_an_entry_that_came_before_a_switch_was_turned_off_is_taken_back() -> None:
    quiet = {"access": "public", **NEVER_ASKED}
    play = invited(invitation(2, BORIS, **quiet), removal(3, BORIS, **quiet))

    assert play.identities() == [("REQUEST", "a-uid-1", 0), ("CANCEL", "a-uid-1", 1)]


def test_1_3_whoever_is_added_again_gets_the_same_entry_with_a_higher_sequence() -> None:
    play = invited(removal(2, BORIS), invitation(3, BORIS))

    entry = play.last()
    assert (entry.kind, entry.identity) == ("invitation", ("REQUEST", "a-uid-1", 2))


def test_1_3_an_ended_one_off_that_is_planned_anew_begins_another_entry() -> None:
    play = invited().hear(reschedule(2, schedule=LATER, said_at=AFTERWARDS), now=AFTERWARDS)

    entry = play.last()
    assert (entry.kind, entry.identity) == ("invitation", ("REQUEST", "a-uid-2", 0))
    assert entry.line("DTSTART") == ":20261130T150000Z"


def test_1_3_a_registration_is_accepted_private_and_has_the_personal_link() -> None:
    play = Play(invitation(1, CHEN), registration(2, SIGNED_UP))

    before, entry = play.mails(CHEN)
    assert (entry.kind, entry.identity) == ("registration", ("REQUEST", "a-uid-1", 0))
    assert entry.line("UID") == before.line("UID")
    [attendee] = entry.event.all("ATTENDEE")
    assert (attendee.params["PARTSTAT"], attendee.params["RSVP"]) == ("ACCEPTED", "FALSE")
    assert entry.line("CLASS") == ":PRIVATE"
    assert [entry.line(name) for name in ("URL", "LOCATION")] == [f":{PERSONAL}"] * 2


def test_1_3_a_move_leaves_a_registration_accepted_and_private() -> None:
    play = Play(registration(1, SIGNED_UP), reschedule(2, schedule=LATER))

    entry = play.last(CHEN)
    assert (entry.kind, entry.identity) == ("reschedule", ("REQUEST", "a-uid-1", 1))
    assert entry.event.all("ATTENDEE")[0].params["PARTSTAT"] == "ACCEPTED"
    assert (entry.line("CLASS"), entry.line("URL")) == (":PRIVATE", f":{PERSONAL}")


def test_1_3_a_guest_by_e_mail_only_attends_at_that_address() -> None:
    entry = invited().last(CHEN)

    assert entry.identity == ("REQUEST", "a-uid-1", 0)
    assert entry.event.all("ATTENDEE")[0].value == "mailto:chen@example.cn"


def test_1_3_another_owner_is_counted_and_told_by_the_next_letter() -> None:
    play = invited(update(2, owner=DANA))
    assert len(play.mails()) == 1

    play.hear(removal(3, BORIS, owner=DANA))

    entry = play.last()
    assert entry.identity == ("CANCEL", "a-uid-1", 2)  # one for the owner, one for the CANCEL
    assert entry.line("ORGANIZER") == (
        ';CN="Dana Fox (Example Conferences)":mailto:conf@example.com'
    )


def test_1_3_another_duration_alone_is_counted_and_told_by_the_next_letter() -> None:
    longer = cast.schedule(duration=5400)
    play = invited(reschedule(2, schedule=longer))
    assert len(play.mails()) == 1

    play.hear(
        registration(3, msgspec.structs.replace(BORIS, unique_link=PERSONAL), schedule=longer)
    )

    entry = play.last()
    assert entry.identity == ("REQUEST", "a-uid-1", 1)
    assert entry.line("DTEND") == ":20261127T153000Z"


def test_1_3_a_letter_that_waited_tells_the_owner_and_the_length_of_now() -> None:
    play = invited(update(2, owner=DANA, schedule=cast.schedule(duration=5400)))
    notice, delivery = next(iter(play.story.deliveries.values()))

    entry = mail(as_told(notice, delivery, play.story.known), delivery, play.settings)

    assert entry.identity == ("REQUEST", "a-uid-1", 1)
    assert entry.line("DTEND") == ":20261127T153000Z"
    assert entry.line("ORGANIZER").startswith(';CN="Dana Fox')


def test_1_3_nothing_is_taken_back_once_the_last_occurrence_is_over() -> None:
    play = invited().hear(removal(2, BORIS, said_at=AFTERWARDS), now=AFTERWARDS)
    play.hear(cancellation(3, said_at=AFTERWARDS), now=AFTERWARDS)

    assert [each.kind for each in play.mails()] == ["invitation"]


# ---- §1.3 exceptions -----------------------------------------------------------------------

FOURTH, ELEVENTH = datetime(2026, 12, 4, 15), datetime(2026, 12, 11, 15)
SKIPPED = msgspec.structs.replace(WEEKLY, exceptions=(FOURTH,))
ONE_MOVED = msgspec.structs.replace(
    WEEKLY, moved=(Moved(original=FOURTH, start=datetime(2026, 12, 3, 9), duration=1800),)
)


def test_1_3_skip_is_an_exdate_of_the_zone_and_type_of_dtstart() -> None:
    entry = invited(reschedule(2, schedule=SKIPPED), schedule=WEEKLY).last()

    assert entry.identity == ("REQUEST", "a-uid-1", 1)
    assert entry.line("DTSTART") == ";TZID=Europe/Paris:20261127T150000"
    assert entry.line("EXDATE") == ";TZID=Europe/Paris:20261204T150000"


def test_1_3_a_skipped_first_occurrence_moves_the_start_of_the_series() -> None:
    first = msgspec.structs.replace(WEEKLY, exceptions=(datetime(2026, 11, 27, 15),))

    entry = invited(reschedule(2, schedule=first), schedule=WEEKLY).last()

    assert entry.line("DTSTART") == ";TZID=Europe/Paris:20261204T150000"
    assert entry.event.first("EXDATE") is None


def test_1_3_move_one_tells_the_whole_series_with_a_recurrence_id() -> None:
    entry = invited(reschedule(2, schedule=ONE_MOVED), schedule=WEEKLY).last()

    master, moved = entry.events
    assert (master.value("UID"), master.value("SEQUENCE")) == (moved.value("UID"), "1")
    assert moved.value("SEQUENCE") == "1"
    assert master.first("RRULE") is not None
    assert moved.first("RRULE") is None
    assert entry.line("RECURRENCE-ID", of=1) == ";TZID=Europe/Paris:20261204T150000"
    assert entry.line("DTSTART", of=1) == ";TZID=Europe/Paris:20261203T090000"
    assert entry.line("DTEND", of=1) == ";TZID=Europe/Paris:20261203T093000"


def test_1_3_what_is_moved_back_is_gone_from_the_whole_that_replaces_the_old_one() -> None:
    play = invited(
        reschedule(2, schedule=ONE_MOVED), reschedule(3, schedule=WEEKLY), schedule=WEEKLY
    )

    entry = play.last()
    assert entry.identity == ("REQUEST", "a-uid-1", 2)
    assert entry.event.first("RECURRENCE-ID") is None
    assert entry.event.first("EXDATE") is None


def test_1_3_drop_a_moved_one_is_an_exdate_and_no_override() -> None:
    dropped = msgspec.structs.replace(ONE_MOVED, exceptions=(FOURTH,))
    play = invited(
        reschedule(2, schedule=ONE_MOVED), reschedule(3, schedule=dropped), schedule=WEEKLY
    )

    entry = play.last()
    assert entry.identity == ("REQUEST", "a-uid-1", 2)
    assert entry.line("EXDATE") == ";TZID=Europe/Paris:20261204T150000"
    assert entry.event.first("RECURRENCE-ID") is None


def test_1_3_nothing_is_ever_told_of_this_and_future() -> None:
    both = msgspec.structs.replace(ONE_MOVED, exceptions=(ELEVENTH,))

    entry = invited(reschedule(2, schedule=both), schedule=WEEKLY).last()

    assert b"RANGE" not in (entry.draft.calendar or b"")
    assert entry.line("EXDATE") == ";TZID=Europe/Paris:20261211T150000"


def test_1_3_a_cancel_of_a_series_names_neither_rule_nor_overrides() -> None:
    entry = invited(cancellation(2, schedule=ONE_MOVED), schedule=ONE_MOVED).last()

    assert entry.identity == ("CANCEL", "a-uid-1", 1)
    names = {each.name for each in entry.event.properties}
    assert not names & {"RRULE", "EXDATE", "RECURRENCE-ID"}


# ---- §1.3 no ICS ---------------------------------------------------------------------------

SILENT: dict[Kind, Event] = {
    Kind.MISSED_CALL: cast.heard(
        "call.missed",
        {
            "caller": ANNA,
            "recipient": BORIS,
            "time": "2026-11-23T09:30:00Z",
            "conference": cast.conference(),
        },
    ),
    Kind.MISSED_CALL_UNREGISTERED: cast.heard(
        "call.missed", {"caller": ANNA, "recipient": CHEN, "time": "2026-11-23T09:30:00Z"}
    ),
    Kind.SERVER_RESTART: cast.heard(
        "server.restart", {"reason": "internal_error", "time": "2026-11-23T09:30:00Z"}
    ),
}


@pytest.mark.parametrize("kind", SILENT)
def test_1_3_missed_call_and_restart_carry_no_ics(kind: Kind) -> None:
    told = msgspec.structs.replace(
        OURS, administrator=msgspec.structs.replace(OURS.administrator, email="admin@example.com")
    )
    story = Story(SILENT[kind], settings=told)
    [(notice, delivery)] = story.deliveries.values()

    found = mail(notice, delivery, told)

    assert (found.kind, found.calendar) == (kind, None)
    assert b"BEGIN:VCALENDAR" not in found.raw


def test_1_3_reminder_carries_no_ics() -> None:
    play = invited()
    notice, delivery = next(iter(play.story.deliveries.values()))

    found = mail(msgspec.structs.replace(notice, kind=Kind.REMINDER), delivery, OURS)

    assert (found.kind, found.calendar) == ("reminder", None)
    assert b"text/calendar" not in found.raw
