"""Which adapter plays which part."""

import asyncio
import os
import socket
import time
from datetime import UTC, datetime

from notifier import log
from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient, SyncClient, connect
from notifier.adapters.embedded import EmbeddedRedis
from notifier.adapters.gate import GateClosed, ensure_fit
from notifier.adapters.inbox import StreamInbox
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.memory import RedisMemory
from notifier.adapters.settings_store import RedisSettings
from notifier.adapters.shelf import Fault, Shelf
from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.template_files import shipped_root
from notifier.config import Config, data_folder, secret_key
from notifier.core.settings import Smtp
from notifier.delivering import Courier
from notifier.ports import Mailer, Wake
from notifier.service import Notifier


def utc_now() -> datetime:
    """The clock of this machine; the start-up gate has compared it with Redis's."""
    return datetime.now(UTC)


class Parts:
    """Everything that one process of the service is made of."""

    def __init__(self, config: Config, wake: Wake) -> None:
        self.config = config
        self.client: AsyncClient = connect(redis_url(config))
        self.inbox = StreamInbox(self.client, consumer=f"{socket.gethostname()}-{os.getpid()}")
        self.memory = RedisMemory(self.client)
        self.ledger = RedisLedger(self.client)
        self.settings = RedisSettings(self.client, secret_key(config), config.smtp_password)
        self.shelf = Shelf(shipped_root(), config.templates, report=_report)
        self.courier = Courier(
            ledger=self.ledger, shelf=self.shelf, make_mailer=make_mailer, clock=utc_now
        )
        self.notifier = Notifier(
            inbox=self.inbox,
            memory=self.memory,
            ledger=self.ledger,
            settings=self.settings,
            courier=self.courier,
            wake=wake,
            clock=utc_now,
        )

    async def open(self) -> None:
        """Pass the gate and make the group; raises GateClosed with one clear sentence."""
        await ensure_fit(self.client)
        await self.inbox.open()

    async def close(self) -> None:
        """Leave the mail server and Redis."""
        await self.courier.close()
        await self.client.aclose()


def _report(fault: Fault) -> None:
    log.template_fault(f"{fault.path}:{fault.line}", fault.message)


def make_mailer(smtp: Smtp) -> Mailer:
    """Give the mailer for these settings."""
    return SmtpMailer(smtp)


def redis_url(config: Config) -> str:
    """Give the Redis of this deployment: the one named, else the one of our own."""
    return config.redis_url or EmbeddedRedis(data_folder(config)).url


def misfit(config: Config) -> str | None:
    """Say in one sentence why this Redis cannot be worked on, or None; one away will come back."""

    async def look() -> str | None:
        client = connect(redis_url(config))
        try:
            await ensure_fit(client)
        except GateClosed as closed:
            return None if closed.temporary else str(closed)
        finally:
            await client.aclose()
        return None

    return asyncio.run(look())


async def beat_heart(client: AsyncClient, role: str) -> None:
    """Note that this role has just made progress."""
    await client.set(keys.HEARTBEAT + role, f"{time.time():.3f}")


def beat_heart_sync(client: SyncClient, role: str) -> None:
    """The same, for code without an event loop."""
    client.set(keys.HEARTBEAT + role, f"{time.time():.3f}")


async def silent_for(client: AsyncClient, role: str) -> float:
    """Give for how many seconds a role has made no progress; for ever if it never did."""
    beaten = await client.get(keys.HEARTBEAT + role)
    return time.time() - float(beaten) if beaten else float("inf")
