"""The doctor: everything without which no mail leaves, each looked at and told in one line."""

import time
from collections.abc import AsyncIterator
from typing import Final, Literal

from notifier.adapters.archive import RedisArchive
from notifier.adapters.connection import AsyncClient
from notifier.adapters.gate import inspect
from notifier.adapters.graveyard import RedisGraveyard
from notifier.adapters.settings_store import RedisSettings, UnreadableSecret
from notifier.adapters.shelf import Shelf
from notifier.adapters.vitals import Queue, Stream, Vitals
from notifier.admin import roads
from notifier.admin.admitting import admitting
from notifier.admin.look import Look
from notifier.admin.networking import NetworkDesk
from notifier.admin.publishers import publishers_look
from notifier.admin.reminders import Reminders
from notifier.admin.safekeeping import safekeeping
from notifier.admin.stationery import stationery
from notifier.admin.suppressions import SuppressionList
from notifier.core.delivery import State
from notifier.core.settings import Settings, SettingsRefused

# Every part shows life once a second; a worker that is busy may miss some (seconds).
QUIET_SECONDS: Final = 15.0
DEAD_SECONDS: Final = 60.0
# An event or a delivery that has waited for this long was overlooked, or there is too much of it.
LATE_SECONDS: Final = 60.0
# Deliveries among which those in doubt are counted: a second's reading.
COUNTED: Final = 20_000


class Doctor:
    """Looks at one deployment; nothing is changed and no mail is sent."""

    def __init__(
        self,
        *,
        client: AsyncClient,
        settings: RedisSettings,
        network: NetworkDesk,
        shelf: Shelf,
        archive: RedisArchive,
        graveyard: RedisGraveyard,
        suppressions: SuppressionList,
        reminders: Reminders,
    ) -> None:
        self._client = client
        self._settings = settings
        self._network = network
        self._shelf = shelf
        self._archive = archive
        self._graveyard = graveyard
        self._suppressions = suppressions
        self._reminders = reminders
        self._vitals = Vitals(client)

    async def look(self) -> AsyncIterator[Look]:
        """Look at one thing after the other; without Redis only at what lies on this machine."""
        faults = await inspect(self._client, clock=time.time)
        for fault in faults:
            status: Literal["warn", "fail"] = "fail" if fault.closes or fault.alarm else "warn"
            found, _, advice = fault.sentence.rpartition("; ")
            yield Look(name="redis", status=status, found=found, advice=advice)
        if not any(fault.closes for fault in faults):
            yield Look(name="redis", status="ok", found="fit to keep the ledger")
        for each in stationery(self._shelf):
            yield each
        if any(fault.name in {"unreachable", "hopeless", "refused", "loading"} for fault in faults):
            return
        yield _clock(named={fault.name for fault in faults}, fault=await self._vitals.clock_fault())
        async for each in self._beyond_redis():
            yield each

    async def _beyond_redis(self) -> AsyncIterator[Look]:
        async for each in self._mail():
            yield each
        async for each in safekeeping(self._client):
            yield each
        silences = await self._vitals.silences(now=time.time())
        for role, silence in silences.items():
            yield _heartbeat(role, silence, beat=silences["beat"])
        yield _stream(await self._vitals.stream())
        yield publishers_look(await self._vitals.behind())
        queue = await self._vitals.queue()
        yield _queue(queue)
        yield _leases(queue)
        yield _lists(queue)
        async for each in self._reminders.look():
            yield each
        yield await self._doubts()
        yield await self._rejected()
        yield await self._suppressions.look()

    async def _mail(self) -> AsyncIterator[Look]:
        """Look at the settings, and go the whole way to each mail server."""
        try:
            settings = await self._settings.current()
        except (SettingsRefused, UnreadableSecret) as fault:
            yield Look(
                name="settings",
                status="fail",
                found=str(fault),
                advice="apply the settings again: notifier settings apply FILE",
            )
            return
        yield _settings(await self._settings.revision(), settings)
        async for each in self._network.look():
            yield each
        for each in admitting(settings):
            yield each
        if not settings.smtp.host:
            yield Look(
                name="smtp",
                status="fail",
                found="no mail server is set",
                advice="set [smtp] host and sender_address: notifier settings apply FILE",
            )
            return
        async for each in roads.look(self._client, settings.smtp):
            yield each

    async def _doubts(self) -> Look:
        states = await self._archive.states(COUNTED)
        doubtful = states[State.UNKNOWN]
        return Look(
            name="doubts",
            status="warn" if doubtful else "ok",
            found=f"{doubtful} of the newest {sum(states.values())} deliveries had no answer",
            advice="notifier deliveries list --state unknown" if doubtful else "",
        )

    async def _rejected(self) -> Look:
        count = await self._graveyard.count()
        return Look(
            name="rejected",
            status="warn" if count else "ok",
            found=f"{count} entries were no events",
            advice="notifier rejected list, then tell their publisher" if count else "",
        )


