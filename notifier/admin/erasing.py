"""Erasing a person: pass by pass until nothing is found, and what cannot be reached from here."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import msgspec

from notifier.adapters.aof_rewriting import Rewriting, rewritten
from notifier.adapters.connection import AsyncClient
from notifier.adapters.erasing import RedisEraser
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.suppressions import RedisSuppressions
from notifier.core.people import canonical
from notifier.core.settings import Settings

# How long events that nobody heard yet, and mails on their way, are waited for (seconds).
PATIENCE: Final = 10.0
# How long Redis may take to write its file anew before we stop watching (seconds).
REWRITING: Final = 300.0
# Between two looks at what still waits (seconds).
PAUSE: Final = 0.5
# Publishers may go on speaking of the person: after so many passes that is told, not chased.
MOST_PASSES: Final = 50

# What a pass counts -> how it is called; everything here was removed.
PLACES: Final = {
    "lists": "rows on lists of conferences",
    "deliveries": "deliveries, which keep id, state, kind and times",
    "stopped": "of them were still to be sent and will not be",
    "index": "entries in the index of addresses",
    "replies": "replies of mail servers that quoted the address",
    "notices": "notices: calls, owners, texts",
    "conferences": "conferences: owners, texts",
    "events": "events in the stream",
    "rejected": "rejected entries",
    "suppressions": "addresses of suppressions, which hold on without",
    "exported": "lines in the export on this machine",
}
# What could not be done yet -> what it waits for.
WAITING: Final = {
    "events not heard yet": "{} events that name the person are not heard yet; erase again once "
    "they are: notifier doctor shows whether a listener runs",
    "on the way": "{} mails are with the mail server at this moment, and its answer may quote the "
    "address; erase again in a quarter of an hour",
}
NAMED: Final = "named after them"

# What no command reaches.
BEYOND: Final = (
    "copies of Redis's files, such as backups, and the files of its replicas",
    "Redis's list of slow commands, until SLOWLOG RESET",
    "the export and the journal of other machines: erase again on each of them",
    "files in this machine's journal that could not be read (*.unreadable)",
    "the mail server's logs and queues, and the mails that were sent",
    "names that others wrote into titles and descriptions; addresses and IDs were taken out there",
    "the servers that publish events: what they tell again is remembered again",
)
LAST_PAGE: Final = (
    "the page of the event stream in which new events stand, until the whole of it is dropped, "
    "an hour after these were heard"
)
_REWRITING: Final[dict[Rewriting, str]] = {
    "under way": "Redis's append-only file, which is being written anew at this moment",
    "failed": "Redis's append-only file, which could not be written anew; see Redis's log, then "
    "BGREWRITEAOF",
    "forbidden": "Redis's append-only file: our user may not have it written anew; BGREWRITEAOF as "
    "one who may",
}


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed by place, what still waits, and what may hold the person yet."""

    removed: dict[str, int]
    waiting: tuple[str, ...]
    may_still_hold: tuple[str, ...]


class Erasing:
    """Erases people from one deployment, as far as it reaches from this machine."""

    def __init__(
        self,
        *,
        client: AsyncClient,
        suppressions: RedisSuppressions,
        export: ExportFiles,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._suppressions = suppressions
        self._export = export
        self._settle = settle

    async def erase(
        self, address: str, settings: Settings, *, patience_seconds: float = PATIENCE
    ) -> Erased:
        """Take a person out of everything; safe to run again, after a crash too.

        Redis first, file last: the export and the append-only file are written of what Redis holds.
        """
        # What mail servers said lies in the journal while Redis is away, and may quote the address.
        await self._settle()
        eraser = RedisEraser(self._client, self._suppressions, address)
        await eraser.begin()
        removed, last = await _until_clean(eraser, patience_seconds)
        removed["exported"] = self._export.erase(eraser.traces.names)
        clear = await eraser.end(removed)
        rewriting = await rewritten(self._client, patience_seconds=REWRITING)
        return Erased(
            removed={place: removed[place] for place in PLACES},
            waiting=tuple(said.format(last[name]) for name, said in WAITING.items() if last[name]),
            may_still_hold=(
                *(() if clear else (LAST_PAGE,)),
                *_here(address, last, rewriting, settings),
                *BEYOND,
            ),
        )


async def _until_clean(
    eraser: RedisEraser, patience_seconds: float
) -> tuple[Counter[str], Counter[str]]:
    """Pass until one finds nothing and nothing waits; give all that was done, and the last pass."""
    until = time.monotonic() + patience_seconds
    removed: Counter[str] = Counter()
    for _pass in range(MOST_PASSES):
        done = await eraser.once()
        removed += done
        if done.keys() - WAITING.keys() - {NAMED}:
            continue
        if not done.keys() & WAITING.keys() or time.monotonic() > until:
            break
        await asyncio.sleep(PAUSE)
    return removed, done


def _here(
    address: str, last: Counter[str], rewriting: Rewriting, settings: Settings
) -> Iterator[str]:
    """Give what still holds the person here, and what to do about it."""
    if rewriting in _REWRITING:
        yield _REWRITING[rewriting]
    if last[NAMED]:
        yield f"{last[NAMED]} conferences whose own IDs name the person"
    ours = {
        "[administrator] email": settings.administrator.email,
        "[smtp] sender_address": settings.smtp.sender_address,
        "[smtp] username": settings.smtp.username,
    }
    for name, value in ours.items():
        if value and canonical(value) == canonical(address):
            yield f"the settings, as {name}: set another with notifier settings apply FILE"
