"""The ledger: what is owed to whom and how it went; every change of a delivery is one script."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from redis.asyncio import Redis

from notifier.adapters import keys
from notifier.adapters.absence import answering, away
from notifier.adapters.attempts import Row, batches, ended, leaving, packed
from notifier.adapters.claims import FEW_UNTOLD, claimed_in, claims_of
from notifier.adapters.connection import RedisError
from notifier.adapters.leaning import LONG_LIST, deliveries_of
from notifier.adapters.lookout import Look
from notifier.adapters.lua_scripts import Part, Scripts
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.rows import noticed_fields
from notifier.adapters.suppressions import RedisSuppressions
from notifier.adapters.taking import HINT_LEASE_SECONDS, RATE_SECONDS, hints, taking
from notifier.adapters.untold_marks import UNTOLD_SECONDS
from notifier.core.delivery import Delivery, State
from notifier.core.replies import LONGEST_HINT_SECONDS
from notifier.core.suppression import Suppression
from notifier.core.urgency import AHEAD, urgency
from notifier.ports.ledger import Ending, Hint
from notifier.remembering import SLICE, Claimed

# How long a worker may be silent between its claim and the fence. A slow server may take longer for
# MAIL and RCPT (RFC 5321 §4.5.3.2 allows minutes), so a worker that is alive renews its leases.
CLAIM_LEASE_SECONDS: Final = 60
# RFC 5321 §4.5.3.2.6 gives the server ten minutes for its answer to the final dot; then some.
DATA_LEASE_SECONDS: Final = 900
# A tenth of a second's mails may leave at once.
BURST_SHARE: Final = 10

# States in which a worker holds a delivery.
LEASED: Final = frozenset({State.SENDING, State.IN_DATA})


class RedisLedger:
    """Keeps deliveries in Redis; who only reads needs no suppressions."""

    def __init__(
        self,
        client: Redis,
        suppressions: RedisSuppressions | None = None,
        roads: RedisRoads | None = None,
        look: Look | None = None,
    ) -> None:
        """`look` is asked where nobody has looked yet; without it only others open the ledger."""
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._suppressions = suppressions
        self._roads = roads
        self._scripts = Scripts(client)
        self._look = look

    async def take(
        self, *, limit: int, roads: int = 1, rate: int = 0, ring: bool = False
    ) -> list[Hint]:
        """Give deliveries to hint at, the most urgent first; none while enough are hinted.

        None either while no road works, and few at a limited rate: claims would wait in workers.
        With `ring`, none of what workers at the door will find by themselves.
        """
        asked = taking(limit=limit, roads=roads, rate=rate, ring=ring)
        return hints(await self._run_open(*asked))

    async def claim(
        self, ids: Sequence[str], *, more: int = 0, roads: int = 1, rate: int = 0
    ) -> list[Claimed]:
        """Claim deliveries, and up to `more` of the most urgent that are ready.

        Those that somebody else has, or that are final, are left out. So are those of which
        something cannot be read, alone: their leases decide.
        """
        token, room = uuid4().hex[:12], min(more, SLICE)
        most = RATE_SECONDS * rate if rate else ""
        claims: list[Claimed] = []
        for batch in _slices(ids):
            claims += await self._claims(await self._ask(token, batch, [room, most, roads]))
            room = 0
        return claims

    async def renew(self, claims: Sequence[Claimed]) -> int:
        """Say that the worker of these claims is alive; give how many still wait for the fence."""
        if not claims:
            return 0
        args: list[Part] = [CLAIM_LEASE_SECONDS, keys.delivery("")]
        args += [part for each in claims for part in (each.delivery.id, each.delivery.token)]
        with answering():
            return int(await self._scripts.run("renew", [keys.LEASES], args))

    async def look_again(self, claimed: Claimed) -> Claimed:
        """Give the same claim with what is true now; as it is if it was lost, as the fence tells.

        The same token is the same worker claiming again.
        """
        delivery = claimed.delivery
        with answering():
            answer = await self._ask(delivery.token, [delivery.id], [0, "", 0])
            if not claimed_in(answer):
                return claimed
            [fresh] = await self._claims(answer)
        return fresh

    async def fence(self, claims: Sequence[Claimed]) -> list[str | Exception]:
        """Mark bodies as leaving: `ok`, `lost` (not ours any more) or `changed` (look again)."""
        touched = [keys.LEASES, keys.PASS, keys.READY, keys.NOTICES]
        prefixes = [keys.delivery(""), keys.conference(""), keys.untold("")]
        rows = [(each.delivery.id, leaving(each)) for each in claims]
        answers = await self._run_batches("fence", touched, [DATA_LEASE_SECONDS, *prefixes], rows)
        return [each.decode() if isinstance(each, bytes) else each for each in answers]

    async def turn(self, rate: int, number: int = 1) -> list[float]:
        """Take turns among `rate` mails a second over all workers; give the seconds to wait."""
        drip, depth = 1000 / rate, max(1, rate // BURST_SHARE)
        with answering():
            last = await self._scripts.run("pace", [keys.PACE], [f"{drip:.3f}", depth, number])
        return [max(0.0, int(last) - left * drip) / 1000 for left in reversed(range(number))]

    async def record(self, endings: Sequence[Ending]) -> list[bool | Exception]:
        """Write how attempts ended, where the claim is still ours; a fact is always written."""
        return await self._write(endings, overdue=False)

    async def suppress(self, suppression: Suppression) -> None:
        """Note that nobody lives at an address: it gets no mail for a while."""
        if self._suppressions:
            with answering():
                await self._suppressions.add(suppression)

    async def forget_suppressed(self, *, now: float) -> int:
        """Forget addresses that may get mail again at `now` (unix seconds); give how many."""
        return await self._suppressions.forget_expired(now=now) if self._suppressions else 0

    async def overdue(self, *, limit: int, now: float) -> list[Delivery]:
        """Give deliveries whose lease is over at `now`; leases of what nobody holds are dropped.

        Redis is not asked for the time again: it may jump between a look at the clocks and this.
        """
        await self._shorten(keys.LEASES, now + DATA_LEASE_SECONDS)
        await self._shorten(keys.HINTED, now + HINT_LEASE_SECONDS)
        found = await self._client.zrangebyscore(keys.LEASES, "-inf", now, start=0, num=limit)
        ids = [each.decode() for each in found]
        held = [each for each in await self.deliveries(ids) if each.state in LEASED]
        stale = set(ids) - {each.id for each in held}
        if stale:
            args = [keys.delivery(""), *sorted(stale)]
            await self._scripts.run("drop_leases", [keys.LEASES], args)
        return held

    async def release(self, before: Delivery, after: Delivery) -> bool:
        """Write what becomes of an overdue delivery, if it still stands as it was seen."""
        [released] = await self._write([Ending(before=before, after=after)], overdue=True)
        if isinstance(released, Exception):
            raise released
        return released

    async def wake_later(self, *, limit: int, now: float) -> int:
        """Make those ready whose time has come, and those whose hint was lost; give how many."""
        await self._shorten(keys.LATER, now + LONGEST_HINT_SECONDS)
        ahead = [part for kind, each in AHEAD.items() for part in (kind, each.total_seconds())]
        answer = await self._scripts.run(
            "wake_later",
            [keys.LATER, keys.HINTED, keys.READY],
            [limit, now, keys.delivery(""), *ahead],
        )
        return int(answer)

    async def deliveries(self, ids: Sequence[str]) -> list[Delivery]:
        """Give the deliveries with these ids, as far as there are any."""
        pipeline = self._client.pipeline(transaction=False)
        for each in ids:
            pipeline.hgetall(keys.delivery(each))
        found = zip(ids, await pipeline.execute(), strict=True)
        return await deliveries_of(self._client, [(each, raw) for each, raw in found if raw])

    async def resend(self, delivery: Delivery) -> bool:
        """Put a finished delivery back into the queue; False if it has moved on meanwhile."""
        now = (await self._client.time())[0]
        places = [keys.READY, keys.COUNTERS, keys.LATER, keys.LOG, keys.HINTED]
        # As urgent as this moment, for a person waits for it; a reminder more than that.
        asked = msgspec.structs.replace(delivery, created=datetime.fromtimestamp(now, tz=UTC))
        first = min(now, urgency(asked).timestamp())
        args: list[Part] = [delivery.id, delivery.state, now, first, *noticed_fields(delivery)]
        answer = await self._scripts.run("resend", [keys.delivery(delivery.id), *places], args)
        return bool(answer)

    async def _ask(self, token: str, ids: Sequence[str], bounds: list[Part]) -> list[Any]:
        """Run claim.lua; `bounds` are how many more, how many may be held, how many roads."""
        prefixes = [keys.delivery(""), keys.notice(""), keys.conference("")]
        prefixes += [keys.members(""), keys.untold("")]
        return await self._run_open(
            "claim",
            [keys.HINTED, keys.LEASES, keys.READY, keys.PASS, keys.ROADS, keys.SUPPRESSIONS],
            [token, CLAIM_LEASE_SECONDS, *prefixes, FEW_UNTOLD, *bounds, *ids],
        )

    async def _claims(self, answer: list[Any]) -> list[Claimed]:
        return await claims_of(
            self._client, answer, suppressions=self._suppressions, roads=self._roads
        )

    async def _shorten(self, queue: str, latest: float) -> None:
        """Cut waits that end later than any can: the clock was ahead when they began."""
        far = await self._client.zrangebyscore(queue, f"({latest}", "+inf", start=0, num=1000)
        if far:
            await self._client.zadd(queue, dict.fromkeys(far, latest), xx=True, lt=True)

    async def _run_open(self, name: str, touched: Sequence[str], args: Sequence[Part]) -> list[Any]:
        """Run a script that answers with nothing while nobody has looked at this Redis."""
        answer = await self._scripts.run(name, touched, args)
        if answer is None and self._look and await self._look():
            answer = await self._scripts.run(name, touched, args)
        return answer or []

    async def _run_batches(
        self, name: str, touched: list[str], shared: list[Part], rows: Iterable[Row]
    ) -> list[Any]:
        """Run a script over many rows; an answer may be the fault of its row alone."""
        answers: list[Any] = []
        with answering():
            for batch in batches(rows):
                answers += await self._scripts.run(name, touched, [*shared, packed(batch)])
        return [away(each) if isinstance(each, RedisError) else each for each in answers]

    async def _write(self, endings: Sequence[Ending], *, overdue: bool) -> list[bool | Exception]:
        touched = [keys.LEASES, keys.LATER, keys.READY, keys.HINTED, keys.COUNTERS, keys.LOG]
        shared: list[Part] = [keys.delivery(""), keys.untold(""), UNTOLD_SECONDS]
        shared += [keys.notice_deliveries("%s"), LONG_LIST]
        rows = [(each.before.id, ended(each, overdue=overdue)) for each in endings]
        answers = await self._run_batches("record", touched, shared, rows)
        return [each if isinstance(each, Exception) else each != b"lost" for each in answers]


def _slices(ids: Sequence[str]) -> list[Sequence[str]]:
    """Cut ids into what one script call takes; none are one call too."""
    return [ids[at : at + SLICE] for at in range(0, len(ids), SLICE)] or [ids]
