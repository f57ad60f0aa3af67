"""libical, the engine of Evolution and KDE: the one judge that knows what each METHOD demands."""

from datetime import datetime
from typing import Final

from tests.judges.foreigner import FOREIGN, FellSilent, Foreigner
from tests.judges.moments import moments

# The Python of the system, not ours: Debian's binding belongs to it.
PYTHON: Final = "/usr/bin/python3"
_libical: Final = Foreigner(PYTHON, FOREIGN / "libical.py")


def findings(content: bytes) -> list[str]:
    """Give what libical says of a calendar; it may fall over a broken one, which is a finding."""
    try:
        return list(_libical.about(content, "findings"))
    except FellSilent:
        return ["libical fell over it"]


def starts(content: bytes) -> list[datetime]:
    return moments(_libical.about(content, "starts"))
