"""All who judge calendars: what to ask each, by the name under which it is known."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.judges import ical_js, icalendar_reader, libical, node_ical, sabre, vobject_reader

Judge = Callable[[bytes], list[str]]

CALENDAR_JUDGES: Final[Mapping[str, Judge]] = MappingProxyType(
    {
        "libical": libical.findings,
        **({"sabre": sabre.findings} if sabre.PRESENT else {}),
        "icalendar": icalendar_reader.findings,
        "vobject": vobject_reader.findings,
        "ical.js": ical_js.findings,
        "node-ical": node_ical.findings,
    }
)


def verdicts(content: bytes) -> dict[str, list[str]]:
    """Give what each judge has to say, those that are silent left out."""
    said = {name: judge(content) for name, judge in CALENDAR_JUDGES.items()}
    return {name: findings for name, findings in said.items() if findings}
