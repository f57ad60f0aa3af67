"""The order of things: the port, Redis, the gate, the settings, the parts, and all of it back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from notifier.adapters.connection import connect
from notifier.adapters.embedded import EmbeddedRedis
from notifier.adapters.gate import ensure_fit
from notifier.adapters.heartbeats import Heartbeats
from notifier.config import Config, secret_key
from notifier.exposure import exposures
from notifier.supervisor.child import Child, Start
from notifier.supervisor.guard import Guard
from notifier.supervisor.output import Outlet
from notifier.supervisor.ports import knock_at, settled
from notifier.supervisor.pulse import Pulse
from notifier.supervisor.ready import Watch
from notifier.supervisor.roles import ROLES, Role, command, filled, filling

# A part that ends this often before everything was ready will not come up at all.
MOST_DEATHS_BEFORE_READY = 5

STANDARD_ERROR = 2

# How often the embedded Redis is asked while it reads its file.
REDIS_POLL_SECONDS = 0.02

# A cancelled task that goes on is cancelled again this often.
CANCEL_SECONDS = 0.1

# While something is missing, it is named this often.
WAITING_SECONDS = 15.0


# Called with the URL of the running Redis.
Prepare = Callable[[str], None]


class StartError(Exception):
    """The notifier cannot be brought up; the text is one full sentence."""


class Supervisor:
    """Brings all parts up, keeps them up, and takes them down; one `run` per object.

    `prepare` is called in a thread of its own after Redis is up and before the parts start:
    the place to apply settings. What it raises ends the run.
    `output` is the descriptor that gets what the parts print.
    Raises PortTakenError at once.
    """

    def __init__(
        self,
        config: Config,
        *,
        environ: Mapping[str, str],
        workers: int | None = None,
        roles: Sequence[Role] = ROLES,
        prepare: Prepare | None = None,
        most_deaths: int = MOST_DEATHS_BEFORE_READY,
        output: int = STANDARD_ERROR,
    ) -> None:
        self._config = settled(config)
        self._filling = filling(self._config, workers=workers)
        self._environ = environ
        self._roles = roles
        self._prepare = prepare
        self._most_deaths = most_deaths
        self._outlet = Outlet(output, config.log)
        self._guard = Guard()
        self._redis = None if config.redis_url else EmbeddedRedis(config.data)
        self._children: list[Child] = []
        self._stopping = asyncio.Event()
        self._hopeless: str | None = None
        self.ready = asyncio.Event()

    @property
    def redis_url(self) -> str:
        if self._redis is not None:
            return self._redis.url
        assert self._config.redis_url is not None
        return self._config.redis_url

    @property
    def panel_url(self) -> str:
        return f"http://{knock_at(self._config.panel_host)}:{self._config.panel_port}"

    @property
    def processes(self) -> dict[str, int]:
        """The pid of each part that runs now."""
        return {child.name: child.pid for child in self._children if child.pid is not None}

    async def run(self) -> None:
        """All parts up, until `stop` is called; raises what hinders the start, and StartError."""
        living = asyncio.create_task(self._live())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait([living, stopping], return_when=asyncio.FIRST_COMPLETED)
            if living.done():
                living.result()
        finally:
            await _cancel(living)
            await _cancel(stopping)
            await self._take_down()
        if self._hopeless is not None:
            raise StartError(self._hopeless)

    def stop(self) -> None:
        """Take everything down in order; asked a second time: at once."""
        if not self._stopping.is_set():
            self._outlet.say("stopping")
            self._stopping.set()
            return
        self._outlet.say("stopping at once")
        for child in self._children:
            child.kill()

    async def _live(self) -> None:
        # Made here once: a folder that cannot be written is told before anything starts.
        secret_key(self._config)
        for each in exposures(self._config):
            self._outlet.say(f"warning: {each}")
        await self._guard.start()
        if self._redis is not None:
            await self._start_redis(self._redis)
        async with connect(self.redis_url) as client:
            await ensure_fit(client)
            if self._prepare is not None:
                await asyncio.to_thread(self._prepare, self.redis_url)
            hearts = Heartbeats(client)
            await self._wait_for(await self._start_roles(hearts))
            self.ready.set()
            await self._pulse(hearts).keep()

    async def _start_redis(self, redis: EmbeddedRedis) -> None:
        lock = redis.lock()
        start = Start(
            name="redis",
            command=redis.prepare(),
            environ=self._environ,
            stop_seconds=30.0,
            pass_fds=(lock,),
        )
        self._keep(start)
        while not redis.answers():  # noqa: ASYNC110  (no other process can set an Event of ours)
            await asyncio.sleep(REDIS_POLL_SECONDS)

    async def _start_roles(self, hearts: Heartbeats) -> Watch:
        beating = [role.name for role in self._roles if role.answers is None]
        # Redis passed the gate a moment ago; were it away again, any beat would be a new one.
        before = await hearts.last(beating) or dict.fromkeys(beating)
        for role in self._roles:
            self._keep(
                Start(
                    name=role.name,
                    command=command(role, self._filling),
                    environ=self._children_environ(),
                    stop_seconds=role.stop_seconds,
                )
            )
        return Watch(hearts, before=before, urls=self._urls())

    async def _wait_for(self, watch: Watch) -> None:
        waiting = asyncio.create_task(watch.wait())
        try:
            while not (await asyncio.wait([waiting], timeout=WAITING_SECONDS))[0]:
                self._outlet.say(f"still waiting for {', '.join(sorted(watch.waiting))}")
            waiting.result()
        finally:
            await _cancel(waiting)

    def _pulse(self, hearts: Heartbeats) -> Pulse:
        limits = {role.name: role.silent_seconds for role in self._roles if role.silent_seconds}
        return Pulse(hearts, limits=limits, silent=self._restart_silent)

    def _restart_silent(self, name: str) -> None:
        self._outlet.say(f"{name} runs but has shown no life for too long")
        for child in self._children:
            if child.name == name:
                child.restart()

    def _keep(self, start: Start) -> None:
        child = Child(
            start, guard=self._guard, outlet=self._outlet, on_death=self._give_up_if_hopeless
        )
        self._children.append(child)
        child.start()

    def _give_up_if_hopeless(self, child: Child) -> None:
        if self.ready.is_set():
            return
        if child.name == "redis" and self._redis is not None:
            self._hopeless = (
                f"The embedded Redis could not be started; the last words of {self._redis.log}: "
                f"{self._redis.last_words()}"
            )
            self.stop()
        elif child.deaths >= self._most_deaths:
            self._hopeless = (
                f"The part {child.name} ended {child.deaths} times before all were ready; "
                "see to what it said above, and start again."
            )
            self.stop()

    async def _take_down(self) -> None:
        for child in reversed(self._children):
            await child.stop()
        await self._guard.stop()
        if self._redis is not None:
            self._redis.stop()
        self._outlet.close()

    def _urls(self) -> dict[str, str]:
        reachable = msgspec.structs.replace(
            self._filling,
            panel_host=knock_at(self._config.panel_host),
            flower_host=knock_at(self._config.flower_host),
        )
        return {role.name: filled(role.answers, reachable) for role in self._roles if role.answers}

    def _children_environ(self) -> dict[str, str]:
        config = self._config
        return {
            **self._environ,
            "NOTIFIER_REDIS_URL": self.redis_url,
            "NOTIFIER_DATA": str(config.data),
            "NOTIFIER_PANEL_HOST": config.panel_host,
            "NOTIFIER_PANEL_PORT": str(config.panel_port),
            "NOTIFIER_FLOWER_HOST": config.flower_host,
            "NOTIFIER_FLOWER_PORT": str(config.flower_port),
            "NOTIFIER_LOG": config.log,
            "NOTIFIER_LOG_LEVEL": config.log_level,
            # A line is worth reading when it is printed, not 8 KiB later.
            "PYTHONUNBUFFERED": "1",
        }


async def _cancel(task: asyncio.Task[None] | asyncio.Task[Literal[True]]) -> None:
    """Cancel until it has ended.

    Once is not enough: redis-py sends under `asyncio.wait_for`, which before Python 3.12 loses a
    cancellation that comes in the moment of success.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_SECONDS)
    if not task.cancelled():
        # Looked at, so that asyncio does not print what came of it: it no longer matters.
        task.exception()