def _clock(*, named: set[str], fault: str) -> Look:
    """The gate has compared the clocks; without a fault of that name they agree.

    `fault` is what a part says that has watched them for longer.
    """
    if fault:
        return Look(
            name="clock",
            status="fail",
            found=f"{fault}; nobody is reminded meanwhile",
            advice="set it right, or wait some minutes if the new time is the right one",
        )
    if "clock" in named:
        return Look(
            name="clock",
            status="fail",
            found="this machine and Redis disagree about the time",
            advice="let both follow a time server",
        )
    return Look(name="clock", status="ok", found="this machine and Redis agree")


def _settings(revision: int, settings: Settings) -> Look:
    if revision == 0:
        return Look(
            name="settings",
            status="warn",
            found="nothing was set yet",
            advice="notifier settings export > settings.toml, edit it, and apply it",
        )
    if settings.network.web_address == "localhost":
        return Look(
            name="settings",
            status="warn",
            found="links in mails lead to localhost",
            advice="set [network] web_address to the address that people reach",
        )
    return Look(name="settings", status="ok", found=f"revision {revision}")


def _heartbeat(role: str, silence: float | None, *, beat: float | None) -> Look:
    """Judge a part by how long it was silent (seconds); workers are heard of by beat's ticks."""
    advice = f"start it: notifier {role} (or all parts: notifier up)"
    if silence is None:
        return Look(name=role, status="fail", found="has never shown life", advice=advice)
    found = f"showed life {max(0.0, silence):.0f} s ago"
    quiet = "look again, and at its log"
    if role == "worker" and beat is not None and beat > QUIET_SECONDS:
        first = "look after beat first, workers are heard of by its ticks; then "
        advice, quiet = first + advice, first + quiet
    if silence > DEAD_SECONDS:
        return Look(name=role, status="fail", found=found, advice=advice)
    if silence > QUIET_SECONDS:
        return Look(name=role, status="warn", found=found, advice=quiet)
    return Look(name=role, status="ok", found=found)


def _stream(stream: Stream) -> Look:
    if not stream.has_group and stream.unheard_for is None:
        return Look(name="events", status="ok", found="none were published yet")
    late = max(stream.unheard_for or 0.0, stream.unfinished_for or 0.0)
    if late > LATE_SECONDS:
        return Look(
            name="events",
            status="fail",
            found=f"the oldest event has waited for {late:.0f} s",
            advice="see that a listener runs, and read its log; more of them share the work",
        )
    return Look(name="events", status="ok", found=f"{stream.unfinished} being applied")


def _queue(queue: Queue) -> Look:
    found = f"{queue.ready} ready, {queue.later} for later, {queue.on_the_way} on the way"
    if queue.late is not None and queue.late > LATE_SECONDS:
        return Look(
            name="queue",
            status="warn",
            found=f"{found}; the most urgent should have left {queue.late:.0f} s ago",
            advice="see that workers run and the mail server takes mail; raise [smtp] connections",
        )
    return Look(name="queue", status="ok", found=found)


def _leases(queue: Queue) -> Look:
    overdue = queue.overdue_leases
    return Look(
        name="leases",
        status="warn" if overdue else "ok",
        found=f"{overdue} deliveries were claimed by workers that were not heard of again",
        advice="they are freed within seconds while a listener runs" if overdue else "",
    )


def _lists(queue: Queue) -> Look:
    if queue.spreading_for is not None and queue.spreading_for > LATE_SECONDS:
        return Look(
            name="lists",
            status="warn",
            found=f"{queue.spreading} notices to everyone are not planned to the end",
            advice="see that a listener runs",
        )
    return Look(name="lists", status="ok", found=f"{queue.spreading} being planned")
