"""Writes the calendar entry that goes with a mail (RFC 5545, RFC 5546): one recipient, one event.

A single conference is told in UTC, which is immune to what readers make of zones; a series needs
wall time, so it comes with its zone and its rule. The same entry gives the same bytes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from icalendar import Alarm, Calendar, Component, Event, vCalAddress, vRecur, vUri
from icalendar.prop import vInline

from notifier.core.calendars.telling import (
    LONGEST_SUMMARY,
    UTC_ZONES,
    CalendarEntry,
    first_original,
    regular,
    told,
)
from notifier.core.calendars.vtimezone import vtimezone
from notifier.core.calendars.writing import cut_line, mailto, shown_name
from notifier.core.cleaning import clean_line, clean_prose
from notifier.core.times.schedule import (
    Occurrence,
    Schedule,
    endless,
    holds,
    last_original,
    moved_occurrences,
)
from notifier.core.times.zones import to_local, to_utc


def calendar(entry: CalendarEntry) -> Calendar:
    """The entry as the library builds it: the yardstick."""
    whole = Calendar()
    whole.add("PRODID", clean_line(entry.prodid))
    whole.add("VERSION", "2.0")
    whole.add("CALSCALE", "GREGORIAN")
    whole.add("METHOD", entry.method)
    # A CANCEL is of the whole, so it needs neither rule nor zone: the UID says what ends.
    alone = entry.method == "CANCEL" or entry.schedule.recurrence is None
    for component in [_alone(entry)] if alone else _series(entry):
        whole.add_component(component)
    return whole


def _alone(entry: CalendarEntry) -> Component:
    event = _event(entry)
    _add_times(event, told(entry.schedule, entry.now), zone="UTC")
    return event


def _series(entry: CalendarEntry) -> Iterator[Component]:
    """The zone, the rule from the first occurrence that is told, and the moved occurrences."""
    schedule, first = entry.schedule, first_original(entry.schedule, entry.now)
    if schedule.time_zone not in UTC_ZONES:
        yield vtimezone(schedule.time_zone, first.year)
    master = _event(entry)
    _add_times(master, regular(schedule, first), zone=schedule.time_zone)
    master.add("RRULE", _rule(schedule))
    for exception in sorted(set(schedule.exceptions)):
        if exception >= first and holds(schedule, exception):
            _add_local(master, "EXDATE", exception, schedule.time_zone)
    yield master
    for moved in moved_occurrences(schedule):
        if moved.original >= first:
            yield _moved(entry, moved)


def _moved(entry: CalendarEntry, occurrence: Occurrence) -> Event:
    event = _event(entry)
    _add_local(event, "RECURRENCE-ID", occurrence.original, entry.schedule.time_zone)
    _add_times(event, occurrence, zone=entry.schedule.time_zone)
    return event


def _rule(schedule: Schedule) -> vRecur:
    """The rule with UNTIL at the very last start, in UTC; COUNT would break when DTSTART moves."""
    assert schedule.recurrence is not None
    parts = schedule.recurrence.upper().split(";")
    kept = [part for part in parts if not part.startswith(("COUNT=", "UNTIL="))]
    rule: vRecur = vRecur.from_ical(";".join(kept))
    last = None if endless(schedule) else last_original(schedule)
    if last:
        rule["UNTIL"] = to_utc(last, schedule.time_zone)
    return rule


def _event(entry: CalendarEntry) -> Event:
    """Everything but the times, which is the same for the series and its moved occurrences."""
    event = Event()
    event.add("UID", clean_line(entry.uid))
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", entry.dtstamp.astimezone(UTC))
    event.add("CREATED", entry.created.astimezone(UTC))
    event.add("LAST-MODIFIED", entry.last_modified.astimezone(UTC))
    event.add("ORGANIZER", _organizer(entry))
    event.add("ATTENDEE", _attendee(entry))
    event.add("SUMMARY", cut_line(entry.summary, LONGEST_SUMMARY) or entry.uid)
    event.add("CLASS", entry.classification)
    # Nobody here could answer a counter-proposal.
    event.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")
    _add_place(event, entry)
    _add_state(event, entry)
    return event


def _add_state(event: Event, entry: CalendarEntry) -> None:
    if entry.method == "CANCEL":
        event.add("TRANSP", "TRANSPARENT")
        if entry.status_cancelled:
            event.add("STATUS", "CANCELLED")
        return
    event.add("TRANSP", "OPAQUE")
    event.add("STATUS", "CONFIRMED")
    if entry.alarm_minutes is not None:
        event.add_component(_alarm(entry, entry.alarm_minutes))


def _add_place(event: Event, entry: CalendarEntry) -> None:
    url = clean_line(entry.url)
    description = clean_prose(entry.description)
    location = clean_line(entry.location) or url
    if description:
        event.add("DESCRIPTION", description)
    if location:
        event.add("LOCATION", location)
    if url:
        event.add("URL", url)
        # Thunderbird, Outlook and Apple ignore it, so it is never the only one that says where.
        conference = vUri(url)
        conference.params["VALUE"] = "URI"
        conference.params["FEATURE"] = ["AUDIO", "VIDEO"]
        conference.params["LABEL"] = shown_name(entry.summary) or "Conference"
        event.add("CONFERENCE", conference)


def _alarm(entry: CalendarEntry, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", cut_line(entry.summary, LONGEST_SUMMARY) or entry.uid)
    # In minutes, however many: -P1D would be a day of the calendar, not 24 hours.
    alarm.add("TRIGGER", vInline(f"-PT{minutes}M"), encode=False)
    return alarm


def _organizer(entry: CalendarEntry) -> vCalAddress:
    """The mailbox that sends, as replies, DMARC and later changes need; the owner is its name."""
    organizer = _mailto(entry.organizer_address)
    organizer.params["CN"] = shown_name(entry.organizer_name) or entry.organizer_address
    if entry.sent_by:
        organizer.params["SENT-BY"] = str(_mailto(entry.sent_by))
    return organizer


def _attendee(entry: CalendarEntry) -> vCalAddress:
    """The recipient alone: nobody learns who else is invited."""
    attendee = _mailto(entry.attendee_address)
    attendee.params["CUTYPE"] = "INDIVIDUAL"
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = entry.partstat
    attendee.params["RSVP"] = "FALSE"
    attendee.params["CN"] = shown_name(entry.attendee_name) or entry.attendee_address
    return attendee


def _mailto(address: str) -> vCalAddress:
    return vCalAddress(mailto(clean_line(address)))


def _add_times(event: Event, occurrence: Occurrence, *, zone: str) -> None:
    """DTSTART and DTEND; DURATION where the clock shows the end twice or not at all."""
    if zone in UTC_ZONES:
        event.add("DTSTART", occurrence.start)
        event.add("DTEND", occurrence.end)
        return
    end = to_local(occurrence.end, zone).replace(tzinfo=None)
    _add_local(event, "DTSTART", occurrence.local, zone)
    if to_utc(end, zone) == occurrence.end:
        _add_local(event, "DTEND", end, zone)
    else:
        event.add("DURATION", occurrence.end - occurrence.start)


def _add_local(event: Event, name: str, local: datetime, zone: str) -> None:
    if zone in UTC_ZONES:
        event.add(name, local.replace(tzinfo=UTC))
    else:
        event.add(name, local, parameters={"TZID": zone})
