"""The test of a federated server, as a client elsewhere would find it: name, ports, certificate.

Everything that can be asked at one time is; each step has its time, and so has the whole (R47).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from notifier.adapters.dns import Dns
from notifier.adapters.doors import knock, visit
from notifier.adapters.interfaces import this_machine
from notifier.adapters.smtp_stages import Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.admin.refusals import Impossible
from notifier.core.federation.federation import judged
from notifier.core.federation.masks import normalised
from notifier.core.federation.server_names import ServerName
from notifier.core.reach.door_verdicts import client_steps, https_steps
from notifier.core.reach.name_verdicts import (
    address_steps,
    endpoints,
    lists_step,
    name_step,
    services_step,
)
from notifier.core.reach.probes import (
    CLIENT_PORT,
    HTTPS_PORT,
    MOST_ADDRESSES,
    Endpoint,
    Lookup,
    Step,
)
from notifier.core.settings import Settings

Result = TypeVar("Result")


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a person waits for one step, and for all of them (seconds)."""

    step: float = 5.0
    whole: float = 15.0


USUAL: Final = Patience()


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Which server is to be tested, and where, if not where its name leads.

    With a `port` no SRV records are asked for. Without a `ca_file` that of the settings is taken.
    """

    server: ServerName
    port: int | None = None
    https_port: int = HTTPS_PORT
    ca_file: str | None = None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How a server was found: `ok` if no step failed."""

    server: str
    ok: bool
    steps: tuple[Step, ...]


async def reached(
    question: Question, settings: Settings, dns: Dns, *, patience: Patience = USUAL
) -> Reach:
    """Go every step of the test; raises Impossible where the file of the CA cannot be read."""
    federation = settings.federation
    tls = await _trusting(question.ca_file or federation.ca_file)
    time = _Time(patience)
    led, lookups = await _led(question, "" if question.port else federation.service, dns, time)
    answered = await _answered(question, endpoints(lookups), tls, until=time.end_of_step())
    steps = (*_from_here(question.server, settings), *led, *answered)
    return Reach(
        server=question.server.name, ok=all(each.status != "fail" for each in steps), steps=steps
    )


def _from_here(server: ServerName, settings: Settings) -> list[Step]:
    """Judge what is known without asking anybody: our own lists, and the name."""
    federation, home = settings.federation, settings.server.domain
    judgement = judged(server.name, federation, home=home)
    at_home = server.name == normalised(home)
    return [lists_step(server, judgement, federation.mode), name_step(server, home=at_home)]


class _Time:
    """What is left of the patience for the whole."""

    def __init__(self, patience: Patience) -> None:
        self._loop = asyncio.get_running_loop()
        self._step = patience.step
        self._end = self._loop.time() + patience.whole

    def end_of_step(self) -> float:
        """Give the moment of the loop's clock at which a step that begins now is over."""
        return min(self._loop.time() + self._step, self._end)

    @property
    def for_step(self) -> float:
        """How long a step that begins now may take (seconds)."""
        return self.end_of_step() - self._loop.time()

    async def taken(self, work: Awaitable[Result]) -> tuple[Result, float]:
        """Give what comes of it, and how long it took (seconds)."""
        began = self._loop.time()
        return await work, round(self._loop.time() - began, 6)


async def _led(
    question: Question, service: str, dns: Dns, time: _Time
) -> tuple[list[Step], list[Lookup]]:
    """Follow the name to where it leads: by SRV records where it has some, else by itself."""
    name, port = question.server.name, question.port or CLIENT_PORT
    if not service:
        own = await _looked_up([(name, port)], dns, time)
        return _judged(own, by_service=False), own
    query = f"{service}.{name}"
    (services, seconds), own = await asyncio.gather(
        time.taken(dns.services(query, within=time.for_step)),
        _looked_up([(name, port)], dns, time),
    )
    step, useful = services_step(query, services, seconds)
    if useful:
        targets = [(each.target, each.port) for each in useful[:MOST_ADDRESSES]]
        lookups = await _looked_up(targets, dns, time)
        return [step, *_judged(lookups, by_service=True)], lookups
    if isinstance(services, tuple):
        return [step], []  # it says that clients cannot connect, and so they do not
    return [step, *_judged(own, by_service=False)], own


async def _looked_up(names: Sequence[tuple[str, int]], dns: Dns, time: _Time) -> list[Lookup]:
    """Ask for the addresses of all these names, each with the port that is meant there."""
    within = time.for_step
    found = await asyncio.gather(
        *(time.taken(dns.addresses(name, within=within)) for name, _ in names)
    )
    return [
        Lookup(name=name, port=port, found=addresses, seconds=seconds)
        for (name, port), (addresses, seconds) in zip(names, found, strict=True)
    ]


async def _answered(
    question: Question, doors: Sequence[Endpoint], tls: ssl.SSLContext, *, until: float
) -> list[Step]:
    """Knock everywhere at one time, at the port of clients and at that of HTTPS."""
    name, port = question.server.name, question.https_port
    https = tuple(dict.fromkeys(Endpoint(each.address, port) for each in doors))
    knocks, visits = await asyncio.gather(
        asyncio.gather(*(knock(each, until) for each in doors)),
        asyncio.gather(*(visit(each, name, tls, until) for each in https)),
    )
    return [*client_steps(knocks), *https_steps(visits, name, now=datetime.now(UTC))]


def _judged(lookups: Sequence[Lookup], *, by_service: bool) -> list[Step]:
    ours = {each.address for each in this_machine().addresses}
    unique = {each.name: each for each in lookups}
    return [
        step
        for each in unique.values()
        for step in address_steps(each, ours=ours, by_service=by_service)
    ]


async def _trusting(ca_file: str) -> ssl.SSLContext:
    try:
        return await asyncio.to_thread(tls_context, ca_file)
    except Unopened as fault:
        raise Impossible(f"No certificate can be checked: {fault.cause}; {fault.advice}.") from None
