"""MIME: a letter as the bytes that cross the wire (RFC 2045, RFC 2046, calendar §1.4).

`as_message` builds it with the standard library, plainly. `as_bytes` writes the same by hand: the
library takes longer over a mail than all the rest. A property test holds the second to the first.
"""

import binascii
import re
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from typing import Final

import msgspec

Header = tuple[str, str]

# A line end within a header that no blank follows: another header would begin there.
_BROKEN: Final = re.compile(rb"\r\n(?![ \t]|\Z)|\r(?!\n)|(?<!\r)\n")

CRLF: Final = b"\r\n"

# RFC 5322 §2.1.1: lines should stay within this; longer headers are folded (characters).
LINE: Final = 76

# RFC 2045 §6.8: 76 characters of base64 a line, which are these many bytes.
BASE64_BYTES: Final = 57


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
        # A text that looks like an encoded word (RFC 2047 §2) is decoded by whoever reads it, the
        # standard library before it folds: line ends come to light, and a new header with them.
        literal = tuple((name, value.replace("=?", "= ?")) for name, value in self.headers)
        msgspec.structs.force_setattr(self, "headers", literal)

    @property
    def utf8(self) -> bool:
        """Whether an address needs SMTPUTF8 (RFC 6531): its local part is not ASCII."""
        return any(
            not value.rpartition("<")[2].isascii()
            for name, value in self.headers
            if name in ("From", "To", "Reply-To")
        )


@lru_cache(maxsize=4096)
def mailbox_text(name: str, address: str) -> str:
    """Give a mailbox as a header shows it: `"Petit, Boris" <boris@example.org>` (RFC 5322 §3.4)."""
    local, _, domain = address.rpartition("@")
    return str(Address(display_name=name, username=local, domain=domain))


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


def as_bytes(draft: Draft) -> bytes:
    """Give the same letter as bytes with CRLF, ready for DATA (RFC 5321 §2.3.8)."""
    mixed = draft.calendar is not None and draft.attached
    alternative = _multipart("alternative", _boundary(draft, int(mixed)), _texts(draft))
    body = alternative
    if mixed:
        body = _multipart("mixed", _boundary(draft, 0), [alternative, _file(draft)])
    return b"".join(_header_lines(draft)) + b"MIME-Version: 1.0\r\n" + body


def _boundary(draft: Draft, number: int) -> str:
    """Give a boundary; `=_` cannot stand in quoted-printable or base64 (RFC 2045 §6.7)."""
    return f"=_{draft.boundary}_{number}"


def _header_lines(draft: Draft) -> Iterator[bytes]:
    for name, value in draft.headers:
        plain = value.isascii() and len(name) + 2 + len(value) <= LINE
        if plain:
            line = f"{name}: {value}\r\n".encode("ascii")
        else:
            line = _folded(name, value, utf8=draft.utf8)
        if _BROKEN.search(line):
            raise ValueError(f"the header {name} would end in the middle")
        yield line


# From and the thread are the same for everybody who hears of one notice.
@lru_cache(maxsize=4096)
def _folded(name: str, value: str, *, utf8: bool) -> bytes:
    """Fold and encode a long or non-ASCII header (RFC 2047) as the standard library does."""
    policy = SMTPUTF8 if utf8 else SMTP
    return policy.fold_binary(*policy.header_store_parse(name, value))


def _texts(draft: Draft) -> Iterator[bytes]:
    yield _text_part(b"plain", draft.text)
    yield _text_part(b"html", draft.html)
    if draft.calendar is not None:
        kind = f'text/calendar; charset="utf-8"; method="{draft.method}"; component="VEVENT"'
        yield _base64_part(kind.encode("ascii"), draft.calendar)


def _text_part(subtype: bytes, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    if not lines.endswith(CRLF):
        lines += CRLF
    return (
        b'Content-Type: text/%s; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n%s"
        % (subtype, binascii.b2a_qp(lines, istext=True))
    )


def _file(draft: Draft) -> bytes:
    assert draft.calendar is not None  # only then there is a file
    kind = (
        b'application/ics; name="invite.ics"\r\n'
        b'Content-Disposition: attachment; filename="invite.ics"'
    )
    return _base64_part(kind, draft.calendar)


def _base64_part(content_type: bytes, content: bytes) -> bytes:
    lines = (
        binascii.b2a_base64(content[at : at + BASE64_BYTES], newline=False)
        for at in range(0, len(content), BASE64_BYTES)
    )
    return b"Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n" % (
        content_type,
        CRLF.join(lines),
    )


def _multipart(subtype: str, boundary: str, parts: Iterator[bytes] | list[bytes]) -> bytes:
    line = b"--" + boundary.encode("ascii")
    written = b"".join(line + CRLF + part + CRLF for part in parts)
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return head + written + line + b"--" + CRLF
