"""A letter as it goes over the wire: what RFC 5321 asks of its lines."""

import re
from typing import Final

_LONE_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class Wire(bytes):
    """A letter of which it is known that it may leave as it stands.

    CRLF and nothing else ends its lines, its last line is ended, and no line begins with a dot.
    Whoever makes one vouches for that: looking through 15 kB costs 30 µs, joining pieces that were
    looked through before costs nothing.
    """


def wire_form(content: bytes) -> bytes:
    """Give the letter with every line ended by CRLF; a lone CR or LF smuggles (RFC 5321 §2.3.8).

    A letter that is in order already, as all ours are, is only counted through.
    """
    if type(content) is Wire:
        return content
    pairs = content.count(b"\r\n")
    if content.count(b"\n") != pairs or content.count(b"\r") != pairs:
        content = _LONE_LINE_END.sub(b"\r\n", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """Give a letter in wire form with the dot doubled that opens a line (RFC 5321 §4.5.2)."""
    if type(content) is Wire:
        return content
    # Looked for first: copying every letter would cost more than all the rest of a send.
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    return b"." + content if content.startswith(b".") else content
