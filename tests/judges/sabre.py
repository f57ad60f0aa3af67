"""sabre/vobject, the engine of Nextcloud and Baïkal.

Debian has 2.1.7, in which the rules of RFC 5545 are commented out: it judges whether a file can be
read and what characters are in it, and it expands series, right even where clocks change.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.judges.foreigner import FOREIGN, Foreigner
from tests.judges.moments import moments

# Debian 13 has no sabre any more: there the court sits without it.
PRESENT: Final = Path("/usr/share/php/Sabre/VObject/autoload.php").exists()
_sabre: Final = Foreigner("php", FOREIGN / "sabre.php")


def findings(content: bytes) -> list[str]:
    """Give what sabre cannot read, or does not want to see in a calendar."""
    return list(_sabre.about(content, "findings"))


def starts(content: bytes) -> list[datetime]:
    return moments(_sabre.about(content, "starts"))


def offsets(zone: str, at: Iterable[datetime]) -> list[float]:
    """Give the offsets of a zone (seconds) by PHP's own tables; none where it knows no such zone.

    It expands by these, and not by the VTIMEZONE of the file.
    """
    seconds = [each.timestamp() for each in at]
    return list(_sabre.ask({"ask": "offsets", "zone": zone, "moments": seconds}))
