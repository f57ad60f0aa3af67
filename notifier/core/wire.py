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

    A letter that is in order already, as all ours are, is only looked through.
    """
    if type(content) is Wire:
        return content
    # From the right, and in text: CPython finds short words of bytes, or from the left, four times
    # as slowly. 12 us for 15 kB, where counting both ends of lines and their pairs takes 25.
    bare = "".join(content.decode("latin-1").rsplit("\r\n"))
    if "\n" in bare or "\r" in bare:
        content = _LONE_LINE_END.sub(b"\r\n", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """Give a letter in wire form with the dot doubled that opens a line (RFC 5321 §4.5.2)."""
    if type(content) is Wire:
        return content
    # Looked for first, as above: 4 us; copying every letter would cost more than its sending.
    if content.decode("latin-1").rfind("\r\n.") >= 0:
        content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content
