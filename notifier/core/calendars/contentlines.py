"""Reads iCalendar bytes the strict way, and tells what a lenient reader would forgive.

Libraries repair as they read, which is good for calendars and bad for finding our own faults.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

# RFC 5545, 3.1: octets of a line without its CRLF.
LONGEST_LINE: Final = 75
CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
CONTENT_LINE: Final = re.compile(
    r"""(?P<name>[A-Za-z0-9-]+)(?P<params>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)
    (?:,(?:"[^"]*"|[^";:,]*))*)*):(?P<value>.*)""",
    re.VERBOSE | re.DOTALL,
)
PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)')


class Property(msgspec.Struct, frozen=True):
    """One content line: NAME;PARAM=VALUE:value, name and parameter names in capitals."""

    name: str
    params: dict[str, str]
    value: str


class Component(msgspec.Struct):
    """What stands between BEGIN and END."""

    name: str
    properties: list[Property] = []
    children: list["Component"] = []

    def all(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def first(self, name: str) -> Property | None:
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        found = self.first(name)
        return found.value if found else ""

    def parts(self, name: str) -> list["Component"]:
        return [each for each in self.children if each.name == name]


def line_defects(content: bytes) -> Iterator[str]:
    """What is wrong with the bytes before anything is understood of them."""
    if not content.endswith(b"\r\n"):
        yield "the last line does not end with CRLF"
    stripped = content.replace(b"\r\n", b"")
    if b"\n" in stripped or b"\r" in stripped:
        yield "a line ends with a bare LF or CR"
    for number, line in enumerate(content.split(b"\r\n"), start=1):
        if len(line) > LONGEST_LINE:
            yield f"line {number} has {len(line)} octets, more than {LONGEST_LINE}"
        if not _whole(line):
            yield f"line {number} is no UTF-8 by itself: a fold inside a character"
    text = content.decode("utf-8", "replace")
    if CONTROLS.search(text):
        yield "there are control characters"
    if BIDI.search(text):
        yield "there are characters that turn the writing direction"


def read(content: bytes) -> tuple[Component, list[str]]:
    """The components as a tree under a nameless root, and what could not be read."""
    root = Component("")
    open_ones = [root]
    faults = []
    for line in _unfolded(content):
        match = CONTENT_LINE.fullmatch(line)
        if match is None:
            faults.append(f"not a content line: {line[:60]!r}")
            continue
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN":
            child = Component(value.upper(), [], [])
            open_ones[-1].children.append(child)
            open_ones.append(child)
        elif name == "END":
            if len(open_ones) == 1 or open_ones[-1].name != value.upper():
                faults.append(f"END:{value} closes nothing")
            else:
                open_ones.pop()
        else:
            open_ones[-1].properties.append(Property(name, _params(match["params"]), value))
    faults += [f"{each.name} is never closed" for each in open_ones[1:]]
    return root, faults


def _whole(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _unfolded(content: bytes) -> list[str]:
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    return [line for line in re.sub("\n[ \t]", "", text).split("\n") if line]


def _params(text: str) -> dict[str, str]:
    return {name.upper(): value for name, value in PARAMETER.findall(text)}
