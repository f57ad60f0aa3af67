"""Whether a mail server that offers PIPELINING (RFC 2920) can do it; some only say so.

A liar answers the first command of a group and throws the rest away, closes the connection, or
mixes up its answers. It is found out by one letter, of which nothing but the envelope has left.
"""

import asyncio
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

from notifier.core.replies import Reply

# Nobody lies by accident, yet a server that was cut off looks like a liar: it is tried again after
# a minute, and then after twice as long each time, up to a day (seconds).
FIRST_PAUSE: Final = 60.0
LONGEST_PAUSE: Final = 86_400.0

# Behind one name may stand many servers, and the sound ones have been met first.
MOST_FAULTS: Final = 3


class Leave(Enum):
    """Whether commands may go in a group."""

    NO = auto()  # one by one
    TRIAL = auto()  # this group is the one that is looked at, and no other goes meanwhile
    YES = auto()


def loop_time() -> float:
    """The clock of the event loop that runs (seconds)."""
    return asyncio.get_running_loop().time()


class Trust:
    """What is known of a server's way with one sort of group.

    Untried, one group is on trial and everything else goes one by one. Kept, all go in groups.
    Broken, all go one by one until the pause is over and the next trial begins.
    """

    def __init__(self, clock: Callable[[], float] = loop_time) -> None:
        self._clock = clock
        self._known = False
        self._trying = False
        self._faults = 0
        self._pause = 0.0
        self._until = 0.0

    @property
    def known(self) -> bool:
        """Whether the server has kept its word."""
        return self._known

    def leave(self) -> Leave:
        """Ask whether a group may go. After TRIAL, one of the methods below is owed."""
        if self._known:
            return Leave.YES
        if self._trying or self._clock() < self._until:
            return Leave.NO
        self._trying = True
        return Leave.TRIAL

    def kept(self) -> None:
        """Hear that a group was answered as it should be."""
        self._known = True
        self._trying = False
        self._faults = 0
        self._pause = 0.0

    def broken(self) -> None:
        """Hear of a group that was not."""
        self._faults += 1
        if self._known and self._faults < MOST_FAULTS:
            return
        self._known = self._trying = False
        self._faults = 0
        self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
        self._until = self._clock() + self._pause

    def undecided(self) -> None:
        """Hear that it ended for another reason."""
        self._trying = False


def mixed(replies: Sequence[Reply]) -> bool:
    """Tell whether these first replies to MAIL, RCPT and DATA cannot be the answers to them.

    Only to DATA is 354 an answer, and no 2yz is one.
    """
    classes = [reply.code // 100 for reply in replies]
    return 3 in classes[:2] or 2 in classes[2:]


def lost(replies: Sequence[Reply]) -> bool:
    """Tell whether a command was not read: 503 without anything that was refused before it."""
    turned = [reply.code for reply in replies if reply.code // 100 != 2]
    return bool(turned) and turned[0] == 503 and replies[0].code != 503
