"""Whether a mail server takes us for a spammer: how many mails it refuses by policy."""

from collections.abc import Mapping
from typing import Final

import msgspec

WINDOW_MINUTES: Final = 10
# A few refusals are those recipients' own rules.
LEAST_REFUSED: Final = 20
MOST_REFUSED_SHARE: Final = 0.05


class Tally(msgspec.Struct, frozen=True):
    """The mails of ten minutes that were answered for good, and those refused by policy."""

    mails: int
    refused: int

    @property
    def alarming(self) -> bool:
        """Whether it is better to stop than to burn a reputation."""
        return self.refused >= LEAST_REFUSED and self.refused > MOST_REFUSED_SHARE * self.mails


def tally(
    minute: int, answered: int, totals: Mapping[int, int], refused: Mapping[int, int]
) -> Tally:
    """Give the tally at `minute`, when `answered` mails were ever answered for good.

    `totals` holds that number as it was when a minute began; `refused` counts within a minute.
    """
    first = minute - WINDOW_MINUTES
    begun = [total for at, total in sorted(totals.items()) if at >= first]
    count = sum(number for at, number in refused.items() if at >= first)
    mails = answered - (begun[0] if begun else answered)
    # Those just refused are recorded after they are counted here.
    return Tally(mails=max(mails, count), refused=count)
