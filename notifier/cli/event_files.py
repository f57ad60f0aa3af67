"""Events in a file: one JSON document, an array of them, or one on each line."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

_many: Final = msgspec.json.Decoder(list[msgspec.Raw])


class Placed(msgspec.Struct, frozen=True):
    """What should be an event, and the line on which it begins."""

    line: int
    raw: bytes


def read_events(source: BinaryIO) -> Iterator[Placed]:
    """Give what should be events, in order; lines are read one by one, however many there are."""
    lines = _lines(source)
    first = next(lines, None)
    if first is None:
        return
    if _is_whole(first.raw):
        yield first
        yield from lines
        return
    rest = list(lines)
    if rest and _is_whole(rest[0].raw):  # One on each line, and the first is broken.
        yield first
        yield from rest
        return
    yield from _document(first, rest)


def line_of(placed: Placed, byte: int) -> int:
    """Give the line of the file on which a byte of the event stands."""
    return placed.line + placed.raw.count(b"\n", 0, byte)


def _lines(source: BinaryIO) -> Iterator[Placed]:
    for number, line in enumerate(source, start=1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if text.strip():
            yield Placed(number, text.rstrip(b"\r\n"))


def _is_whole(line: bytes) -> bool:
    """Tell whether a line is meant as a whole event, sound or not."""
    stripped = line.strip()
    return stripped.startswith(b"{") and stripped.endswith(b"}")


def _document(first: Placed, rest: list[Placed]) -> Iterator[Placed]:
    """Give the events of one document over several lines, which may be an array of them."""
    # Empty lines are kept, so that lines are counted as the author's editor counts them.
    content = first.raw
    at = first.line
    for each in rest:
        content += b"\n" * (each.line - at) + each.raw
        at = each.line
    if not content.lstrip().startswith(b"["):
        yield Placed(first.line, content)
        return
    try:
        elements = _many.decode(content)
    except msgspec.DecodeError:
        yield Placed(first.line, content)
        return
    begin = 0
    for element in elements:
        begin = content.index(bytes(element), begin)
        yield Placed(first.line + content.count(b"\n", 0, begin), bytes(element))
        begin += len(bytes(element))
