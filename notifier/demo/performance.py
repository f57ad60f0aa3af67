"""The performance: parts up, the play act by act, the outcome checked, everything down again."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from rich.console import Console
from rich.live import Live

from notifier.adapters.connection import AsyncClient, connect
from notifier.demo import stage
from notifier.demo.house import House, Wishes
from notifier.demo.opened import Opened, opened
from notifier.demo.outcome import faults, fits, recorded
from notifier.demo.records import Records, put, records
from notifier.demo.script import PATIENCE, SOURCE, Act, play
from notifier.publisher import AsyncPublisher

WIDTH_WITHOUT_TERMINAL = 110

# How often the screen is drawn when nothing happens.
LOOK_SECONDS = 0.2
# A person reads along; a machine does not wait.
PACE_SECONDS = 1.2
# An answer of the mail server is written into the ledger a moment after the mail is here.
SETTLE_SECONDS = 10.0


async def perform(wishes: Wishes, opening: AbstractAsyncContextManager[House]) -> int:
    """Give the exit status: 0 if all came as promised. SIGINT, SIGTERM and SIGHUP end it early."""
    # A log keeps its lines whole; a terminal knows how wide it is.
    console = Console(
        highlight=False, width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
    )
    async with opening as house:
        ended = _told_to_end()
        running = asyncio.create_task(house.supervisor.run())
        show = Show(console, house, wishes)
        showing = asyncio.create_task(show.run())
        leaving = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait([running, showing, leaving], return_when="FIRST_COMPLETED")
            if running.done():
                console.print(house.last_words(), markup=False, soft_wrap=True)
                running.result()
            if showing.done():
                showing.result()
            return show.status
        finally:
            await _close(house, running, showing, leaving)


class Show:
    """One run of the play."""

    def __init__(self, console: Console, house: House, wishes: Wishes) -> None:
        self._console = console
        self._house = house
        self._once = wishes.once
        # Left in the middle, nothing has been proved.
        self.status = 1

    async def run(self) -> None:
        """Wait until all is up, play, check; stay up unless it is for once only."""
        with self._console.status("Redis, listener, worker, beat, Flower and panel are starting"):
            await self._house.supervisor.ready.wait()
        stage.opening(self._console, self._house.links)
        async with connect(self._house.supervisor.redis_url) as client:
            self.status = await self._play(client)
        if not self._once:
            await self._stay()

    async def _play(self, client: AsyncClient) -> int:
        acts = play(stage.now())
        for number, act in enumerate(acts, start=1):
            await self._act(client, number, act)
            if not self._once:
                await asyncio.sleep(PACE_SECONDS)
        found = await self._settled_faults(client, acts)
        stage.summary(self._console, self._mails())
        stage.verdict(self._console, found, acts)
        if found:
            self._console.print(self._house.last_words(), markup=False, soft_wrap=True)
        return 1 if found else 0

    async def _act(self, client: AsyncClient, number: int, act: Act) -> None:
        """Publish what happens and draw what comes of it, until all has come or time is over."""
        self._console.print(stage.heading(number, act))
        await AsyncPublisher(client, SOURCE).publish_many(act.events)
        if act.raw is not None:
            await put(client, act.raw)
        last = max(stage.now(), act.due or stage.now()) + PATIENCE
        with Live(console=self._console, auto_refresh=False) as live:
            while True:
                known = await records(client)
                shown = stage.scene(act, self._mails(), known, stage.now())
                live.update(shown, refresh=True)
                if _complete(act, self._mails(), known) or stage.now() >= last:
                    break
                await self._house.mailbox.change(within_seconds=LOOK_SECONDS)
        if not self._console.is_terminal:
            # Live ends its last picture with a line break on terminals only.
            self._console.print()

    async def _settled_faults(self, client: AsyncClient, acts: Sequence[Act]) -> list[str]:
        """Look until nothing is missing, or until it will not come any more."""
        last = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while True:
            found = faults(acts, self._mails(), await records(client))
            if not found or asyncio.get_running_loop().time() >= last:
                return found
            await asyncio.sleep(LOOK_SECONDS)

    async def _stay(self) -> None:
        self._console.print("\nAll of it stays up for looking around; Ctrl-C ends it.")
        for name, url in self._house.links.items():
            self._console.print(f"    {name:<8} {url}")
        await asyncio.Event().wait()

    def _mails(self) -> list[Opened]:
        return [opened(mail) for mail in self._house.mailbox.mails]


def _complete(act: Act, mails: Sequence[Opened], known: Records) -> bool:
    """Tell whether all that an act promises has come, and what it published is heard."""
    return (
        all(any(fits(mail, telling) for mail in mails) for telling in act.tellings)
        and all(recorded(known, skip) for skip in act.skips)
        and len(known.reasons) >= act.rejected
        and not (known.unread or known.unacknowledged)
    )


def _told_to_end() -> asyncio.Event:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    return ended


async def _close(house: House, running: asyncio.Task[None], *others: asyncio.Task[object]) -> None:
    for task in others:
        task.cancel()
    house.supervisor.stop()
    await asyncio.gather(running, *others, return_exceptions=True)
