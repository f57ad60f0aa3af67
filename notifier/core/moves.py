"""Moves: which changes of its times a conference's people are being told of."""

from datetime import datetime
from typing import Final

import msgspec

from notifier.core.delivery import HORIZON
from notifier.core.times.schedule import Schedule

# Moves kept with a conference: of one that is dragged about more often, the last steps are told.
KEPT: Final = 8


class Move(msgspec.Struct, frozen=True):
    """A change of the times that people are told of."""

    event: str  # the key of the event that said so
    revision: int  # of the conference, as it is told
    previous: Schedule | None  # what was told before, whether or not it left
    at: datetime


def followed(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """Give the moves of which a letter may still wait, now that `move` has followed them."""
    waiting = [each for each in moves if each.at > move.at - HORIZON]
    return (*waiting[1 - KEPT :], move)
