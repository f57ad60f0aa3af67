"""A mail as a reader sees it: its headers decoded, its parts taken apart."""

from datetime import datetime
from email import message_from_bytes
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from typing import Final

import icalendar
import msgspec

from notifier.demo.mailbox import Mail

# Properties of a calendar entry that tell a person something, in the order of interest.
TOLD: Final = (
    ("SUMMARY", "What"),
    ("DTSTART", "From"),
    ("DTEND", "Until"),
    ("RRULE", "Repeats"),
    ("STATUS", "Status"),
    ("ORGANIZER", "Organizer"),
    ("ATTENDEE", "For"),
    ("URL", "Link"),
    ("LOCATION", "Place"),
    ("SEQUENCE", "Sequence"),
    ("UID", "UID"),
)


class CalendarPart(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar entry of a mail: method, what it says line by line, and its source."""

    method: str
    lines: tuple[tuple[str, str], ...]
    source: str


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says, part by part; empty where a mail lacks it."""

    number: int
    arrived: float
    subject: str
    sender: str
    to: str
    address: str
    kind: str
    conference: str
    delivery: str
    language: str
    text: str
    html: str
    calendar: CalendarPart | None
    source: str
    secured: bool
    login: str

    @property
    def method(self) -> str:
        return self.calendar.method if self.calendar else ""


@lru_cache(maxsize=256)
def opened(mail: Mail) -> Opened:
    """Take a mail apart; whatever a hostile one says, this gives text."""
    message = message_from_bytes(mail.content, policy=default)

    def header(name: str) -> str:
        return " ".join(str(message.get(name, "")).split())

    return Opened(
        number=mail.number,
        arrived=mail.arrived,
        subject=header("Subject"),
        sender=_people(message, "From"),
        to=_people(message, "To"),
        address=mail.recipients[0] if mail.recipients else "",
        kind=header("X-Notifier-Kind"),
        conference=header("X-Notifier-Conference"),
        delivery=header("X-Notifier-Delivery"),
        language=header("Content-Language"),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        calendar=_calendar(message),
        source=mail.content.decode("utf-8", "replace"),
        secured=mail.secured,
        login=mail.login,
    )


def moment(mail: Opened) -> str:
    """Give when it arrived, by this machine's own clock."""
    return f"{datetime.fromtimestamp(mail.arrived).astimezone():%H:%M:%S}"


def _people(message: EmailMessage, name: str) -> str:
    """Give the display names, else the addresses."""
    found = message.get(name)
    if not isinstance(found, AddressHeader):
        return " ".join(str(found or "").split())
    return ", ".join(each.display_name or each.addr_spec for each in found.addresses)


def _body(message: EmailMessage, subtype: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{subtype}" and not part.is_attachment():
            return _decoded(part)
    return ""


def _decoded(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)  # a leaf
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _calendar(message: EmailMessage) -> CalendarPart | None:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _entry(_decoded(part), method=str(part.get_param("method") or ""))
    return None


def _entry(source: str, *, method: str) -> CalendarPart:
    try:
        calendar = icalendar.Calendar.from_ical(source)
        [event] = calendar.walk("VEVENT")
    except ValueError:
        return CalendarPart(method=method, lines=(), source=source)
    said = str(calendar.get("METHOD", ""))
    lines = tuple((word, _said(event, name)) for name, word in TOLD if name in event)
    # RFC 6047 §2.4: both must be the same; where they are not, the reader shall see it.
    shown = said if said == method else f"{said} (the mail says {method or 'none'})"
    return CalendarPart(method=shown, lines=lines, source=source)


def _said(event: icalendar.Component, name: str) -> str:
    value = event[name]
    parameters = getattr(value, "params", {})
    if hasattr(value, "dt"):
        return f"{value.dt:%a %d %b %Y, %H:%M} {parameters.get('TZID', 'UTC')}"
    if name == "RRULE":
        written = value.to_ical()
        return written.decode() if isinstance(written, bytes) else str(written)
    person = parameters.get("CN")
    return f"{person} <{str(value).removeprefix('mailto:')}>" if person else str(value)
