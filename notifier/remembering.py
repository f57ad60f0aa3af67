"""What goes in and out of memory: what is remembered, what is claimed, what one step writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from notifier.core.bounces import Bounce
from notifier.core.delivery import Delivery
from notifier.core.life import Known, Member
from notifier.core.notice import Notice

# The etag of a conference that nobody has written yet.
FIRST_ETAG: Final = "0"

# The cursor of a walk that begins; as the next one it says that the walk is over.
BEGINNING: Final = "0"

# Deliveries written in one step, people read of a list that is small: the script stays far below
# 50 ms.
SLICE: Final = 250


class Unreadable(ValueError):
    """What is remembered makes no sense to this version of the program; the text says why."""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What memory holds of a conference and of some of its people, and which write it is from."""

    known: Known | None = None
    members: Mapping[str, Member] = {}
    etag: str = FIRST_ETAG
    version: int = 0
    whole: bool = False  # `members` are all rows of the list
    unreadable: str = ""  # why what is kept cannot be read by this version of the program


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this worker alone may send now, with what is true at this moment.

    `notice` is what was decided, and `as_told` the same as a letter written now tells it.
    """

    delivery: Delivery
    notice: Notice
    as_told: Notice
    known: Known | None
    member: Member | None
    version: int
    etag: str
    untold: bool = False  # nothing has reached its person yet in this life of its conference
    stop: str = ""  # why nothing may go to this recipient any more, if so


class Commitment(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one step writes, all or nothing."""

    entry: str = ""  # the stream entry to acknowledge
    event: str = ""  # the key under which the event counts as seen
    conference: str = ""
    etag: str | None = None  # write only if the conference is as this write left it
    next_etag: str = ""  # the name of this write; without one it leaves none
    known: Known | None = None
    bump: bool = False  # the truth changed: letters at the fence must look again
    due: datetime | None = None
    reindex: bool = False  # write `due`, even where it is None
    rows: tuple[Member, ...] = ()
    notices: tuple[Notice, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    in_full: bool = False  # with every delivery of its notices to everyone: nothing to spread
    first_letters: Mapping[str, str] = {}  # of the deliveries, with the removal's before, or ''
    counter: str = ""  # a total that this write raises by one
    behind: str = ""  # its source, if that knows less than it did: counted, for the doctor
    bounce: Bounce | None = None
    final: bool = True  # the last slice of its event
    slice_of: str = ""  # the notice to everyone that this is a slice of
    cursor: str = ""
    next_cursor: str = ""  # BEGINNING with its last slice
