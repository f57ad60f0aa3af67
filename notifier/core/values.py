"""What the %variables of a letter hold for one person (contract §3)."""

from datetime import datetime

from notifier.core.delivery import Recipient
from notifier.core.events import CallMissed, Conference, ServerRestarted
from notifier.core.language.languages import regional
from notifier.core.language.words import Reader
from notifier.core.links import app_join_url, conference_url, shown_id, shown_name
from notifier.core.network.network import server_url
from notifier.core.notice import Kind, Notice
from notifier.core.people import Person, display_name, mailto_address
from notifier.core.settings import Settings
from notifier.core.times.changes import first_change
from notifier.core.times.schedule import Occurrence, Schedule, last_occurrence, next_occurrence

Values = dict[str, str]


def values(
    notice: Notice,
    recipient: Recipient,
    settings: Settings,
    *,
    language: str,
    now: datetime,
    counting: bool = True,
) -> Values:
    """Give every variable of the letter that tells `notice` to `recipient` in `language`.

    The time that is left is put into words only where it is `counting`: it is new in every minute.

    Times are in the reader's zone where it is known, else in the server's (R36), and are written
    as in the reader's country, or the server's, where that has the same language.
    """
    reader = Reader(
        language=regional(language, recipient.language, settings.server.language),
        zone=recipient.time_zone or settings.server.time_zone,
        server_zone=settings.server.time_zone,
    )
    said = _everywhere(settings) | personal_values(notice, recipient)
    if notice.call:
        said |= _call(notice.call, reader)
    if notice.conference:
        said |= _conference(notice.conference, settings)
        said |= _times(notice, notice.conference, reader, now=now if counting else None)
    if notice.restart:
        said |= _restart(notice.restart, reader)
    return said


def personal_values(notice: Notice, recipient: Recipient) -> Values:
    """Give those that somebody else who hears of `notice` has others of."""
    said = {}
    if notice.call:
        said["recipient_display_name"] = recipient.name
        said["recipient_email"] = recipient.address
    if notice.conference:
        said["user_display_name"] = recipient.name
        # The personal link of this one person, in nobody else's mail (R10).
        said["conf_unique_link"] = recipient.unique_link
    return said


def _everywhere(settings: Settings) -> Values:
    """The administrator can be named in every letter, restart mails or not (R25)."""
    return {
        "admin_name": settings.administrator.name,
        "admin_email": settings.administrator.email,
        "admin_phone": settings.administrator.phone,
        "server_name": settings.server.name,
        "server_url": server_url(settings.network),
    }


def _call(call: CallMissed, reader: Reader) -> Values:
    caller = call.caller
    return {
        "caller_display_name": display_name(caller),
        "caller_call_id": mailto_address(caller) or caller.id or caller.email or "",
        "missed_call_time": reader.when(call.time),
    }


def _conference(conference: Conference, settings: Settings) -> Values:
    return {
        "conf_name": shown_name(conference),
        "conf_id": shown_id(conference),
        "conf_description": conference.description,
        "conf_url": conference_url(conference, settings.network),
        "conf_url_app_join": app_join_url(conference, settings.network),
        **_owner(conference.owner),
    }


def _owner(owner: Person) -> Values:
    return {
        "owner_name": display_name(owner),
        "owner_email": owner.email or owner.directory_email or "",
        "owner_mobile_phone": owner.mobile_phone or "",
        "owner_work_phone": owner.work_phone or "",
        "owner_home_phone": owner.home_phone or "",
        "owner_sip_number": owner.sip_number or "",
    }


def _times(
    notice: Notice, conference: Conference, reader: Reader, *, now: datetime | None
) -> Values:
    """Date and time where there are any: a virtual room has none (R8)."""
    schedule = conference.schedule
    if schedule is None:
        return {}
    was, shown = _was_and_is(notice, schedule)
    said = {
        "start_time": reader.when(shown.start),
        "end_time": reader.end(shown.start, shown.end),
        "duration": reader.duration(int((shown.end - shown.start).total_seconds())),
        "time_zone": schedule.time_zone,
        "recurrence": reader.recurrence(schedule),
    }
    if now:
        # The real time that is left, however late the reminder leaves (R16).
        left = minutes_left(shown.start, now)
        said["time_left"] = reader.time_left(left, start=shown.start)
    if notice.kind is not Kind.REMINDER and schedule.recurrence:
        # A reminder is of one day, which it names.
        said |= _departures(schedule, reader, after=notice.created)
    if was and was.start != shown.start:
        said["previous_start_time"] = reader.when(was.start)
    if notice.previous:
        before = reader.recurrence(notice.previous)
        said["previous_recurrence"] = before if before != said["recurrence"] else ""
    return said


def start_told(notice: Notice) -> datetime | None:
    """Give the start that a letter names (aware UTC), or None where it names none."""
    schedule = notice.conference.schedule if notice.conference else None
    return _was_and_is(notice, schedule)[1].start if schedule else None


def minutes_left(start: datetime, now: datetime) -> int:
    """Give how many minutes are left, as a letter tells them: at least one."""
    return max(1, round((start - now).total_seconds() / 60))


def _departures(schedule: Schedule, reader: Reader, *, after: datetime) -> Values:
    """Give in words what a series is besides its rule."""
    return {
        "clock_change": reader.clock_change(schedule, after=after),
        "left_out_days": reader.left_out(schedule, after=after),
        "moved_days": reader.moved(schedule, after=after),
    }


def _was_and_is(notice: Notice, schedule: Schedule) -> tuple[Occurrence | None, Occurrence]:
    """Give the meeting that a letter names, and what it was where that is what the letter tells.

    Of a series of which one meeting was moved, that one: the next may be where it was.
    """
    shown = notice.occurrence or _shown(schedule, after=notice.created)
    if notice.previous is None:
        return None, shown
    change = first_change(notice.previous, schedule, since=notice.created)
    return change or (_shown(notice.previous, after=notice.created), shown)


def _shown(schedule: Schedule, *, after: datetime) -> Occurrence:
    """Give the occurrence that a letter names: the next one, else the last there was."""
    shown = next_occurrence(schedule, after=after) or last_occurrence(schedule)
    assert shown is not None  # a series without end always has a next one
    return shown


def _restart(restart: ServerRestarted, reader: Reader) -> Values:
    return {
        "restart_time": reader.when(restart.time),
        "restart_reason": restart.reason.replace("_", " "),
        "restart_details": restart.details or restart.incident or "",
    }
