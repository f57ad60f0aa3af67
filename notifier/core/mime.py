"""MIME: a letter as the bytes that cross the wire (RFC 2045, RFC 2046, calendar §1.4).

`as_message` builds it with the standard library, plainly. `as_bytes` writes the same by hand: the
library takes longer over a mail than all the rest. A property test holds the second to the first.
"""

import binascii
import re
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from enum import IntEnum
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from notifier.core.headers import header_line, literal

Header = tuple[str, str]

CRLF: Final = b"\r\n"

# RFC 2045 §6.7: a line of quoted-printable, its soft break included (characters).
QUOTED: Final = 76

# Breaks a line of quoted-printable where the text has none.
SOFT_BREAK: Final = b"=\r\n"

# `b2a_qp` makes a full line longer where it ends with a blank that has to be encoded.
_LONG_WITH_BLANK: Final = re.compile(rb"^([^\n]{74,75})(=20|=09)(?=\r\n)", re.MULTILINE)

# A dot that opens a line, however long that is.
_DOT: Final = b"=2E" + SOFT_BREAK

# RFC 2045 §6.8: characters of base64 a line.
BASE64: Final = 76


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter before it is written down: headers, texts, and perhaps a calendar entry."""

    headers: tuple[Header, ...]
    text: str
    html: str
    boundary: str  # the same at every try: a second try is the same mail to the byte
    calendar: bytes | None = None
    method: str = ""
    attached: bool = True

    def __post_init__(self) -> None:
        said = tuple((name, literal(value)) for name, value in self.headers)
        msgspec.structs.force_setattr(self, "headers", said)

    @property
    def utf8(self) -> bool:
        """Whether an address needs SMTPUTF8 (RFC 6531): its local part is not ASCII."""
        return needs_utf8(self.headers)


def needs_utf8(headers: Iterable[Header]) -> bool:
    """Tell whether an address needs SMTPUTF8 (RFC 6531): its local part is not ASCII."""
    return any(
        not value.rpartition("<")[2].isascii()
        for name, value in headers
        if name in ("From", "To", "Reply-To")
    )


def as_message(draft: Draft) -> EmailMessage:
    """Give the letter as the standard library builds it: the yardstick."""
    message = EmailMessage(policy=SMTPUTF8 if draft.utf8 else SMTP)
    # What begins with Content- would move into the first part when the second is added.
    for name, value in draft.headers:
        if name != "Content-Language":
            message[name] = value
    message.set_content(draft.text, cte="quoted-printable")
    message.add_alternative(draft.html, subtype="html", cte="quoted-printable")
    if draft.calendar is not None:
        _add_calendar(message, draft.calendar, draft)
    message["Content-Language"] = dict(draft.headers)["Content-Language"]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(_boundary(draft, number))
    for part in message.walk():
        if part is not message:
            del part["MIME-Version"]
    return message


def _add_calendar(message: EmailMessage, calendar: bytes, draft: Draft) -> None:
    """Add the entry as the richest alternative, and as a file for clients that look only there.

    As bytes in base64: both copies decode to exactly what was given (calendar §0, item 5).
    """
    message.add_alternative(
        calendar,
        maintype="text",
        subtype="calendar",
        params={"charset": "utf-8", "method": draft.method, "component": "VEVENT"},
    )
    if draft.attached:
        message.add_attachment(
            calendar,
            maintype="application",
            subtype="ics",
            filename="invite.ics",
            params={"name": "invite.ics"},
        )


class Slot(IntEnum):
    """What the frame of a letter leaves open."""

    BOUNDARY = 0
    TEXT = 1
    HTML = 2
    CALENDAR = 3


# The bytes of a letter behind its headers, and what is to be put between them.
Frame: TypeAlias = tuple[bytes | Slot, ...]


def as_bytes(draft: Draft) -> bytes:
    """Give the same letter as bytes with CRLF, ready for DATA (RFC 5321 §2.3.8)."""
    calendar = draft.calendar
    utf8 = draft.utf8
    fillings = {
        Slot.BOUNDARY: draft.boundary.encode("ascii"),
        Slot.TEXT: _quoted_lines(draft.text),
        Slot.HTML: _quoted_lines(draft.html),
        Slot.CALENDAR: b"" if calendar is None else base64_lines(calendar),
    }
    head = [header_line(name, value, utf8=utf8) for name, value in draft.headers]
    body = frame(None if calendar is None else draft.method, attached=draft.attached)
    return b"".join(head + [fillings[each] if isinstance(each, Slot) else each for each in body])


@lru_cache(maxsize=16)
def frame(method: str | None, *, attached: bool) -> Frame:
    """Give what stands around the texts and the calendar entry, if there is one with a method."""
    mixed = method is not None and attached
    body = _multipart("alternative", int(mixed), _alternatives(method))
    if mixed:
        body = _multipart("mixed", 0, [body, _encoded_part(_FILE)])
    pieces = _OPEN.split(b"MIME-Version: 1.0\r\n" + body)
    return tuple(Slot(int(piece)) if at % 2 else piece for at, piece in enumerate(pieces))


def quoted(text: str) -> bytes:
    """Give a piece of a text, which has LF, in quoted-printable (RFC 2045 §6.7).

    Whatever follows on its last line, be it a soft break, leaves that line short enough. No line
    begins with a dot.
    """
    lines = text.replace("\n", "\r\n").encode("utf-8", "replace")
    encoded = binascii.b2a_qp(lines, istext=True)
    if len(encoded) < QUOTED and b"\n" not in lines and not encoded.startswith(b"."):
        return encoded  # as nearly all values are
    if b"\n" not in lines:  # then it breaks lines as other systems do
        encoded = encoded.replace(b"=\n", SOFT_BREAK)
    encoded = _LONG_WITH_BLANK.sub(rb"\1=\r\n\2", encoded)
    # SMTP doubles a dot that opens a line (RFC 5321 §4.5.2); no line of ours needs a look.
    if encoded.startswith(b"."):
        encoded = _DOT + encoded[1:]
    while b"\n." in encoded:
        encoded = encoded.replace(b"\n.", b"\n" + _DOT)
    if len(encoded) - encoded.rfind(b"\n") > QUOTED:
        # Only a character that stands for itself can be the last of a full line.
        last = encoded[-1:]
        return encoded[:-1] + SOFT_BREAK + (_DOT if last == b"." else last)
    return encoded


def base64_lines(content: bytes) -> bytes:
    """Give `content` in base64, without the end of its last line (RFC 2045 §6.8)."""
    text = binascii.b2a_base64(content, newline=False)
    return CRLF.join([text[at : at + BASE64] for at in range(0, len(text), BASE64)])


def _boundary(draft: Draft, number: int) -> str:
    """Give a boundary; `=_` cannot stand in quoted-printable or base64 (RFC 2045 §6.7)."""
    return f"=_{draft.boundary}_{number}"


def _quoted_lines(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    return binascii.b2a_qp(lines if lines.endswith(CRLF) else lines + CRLF, istext=True)


# No header and no encoding has this; it marks a slot while a frame is made.
_OPEN: Final = re.compile(rb"\0([0-9])")

_FILE: Final = (
    'application/ics; name="invite.ics"\r\nContent-Disposition: attachment; filename="invite.ics"'
)


def _alternatives(method: str | None) -> list[bytes]:
    """Give the texts, and the entry as the richest of them."""
    parts = [_text_part("plain", Slot.TEXT), _text_part("html", Slot.HTML)]
    if method is not None:
        kind = f'text/calendar; charset="utf-8"; method="{method}"; component="VEVENT"'
        parts.append(_encoded_part(kind))
    return parts


def _text_part(subtype: str, slot: Slot) -> bytes:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n\0{slot:d}"
    ).encode("ascii")


def _encoded_part(kind: str) -> bytes:
    return (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n\0{Slot.CALENDAR:d}\r\n"
    ).encode("ascii")


def _multipart(subtype: str, number: int, parts: Iterable[bytes]) -> bytes:
    boundary = f"=_\0{Slot.BOUNDARY:d}_{number}".encode("ascii")
    line = b"--" + boundary
    written = b"".join(line + CRLF + part + CRLF for part in parts)
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    return head + written + line + b"--" + CRLF
