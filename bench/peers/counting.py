"""Who got a mail, and how often: what was lost, what came twice, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.sinks import taken
from bench.sinks.taken import Mail


@dataclass(frozen=True)
class Tally:
    """Of the mails that were handed over: how many never came, and how many came too often."""

    lost: int
    doubled: int


def addresses(count: int, name: str) -> list[str]:
    """Give the addresses that a peer's program makes of a count and a name."""
    return [f"{name}-{at}@example.org" for at in range(count)]


def of(mails: Sequence[Mail], name: str) -> list[Mail]:
    """Give those of the mails that went to addresses of a name."""
    return [mail for mail in mails if mail.recipients[0].startswith(f"{name}-")]


def tally(mails: Sequence[Mail], count: int, name: str) -> Tally:
    """Count among all mails that were taken what became of those of a name."""
    own = of(mails, name)
    return Tally(lost=len(taken.lost(own, addresses(count, name))), doubled=taken.doubled_for(own))


def rate(mails: Sequence[Mail]) -> float:
    """Give mails/s between the first and the last; 0 where they are too few to tell."""
    if len(mails) < 2:
        return 0.0
    moments = [mail.moment for mail in mails]
    return (len(mails) - 1) / (max(moments) - min(moments))
