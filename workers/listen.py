"""The listener: reads the stream, applies each event, and hints workers at what is owed."""

import asyncio
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import uvloop

from notifier import crash_points, log
from notifier.adapters.connection import RedisError, is_away
from notifier.adapters.gate import GateClosed
from notifier.adapters.heartbeats import Silence, beat_heart
from notifier.adapters.network_news import NetworkNews
from notifier.config import ConfigError
from notifier.crash_points import Point
from notifier.intervals import Intervals
from notifier.ports.inbox import Entry
from notifier.reaching.faults import reason
from notifier.service import Notifier
from notifier.wiring import Parts
from workers.app import CONFIG, set_up_log
from workers.cycles import spare_what_is_loaded
from workers.wake import CeleryWake

# Events read in one go; the read waits this long for the first (seconds).
BATCH = 200
BLOCK_SECONDS = 0.5
# Slices of large lists planned between two reads: intake goes on while a webinar is spread.
ROUNDS_OF_SPREADING = 4
SWEEP_SECONDS = 1.0
TAKE_OVER_SECONDS = 5.0
TIDY_SECONDS = 60.0
# What was sent and is not exported yet is what a lost Redis would send again.
EXPORT_SECONDS = 1.0
# A slice of old deliveries in each round: forty million a day.
FORGET_SECONDS = 1.0
# A page of the due index in each round, if no other listener has just looked at one.
AUDIT_SECONDS = 2.0
# Beat ticks every second. Silent for this long, it is dead or its clock is wrong: we tick.
BEAT_SILENT_SECONDS = 5.0
# Pause after Redis went away: doubled up to the second number, and a part of it left to chance, so
# that it returns to no herd (P8).
PAUSE_SECONDS = (0.2, 5.0)
LEFT_TO_CHANCE = 0.5


class Listener:
    """One loop over the stream."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ticks = Silence(parts.client, "worker")
        self._network_news = NetworkNews(parts.client, parts.settings)
        self._stopping = asyncio.Event()
        self._intervals = Intervals()
        self._spreading = 0  # notices that may not be spread to everyone yet
        # Read and not yet applied: kept over an absence of Redis, so that nobody has to take them
        # over from a listener that is alive.
        self._unheard: list[Entry] = []
        self._exporting: asyncio.Task[int] | None = None

    def stop(self) -> None:
        """Finish the present round and end."""
        self._stopping.set()

    async def run(self) -> None:
        """Listen until stopped; Redis may come and go."""
        pause = PAUSE_SECONDS[0]
        opened = False
        while not self._stopping.is_set():
            try:
                if not opened:
                    await self._parts.open()
                    opened = True
                    log.started("listen")
                await self._round()
                pause = PAUSE_SECONDS[0]
            except GateClosed as closed:
                if not closed.temporary:
                    raise
                pause = await self._wait("redis", str(closed), pause)
            except (RedisError, OSError) as fault:
                # A new server may lack the group: look again at what it is.
                opened = False
                if isinstance(fault, RedisError) and not is_away(fault):
                    self._unheard = []  # it will not take one of these: later each is tried alone
                pause = await self._wait("redis", reason(fault), pause)
            except Exception as fault:  # noqa: BLE001 -- the outer loop of this process
                # Whatever it was: events stay unacknowledged, and are taken over some time later.
                self._unheard = []
                log.failed_to_apply("(round)", fault)
                pause = await self._wait("ourselves", type(fault).__name__, pause)
        await self._export_the_rest()
        log.stopped("listen")

    async def _round(self) -> None:
        """Read, apply, spread, hint, and once in a while look after what was left behind."""
        notifier, inbox = self._parts.notifier, self._parts.inbox
        block = 0.001 if self._spreading else BLOCK_SECONDS
        heard = False
        if not self._unheard:
            self._unheard = await inbox.read(limit=BATCH, block_seconds=block)
        if self._intervals.over("take over", TAKE_OVER_SECONDS):
            # Suspects are given one by one.
            while left := await inbox.take_over(limit=BATCH):
                await hear_singly(notifier, left)
        if self._unheard:
            crash_points.at(Point.READ)
            await notifier.hear(self._unheard)
            heard, self._unheard = True, []
        # Whoever hears, or spreads, has hinted at what is ready.
        if not await self._spread() and not heard:
            await notifier.dispatch()
        if self._intervals.over("sweep", SWEEP_SECONDS):
            await self._parts.lookout.look()
            await notifier.sweep()
            if await self._ticks.seconds() > BEAT_SILENT_SECONDS:
                await notifier.tick()
            await beat_heart(self._parts.client, "listen")
        await self._keep_house()

    async def _keep_house(self) -> None:
        """Tell where the server is, export, drop what nobody needs, and audit the due index."""
        parts = self._parts
        await self._network_news.follow()
        if self._intervals.over("export", EXPORT_SECONDS):
            self._go_on_exporting()
        if self._intervals.over("forget", FORGET_SECONDS):
            moment = await parts.clocks.moment()
            if moment:
                await parts.retention.forget(now=moment.redis)
        if self._intervals.over("tidy", TIDY_SECONDS):
            await parts.notifier.tidy()
        if self._intervals.over("audit", AUDIT_SECONDS):
            await parts.notifier.audit()

    def _go_on_exporting(self) -> None:
        """Export beside the rounds: it waits for a disk, and no event should.

        What went wrong with the last go is the fault of this round.
        """
        last = self._exporting
        if last is None or last.done():
            self._exporting = asyncio.create_task(self._parts.exporter.export())
            if last:
                last.result()

    async def _export_the_rest(self) -> None:
        """Write what the workers, who stop before us, have finished meanwhile."""
        if self._exporting:
            await asyncio.wait([self._exporting])
        with suppress(RedisError, OSError):
            await self._parts.exporter.export()
            await self._parts.lookout.look()

    async def _spread(self) -> bool:
        """Plan some slices of notices to everyone; tell whether there were any.

        What is planned of each leaves while the next of them are planned.
        """
        spread = 0
        for _round in range(ROUNDS_OF_SPREADING):
            self._spreading = await self._parts.notifier.spread()
            if not self._spreading:
                break
            spread += self._spreading
            await self._parts.notifier.dispatch()
        return spread > 0

    async def _wait(self, what: str, fault: str, pause: float) -> float:
        log.waiting_for(what, fault)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), shortened(pause))
        return min(2 * pause, PAUSE_SECONDS[1])


def shortened(pause: float) -> float:
    """Give a pause of which chance has taken a part."""
    return pause * (1 - random.uniform(0, LEFT_TO_CHANCE))


async def hear_singly(notifier: Notifier, entries: Sequence[Entry]) -> None:
    """Hear what was left behind one by one: whatever is wrong with one stops no other."""
    for entry in entries:
        try:
            await notifier.hear([entry])
        except RedisError as fault:
            if is_away(fault):
                raise
            log.failed_to_apply(entry.id, fault)


async def listen() -> None:
    """Run one listener until SIGTERM or SIGINT."""
    parts = Parts(CONFIG, CeleryWake())
    listener = Listener(parts)
    spare_what_is_loaded()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, listener.stop)
    try:
        await listener.run()
    finally:
        await parts.close()


def main() -> int:
    """Start from the command line; give the exit status."""
    set_up_log()
    try:
        uvloop.run(listen())
    except (GateClosed, ConfigError) as fault:
        sys.stderr.write(f"notifier listen: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
