"""Finds what is wrong with a calendar entry before a reader does: our lint for what mails carry.

No single validator sees all of this: bare LF, a METHOD that is not that of the mail, a local UNTIL,
a VALARM in a CANCEL, EXDATEs of another type, addresses without `mailto:` and several UIDs passed
every one of eight tried.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from notifier.core.calendars.contentlines import Component, Property, line_defects, read
from notifier.core.times.expansion import Expansion
from notifier.core.times.recurrence import Rule, read_rule
from notifier.core.times.zones import known_zone, to_utc

METHODS: Final = ("REQUEST", "CANCEL")
# RFC 5545, 3.6 and 3.6.1: what may stand only once.
ONCE_IN_CALENDAR: Final = ("PRODID", "VERSION", "CALSCALE", "METHOD")
ONCE_IN_EVENT: Final = (
    *("UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "SEQUENCE", "SUMMARY", "DESCRIPTION"),
    *("LOCATION", "URL", "STATUS", "TRANSP", "CLASS", "CREATED", "LAST-MODIFIED", "ORGANIZER"),
    *("RRULE", "RECURRENCE-ID"),
)
# Outlook opens a new calendar for X-WR-CALNAME; UID and NAME of a calendar do as much harm.
UNWANTED: Final = ("X-WR-CALNAME", "NAME", "UID")


def defects(content: bytes, mime_method: str | None = None) -> list[str]:
    """One phrase for each defect; an empty list for a good entry.

    `mime_method` is the `method=` of the mail part; RFC 6047, 2.4 wants both to be the same.
    """
    root, faults = read(content)
    found = [*line_defects(content), *faults]
    calendars = root.parts("VCALENDAR")
    if len(calendars) != 1 or len(root.children) != 1:
        return [*found, "there is not exactly one VCALENDAR"]
    calendar = calendars[0]
    for check in (_of_calendar, _of_events, _of_zones):
        found += check(calendar)
    if mime_method is not None and mime_method != calendar.value("METHOD"):
        found.append(f"METHOD:{calendar.value('METHOD')} in a part with method={mime_method}")
    for event in calendar.parts("VEVENT"):
        for rule in RULES:
            found += rule(event)
        found += _method(event, calendar.value("METHOD"))
    return found


# ---- the calendar --------------------------------------------------------------------------


def _of_calendar(calendar: Component) -> Iterator[str]:
    for name in ONCE_IN_CALENDAR:
        if len(calendar.all(name)) != 1:
            yield f"{name} stands {len(calendar.all(name))} times in the calendar"
    if calendar.value("VERSION") not in {"", "2.0"}:
        yield f"VERSION:{calendar.value('VERSION')}"
    if calendar.value("METHOD") not in METHODS:
        yield f"METHOD:{calendar.value('METHOD')} is none of {', '.join(METHODS)}"
    for name in UNWANTED:
        if calendar.first(name):
            yield f"{name} in the calendar itself"


def _of_events(calendar: Component) -> Iterator[str]:
    events = calendar.parts("VEVENT")
    if not events:
        yield "there is no VEVENT"
    if len({event.value("UID") for event in events}) > 1:
        yield "there are several UIDs"
    if len([event for event in events if not event.first("RECURRENCE-ID")]) > 1:
        yield "there are several events without RECURRENCE-ID"


def _of_zones(calendar: Component) -> Iterator[str]:
    described = [zone.value("TZID") for zone in calendar.parts("VTIMEZONE")]
    used = {
        prop.params["TZID"]
        for event in calendar.parts("VEVENT")
        for prop in event.properties
        if "TZID" in prop.params
    }
    for zone in sorted(used - set(described)):
        yield f"TZID={zone} without its VTIMEZONE"
    for zone in sorted(set(described) - used):
        yield f"a VTIMEZONE for {zone}, which nothing uses"
    if len(described) > len(set(described)):
        yield "a VTIMEZONE stands twice"
    for component in calendar.parts("VTIMEZONE"):
        yield from _of_zone(component, calendar)


def _of_zone(zone: Component, calendar: Component) -> Iterator[str]:
    if not zone.children:
        yield "a VTIMEZONE without STANDARD or DAYLIGHT"
    for part in zone.children:
        if any("," in rdate.value for rdate in part.all("RDATE")):
            yield "an RDATE list in a VTIMEZONE, of which ical.js reads the first value only"
        rdates = {rdate.value for rdate in part.all("RDATE")}
        if rdates and part.value("DTSTART") not in rdates:
            yield "an onset that ical.js forgets, for DTSTART is not among the RDATEs"
        for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"):
            if len(part.all(name)) != 1:
                yield f"{name} stands {len(part.all(name))} times in {part.name}"
    onsets = [part.value("DTSTART") for part in zone.children]
    starts = [event.value("DTSTART") for event in calendar.parts("VEVENT")]
    if onsets and starts and min(onsets) > min(starts):
        yield "the VTIMEZONE begins after the event"


# ---- the event -----------------------------------------------------------------------------


def _identity(event: Component) -> Iterator[str]:
    for name in ("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "SUMMARY"):
        if not event.value(name):
            yield f"{name} is missing"
    for name in ONCE_IN_EVENT:
        if len(event.all(name)) > 1:
            yield f"{name} stands {len(event.all(name))} times"
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        if event.first(name) and not event.value(name).endswith("Z"):
            yield f"{name} is not in UTC"
    if event.value("SEQUENCE") and not event.value("SEQUENCE").isdecimal():
        yield f"SEQUENCE:{event.value('SEQUENCE')} is no number"


def _people(event: Component) -> Iterator[str]:
    for name in ("ORGANIZER", "ATTENDEE"):
        found = event.all(name)
        if len(found) != 1:
            yield f"{name} stands {len(found)} times, not once"
        for person in found:
            if not person.value.lower().startswith("mailto:") or "@" not in person.value:
                yield f"{name} is no mailto: address"
    for organizer in event.all("ORGANIZER"):
        sent_by = organizer.params.get("SENT-BY")
        if sent_by is not None and not sent_by.startswith('"mailto:'):
            yield "SENT-BY is not a quoted mailto: address"


def _method(event: Component, method: str) -> Iterator[str]:
    status = event.value("STATUS")
    if method == "REQUEST" and status == "CANCELLED":
        yield "STATUS:CANCELLED in a REQUEST"
    if method == "CANCEL" and status not in {"", "CANCELLED"}:
        yield f"STATUS:{status} in a CANCEL"
    alarms = event.parts("VALARM")
    if alarms and method == "CANCEL":
        yield "a VALARM in a CANCEL"
    if len(alarms) > 1:
        yield f"{len(alarms)} VALARMs, of which Exchange takes one"
    for alarm in alarms:
        if not alarm.value("ACTION") or not alarm.value("TRIGGER"):
            yield "a VALARM without ACTION or TRIGGER"


def _times(event: Component) -> Iterator[str]:
    start, end = event.first("DTSTART"), event.first("DTEND")
    if (end is None) is (event.first("DURATION") is None):
        yield "not exactly one of DTEND and DURATION"
    for each in (start, end):
        if each and _instant(each) is None:
            yield f"{each.name}:{each.value} is not a moment in UTC or in a known zone"
    begun, over = _instant(start), _instant(end)
    if begun and over and over <= begun:
        yield "DTEND is not after DTSTART"


def _exceptions(event: Component) -> Iterator[str]:
    start = event.first("DTSTART")
    if event.first("RDATE"):
        yield "an RDATE, which not every calendar reads"
    for each in [*event.all("EXDATE"), *event.all("RECURRENCE-ID")]:
        if "RANGE" in each.params:
            yield "RANGE=THISANDFUTURE, which hardly anybody implements"
        if start and _type(each) != _type(start):
            yield f"{each.name} is not of the type and zone of DTSTART"


def _recurrence(event: Component) -> Iterator[str]:
    start, rrule = event.first("DTSTART"), event.first("RRULE")
    if not rrule or not start:
        return
    try:
        rule = read_rule(rrule.value)
    except ValueError as refused:
        yield str(refused)
        return
    if rule.count:
        yield "COUNT, which breaks when DTSTART moves"
    if rule.until and rule.until.tzinfo is None:
        yield "UNTIL is not in UTC"
    yield from _fit(event, start, rule)


def _fit(event: Component, start: Property, rule: Rule) -> Iterator[str]:
    """DTSTART, EXDATE and UNTIL are starts by the rule."""
    local = _local(start)
    if local is None:
        return
    starts = Expansion(rule, local)
    if not starts.holds(local):
        yield "DTSTART does not fit its RRULE"
    for exception in event.all("EXDATE"):
        named = _local(exception)
        if named and not starts.holds(named):
            yield f"EXDATE:{exception.value} is no start by the RRULE"
    if rule.until and rule.until.tzinfo:
        near = rule.until.replace(tzinfo=None) + timedelta(days=2)
        instants = (_at(start, each) for each in starts.backward(near))
        last = next((each for each in instants if each and each <= rule.until), None)
        if last != rule.until:
            yield "UNTIL is not the moment of the last occurrence"


RULES: Final[tuple[Callable[[Component], Iterator[str]], ...]] = (
    _identity,
    _people,
    _times,
    _exceptions,
    _recurrence,
)


# ---- moments -------------------------------------------------------------------------------


def _type(prop: Property) -> tuple[int, bool, str | None]:
    return len(prop.value.rstrip("Z")), prop.value.endswith("Z"), prop.params.get("TZID")


def _local(prop: Property) -> datetime | None:
    try:
        return datetime.strptime(prop.value.rstrip("Z") + "+0000", "%Y%m%dT%H%M%S%z").replace(
            tzinfo=None
        )
    except ValueError:
        return None


def _instant(prop: Property | None) -> datetime | None:
    local = _local(prop) if prop else None
    return _at(prop, local) if prop and local else None


def _at(prop: Property, local: datetime) -> datetime | None:
    """The instant of a wall time that is of the same zone as a property."""
    if prop.value.endswith("Z"):
        return local.replace(tzinfo=UTC)
    zone = prop.params.get("TZID", "")
    return to_utc(local, zone) if known_zone(zone) else None
