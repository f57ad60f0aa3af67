"""Opening the deployment that the environment describes, for one command."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from notifier import log
from notifier.adapters.connection import RedisError
from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.admin import Admin
from notifier.administering import NoWake, admin_over
from notifier.cli.away import away
from notifier.cli.faults import Failed
from notifier.cli.telling import TOLD
from notifier.config import Config, load
from notifier.core.settings import Settings
from notifier.wiring import Parts

Result = TypeVar("Result")

# What is only looked at in passing is not waited for (seconds).
_PATIENCE_SECONDS = 2.0


def asked(work: Callable[[Admin], Awaitable[Result]], *, writes: bool = False) -> Result:
    """Run one command's work and give its answer.

    Work that `writes` passes the start-up gate first. Raises what `telling.py` tells.
    """

    async def whole() -> Result:
        async with _opened(load(os.environ)) as admin:
            if writes:
                await admin.ensure_fit()
            return await work(admin)

    return asyncio.run(whole())


def shelf() -> Shelf:
    """Give the templates; no Redis is needed for them."""
    return Shelf(shipped_root(), load(os.environ).templates)


def settings_in_force() -> Settings | None:
    """Give the settings where a deployment is at hand and its Redis answers soon, else None."""
    config = load(os.environ)
    if config.redis_url is None and not config.data.is_dir():
        return None  # Nothing was ever run here; nothing is to be left behind by a look.

    async def look() -> Settings:
        async with _opened(config) as admin, asyncio.timeout(_PATIENCE_SECONDS):
            return await admin.settings()

    try:
        return asyncio.run(look())
    except (*TOLD, TimeoutError):
        return None


@asynccontextmanager
async def _opened(config: Config) -> AsyncIterator[Admin]:
    log.set_up(config.log, config.log_level)
    parts = Parts(config, NoWake())
    try:
        yield admin_over(parts, hand="command")
    except RedisError as fault:
        raise Failed(away(config, fault)) from fault
    finally:
        await parts.close()
