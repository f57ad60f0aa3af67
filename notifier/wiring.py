"""Which adapter plays which part."""

import os
import socket
from datetime import UTC, datetime

from notifier import log
from notifier.adapters.agenda import RedisAgenda
from notifier.adapters.audit_walk import RedisAuditWalk
from notifier.adapters.clocks import WatchedClocks
from notifier.adapters.connection import AsyncClient, connect
from notifier.adapters.due_index import RedisDueIndex
from notifier.adapters.export import Exporter
from notifier.adapters.export_files import ExportFiles
from notifier.adapters.gate import ensure_fit
from notifier.adapters.inbox import StreamInbox
from notifier.adapters.journal import DiskJournal
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.lookout import Lookout
from notifier.adapters.mark_file import MarkFile
from notifier.adapters.memory import RedisMemory
from notifier.adapters.retention import Retention
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.roads import Roads
from notifier.adapters.settings_store import RedisSettings
from notifier.adapters.shelf import Fault, Shelf
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.template_files import shipped_root
from notifier.config import Config, secret_key
from notifier.core.mail_servers import Smtp
from notifier.core.times.zones import EDITION
from notifier.delivering import Courier
from notifier.deployment import redis_url
from notifier.ports.ledger import Wake
from notifier.ports.mail import Mailer
from notifier.recording import Recorder
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
        secret = secret_key(config)
        self.suppressions = RedisSuppressions(self.client, secret)
        self.memory = RedisMemory(self.client, self.suppressions)
        self.index = RedisDueIndex(self.client)
        self.walk = RedisAuditWalk(self.client)
        self.roads = RedisRoads(self.client)
        self.lookout = Lookout(self.client, MarkFile(config.data / "mark"))
        self.ledger = RedisLedger(self.client, self.suppressions, self.roads, self.lookout.look)
        self.settings = RedisSettings(
            self.client,
            secret,
            {"password": config.smtp_password, "client_secret": config.smtp_client_secret},
        )
        self.export_files = ExportFiles(config.data / "export")
        self.exporter = Exporter(self.client, self.export_files, self.settings)
        self.clocks = WatchedClocks(self.client)
        self.retention = Retention(self.client, self.settings)
        self.shelf = Shelf(shipped_root(), config.templates, report=_report)
        self.recorder = Recorder(self.ledger, DiskJournal(config.data / "journal"))
        self.courier = Courier(
            ledger=self.ledger,
            recorder=self.recorder,
            shelf=self.shelf,
            make_mailer=self._make_mailer,
            clocks=self.clocks,
        )
        self.notifier = Notifier(
            inbox=self.inbox,
            memory=self.memory,
            index=self.index,
            walk=self.walk,
            ledger=self.ledger,
            settings=self.settings,
            courier=self.courier,
            recorder=self.recorder,
            roads=self.roads,
            wake=wake,
            clocks=self.clocks,
            agenda=RedisAgenda(self.client),
        )

    async def open(self) -> None:
        """Pass the gate and make the group; raises GateClosed with one clear sentence."""
        await ensure_fit(self.client)
        # Before the first event is heard: a copy that was written to is harder to tell.
        await self.lookout.look()
        await self.inbox.open()
        if await self.walk.follow(EDITION):
            log.index_outdated(EDITION)

    async def close(self) -> None:
        """Leave the mail server and Redis."""
        await self.courier.close()
        await self.client.aclose()

    def _make_mailer(self, smtp: Smtp) -> Mailer:
        """Give the mailer for these settings."""
        return Roads(smtp, self.roads)


def _report(fault: Fault) -> None:
    log.template_fault(f"{fault.path}:{fault.line}", fault.message, fault.suggestion, fault.used)
