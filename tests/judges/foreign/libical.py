"""Asks libical, a line of JSON at a time; run by the Python of the system, which has its binding.

A trap of the binding: an iterator over properties that loses its place goes round until the memory
is gone, so memory and time are limited.
"""

import base64
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402 - the version has to be named before

MEMORY = 1 << 30  # bytes; it needs a tenth
SECONDS = 300  # of processor time; a whole run takes a few
MOST = 60  # occurrences


def judge(content: bytes) -> list[str]:
    """Give each broken restriction of RFC 5545 and RFC 5546, as libical words it."""
    try:
        text = content.decode()
    except UnicodeDecodeError as fault:
        return [f"no UTF-8: {fault}"]
    if "\0" in text:
        return ["a NUL, at which the text would end"]
    try:
        root = ICalGLib.Component.new_from_string(text)
    except TypeError:
        return ["libical reads no component in it"]
    root.check_restrictions()
    lines = root.as_ical_string().replace("\r\n ", "").split("\r\n")
    return [line.partition(":")[2] for line in lines if line.startswith("X-LIC-ERROR")]


def expand(content: bytes) -> list[float]:
    """Give the starts that libical finds, as seconds since 1970."""
    root = ICalGLib.Component.new_from_string(content.decode())
    events = list(parts(root))
    moved = [each for each in events if written(each.get_recurrenceid())]
    elsewhere = {written(each.get_recurrenceid()) for each in moved}
    starts = [moment(each.get_dtstart()) for each in moved]
    for event in events:
        if event not in moved:
            starts += [moment(each) for each in of_master(event) if written(each) not in elsewhere]
    return sorted(starts)


def parts(root: Any) -> Iterator[Any]:
    event = root.get_first_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
    while event is not None:
        yield event
        event = root.get_next_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)


def of_master(event: Any) -> list[Any]:
    """Give the starts by the rule, without those of EXDATE."""
    start = event.get_dtstart()
    rrule = event.get_first_property(ICalGLib.PropertyKind.RRULE_PROPERTY)
    if rrule is None:
        return [start]
    left_out = set(exceptions(event))
    iterator = ICalGLib.RecurIterator.new(rrule.get_rrule(), start)
    found: list[Any] = []
    while len(found) < MOST:
        each = iterator.next()
        if each is None or each.is_null_time():
            break
        if written(each) not in left_out:
            found.append(each)
    return found


def exceptions(event: Any) -> Iterator[str]:
    exdate = event.get_first_property(ICalGLib.PropertyKind.EXDATE_PROPERTY)
    while exdate is not None:
        yield written(exdate.get_exdate())
        exdate = event.get_next_property(ICalGLib.PropertyKind.EXDATE_PROPERTY)


def written(time: Any) -> str:
    """Give the wall time as a file has it; nothing for no time."""
    return "" if time is None or time.is_null_time() else str(time.as_ical_string())


def moment(time: Any) -> float:
    return float(time.as_timet_with_zone(time.get_timezone()))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for line in sys.stdin:
        question = json.loads(line)
        content = base64.b64decode(question["content"])
        answer = judge(content) if question["ask"] == "findings" else expand(content)
        print(json.dumps(answer), flush=True)


main()
