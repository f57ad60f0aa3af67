"""Whether clocks run as they should: two that can be set, against one that nobody can."""

from typing import Final

import msgspec

# What a time server corrects in one go stays far below; leases are a minute at least (seconds).
LARGEST_STEP: Final = 60.0
# Looks in a row that must find nothing wrong before clocks are trusted again.
LOOKS_TO_TRUST: Final = 3


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Three clocks at one moment (seconds): two tell the time, the third how much has passed."""

    redis: float
    own: float
    steady: float


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What the looks so far have shown; a process that starts trusts clocks that agree."""

    last: Look | None = None
    good: int = LOOKS_TO_TRUST
    fault: str = ""

    @property
    def trusted(self) -> bool:
        """Whether what is due may be taken for due, and what is over for over."""
        return self.good >= LOOKS_TO_TRUST


def looked(watch: Watch, look: Look) -> Watch:
    """Give the watch after one more look."""
    fault = _fault(watch.last, look)
    if fault:
        return Watch(last=look, good=0, fault=fault)
    good = min(watch.good + 1, LOOKS_TO_TRUST)
    return Watch(last=look, good=good, fault="" if good == LOOKS_TO_TRUST else watch.fault)


def _fault(last: Look | None, look: Look) -> str:
    """Say what is wrong. Where one of the two has jumped and not the other, who knows which."""
    apart = look.redis - look.own
    if abs(apart) > LARGEST_STEP:
        return f"the clock of Redis is {_by(apart)} ours"
    if last is None:
        return ""
    passed = look.steady - last.steady
    jump = max(look.redis - last.redis - passed, look.own - last.own - passed, key=abs)
    if abs(jump) > LARGEST_STEP:
        return f"the clock has jumped: it is {_by(jump)} what it should be"
    return ""


def _by(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
