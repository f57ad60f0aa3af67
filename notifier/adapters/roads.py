"""The way of one letter: over the first mail server that is not known to be down."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from notifier import log
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.smtp import SmtpMailer
from notifier.core.breaker import Sign, Stand
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.ports.mail import Fence, Letter

# How a road stands may be told late; what the server said about a letter has to be written down
# before anything else, and waits here for the telling (seconds).
PATIENCE_SECONDS: Final = 3.0


class Road(Protocol):
    """One mail server, as `SmtpMailer` plays it."""

    async def send(self, letter: Letter, fence: Fence) -> Outcome: ...

    def forgive(self) -> None: ...

    async def close(self) -> None: ...


class Roads:
    """Plays the Mailer over several servers: a backup is taken only while those before it are down.

    A letter goes on to the next server only as long as nothing of it was handed over: later and
    never are answers, and after the fence the body may have been taken.
    """

    def __init__(
        self, smtp: Smtp, states: RedisRoads, *, make_road: Callable[[Smtp], Road] = SmtpMailer
    ) -> None:
        self._states = states
        self._roads = [make_road(each) for each in smtp.roads]
        self._troubled: set[int] = set()
        self._closing = False

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        """Send over the first road that lets it through; one outcome for every end."""
        outcome: Outcome | None = None
        gate = _Gate(fence)
        for number in range(len(self._roads)):
            leave = await self._states.leave(number)
            if leave is not None:
                outcome = await self._over(number, leave, letter, gate)
                if gate.passed or not isinstance(outcome, Unreachable):
                    return outcome
            breaker = self._states.breaker(number)
            outcome = outcome or Unreachable(breaker.cause or "every mail server is being tried")
            if breaker.policy:
                break
        assert outcome is not None  # there is a first road
        return outcome

    async def close(self) -> None:
        """Close all connections, politely."""
        self._closing = True
        for road in self._roads:
            await road.close()

    async def _over(self, number: int, leave: int, letter: Letter, gate: "_Gate") -> Outcome:
        """Send over one road, and let all workers know how it is."""
        road = self._roads[number]
        if number in self._troubled:
            # The others know by now that one may knock: our own grudge would look like a failure.
            road.forgive()
            self._troubled.discard(number)
        outcome = await road.send(letter, gate.look)
        if not self._closing and _worth_telling(leave, outcome):
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._report(number, leave, outcome)
        return outcome

    async def _report(self, number: int, leave: int, outcome: Outcome) -> None:
        match outcome:
            case Unreachable(detail):
                self._troubled.add(number)
                await self._states.hear(number, Sign.FAIL, leave, cause=detail)
            case Unanswered(detail):
                await self._states.hear(number, Sign.DOUBT, leave, cause=detail)
            case Refused(reply, policy=True):
                await self._refused(number, leave, reply)
            case Accepted() | Deferred() | Refused() | Stopped():
                await self._states.hear(number, Sign.WORK, leave)

    async def _refused(self, number: int, leave: int, reply: str) -> None:
        """Weigh a refusal by policy: too many of them, or one of a probe, and nothing more goes."""
        tally = await self._states.refused(number)
        breaker = self._states.breaker(number)
        probing = breaker.policy and breaker.stand is Stand.PROBING
        if not (probing or (tally and tally.alarming)):
            await self._states.hear(number, Sign.WORK, leave)
            return
        cause = f"policy: refused as unwanted, the last with {reply}"
        if tally and breaker.stand is not Stand.OPEN:
            log.reputation_at_risk(number, tally.refused, tally.mails, reply)
        await self._states.hear(number, Sign.ALARM, leave, cause=cause)


def _worth_telling(leave: int, outcome: Outcome) -> bool:
    """Tell whether others learn anything: a road that works is told nothing, at each mail."""
    match outcome:
        case Unreachable() | Refused(policy=True):
            return True
        case Accepted() | Deferred() | Refused() | Unanswered() | Stopped():
            return leave != 0


class _Gate:
    """The fence, and whether it has let the letter pass."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        self.passed = False

    async def look(self) -> str | None:
        reason = await self._fence()
        self.passed = reason is None
        return reason
