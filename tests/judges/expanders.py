"""All who tell when a series takes place: from the bytes of a calendar to its starts in UTC."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from tests.judges import ical_js, icalendar_reader, libical, node_ical, sabre

Expander = Callable[[bytes], list[datetime]]

EXPANDERS: Final[Mapping[str, Expander]] = MappingProxyType(
    {
        "recurring-ical-events": icalendar_reader.starts,
        **({"sabre": sabre.starts} if sabre.PRESENT else {}),
        "libical": libical.starts,
        "ical.js": ical_js.starts,
        "node-ical": node_ical.starts,
    }
)

# These read the law of a zone in their own tables, and not in the VTIMEZONE of the file.
OWN_TABLES: Final = MappingProxyType({"sabre": sabre.offsets, "node-ical": node_ical.offsets})
