"""Letters as a mail program opens them."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar


def opened(content: bytes) -> EmailMessage:
    """Read a letter with Python's own parser, which is not ours."""
    return message_from_bytes(content, policy=policy.default)


def text(letter: EmailMessage) -> str:
    """The plain text, with plain blanks."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\u00a0", " ").replace("\u202f", " ")


def html(letter: EmailMessage) -> str:
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def calendar(letter: EmailMessage) -> Any:
    """The one VEVENT that goes with it."""
    [part] = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    [entry] = Calendar.from_ical(content).walk("VEVENT")
    return entry
