"""Telling other services where the server is: in one key, anew whenever it changes (R39–R41)."""

import time
from collections.abc import Callable
from typing import Final

import msgspec

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.interfaces import this_machine
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.settings_store import RedisSettings
from notifier.core.network.listening import Machine, Ways, ways
from notifier.intervals import Intervals

# Between two looks at the interfaces, each a sixth of a millisecond, half of it the way to Redis
# (seconds).
LOOK_SECONDS: Final = 1.0


class NetworkNews:
    """Keeps the key in step with the settings and with the interfaces of this machine.

    Its `revision` rises only where something else than `settings_revision` is new, so whoever reads
    it can tell by it whether to look any further. Where listeners run on several machines, each
    tells what changes for it, and the last one is heard; a key that was lost is written again by
    any of them.
    """

    def __init__(
        self,
        client: AsyncClient,
        settings: RedisSettings,
        *,
        look: Callable[[], Machine] = this_machine,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scripts = Scripts(client)
        self._settings = settings
        self._look = look
        self._intervals = Intervals(steady)
        # By which settings and on which machine it was found, and how it was told.
        self._told: tuple[int, Machine, bytes] | None = None

    async def follow(self) -> None:
        """Tell where the server is, if that has changed; new settings are followed at once."""
        revision, settings = await self._settings.lately()
        is_new = self._told is None or self._told[0] != revision
        if not (self._intervals.over("look", LOOK_SECONDS) or is_new):
            return
        machine = self._look()
        if machine.hidden:
            return  # what was told stays; the doctor says why
        if self._told and self._told[:2] == (revision, machine):
            await self._tell(self._told[2], revision, "")
            return
        news = _news(ways(settings.network, machine, revision=revision))
        is_known = self._told is not None and self._told[2] == news
        await self._tell(news, revision, "" if is_known else "changed")
        self._told = revision, machine, news

    async def _tell(self, news: bytes, revision: int, changed: str) -> None:
        await self._scripts.run("tell_network", [keys.NETWORK], [news, revision, changed])


def _news(found: Ways) -> bytes:
    """Give what is told, without the revision of the settings, which the script puts before it."""
    told = msgspec.structs.asdict(found)
    del told["settings_revision"]
    return msgspec.json.encode(told)
