"""Writes the log of outcomes to this machine's export, so that they outlive Redis."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import Redis

from notifier import log
from notifier.adapters import keys
from notifier.adapters.export_files import ExportFiles, Line
from notifier.adapters.leaning import deliveries_of
from notifier.adapters.lua_scripts import Scripts
from notifier.adapters.places import BEGINNING, moment, order
from notifier.adapters.rows import pairs
from notifier.adapters.settings_store import RedisSettings
from notifier.core.delivery import Delivery, State
from notifier.core.letters import message_id
from notifier.core.settings import Settings

# Entries of the log that are written and synced together: 4 ms of Redis, 5 ms of ours.
BATCH: Final = 250
# How often in one go, of which there is one each second: more than two cores send.
MOST_BATCHES: Final = 40
# While nothing happens, so often it is noted that everything is exported (milliseconds).
NOTED_EVERY_MS: Final = 60_000


class Exporter:
    """Follows the log from where the files end; every machine keeps the whole of it."""

    def __init__(self, client: Redis, files: ExportFiles, settings: RedisSettings) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts = Scripts(client)
        self._files = files
        self._settings = settings

    async def export(self) -> int:
        """Write what is new; give how many lines. A disk that is full is waited for."""
        try:
            with self._files.locked() as mine:
                return await self._follow() if mine else 0
        except OSError as fault:
            log.waiting_for("export", str(fault))
            return 0

    async def _follow(self) -> int:
        settings = await self._settings.current()
        place, written = self._files.place(), 0
        for _batch in range(MOST_BATCHES):
            asked = await self._now()
            lines = await self._lines(place, settings)
            if lines:
                # Whoever waits for the disk meanwhile, it is not the intake of events.
                await asyncio.to_thread(self._files.append, lines)
                place = lines[-1].log
                written += len(lines)
            if len(lines) < BATCH:
                # What comes from now on gets a later place than the clock showed before we looked.
                await self._note(place, reached=asked - 1)
                return written
        await self._note(place, reached=0)
        return written

    async def _lines(self, after: str, settings: Settings) -> list[Line]:
        """Give the lines of what stands in the log after a place."""
        flat = await self._scripts.run("export", [keys.LOG], [after, BATCH, keys.delivery("")])
        # place, delivery, state, row, place, …
        found = list(zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True))
        rows = {delivery.decode(): pairs(row) for _place, delivery, _state, row in found if row}
        there = {each.id: each for each in await deliveries_of(self._client, rows.items())}
        return [
            _line(place.decode(), each.decode(), State(state.decode()), there, settings)
            for place, each, state, _row in found
        ]

    async def _note(self, place: str, *, reached: int) -> None:
        """Say in Redis up to where the files hold everything; another machine may know more."""
        noted = order(await self._client.get(keys.EXPORTED) or BEGINNING)
        held = max(order(place), (reached, 0))
        news = order(place) > noted or held[0] > noted[0] + NOTED_EVERY_MS
        if news:
            await self._client.set(keys.EXPORTED, f"{held[0]}-{held[1]}")

    async def _now(self) -> int:
        seconds, micros = await self._client.time()
        return int(seconds) * 1000 + int(micros) // 1000


def _line(
    place: str, delivery_id: str, state: State, rows: Mapping[str, Delivery], settings: Settings
) -> Line:
    """Give the line of an outcome; its row may have gone on since, or be gone."""
    delivery = rows.get(delivery_id)
    if delivery is None:
        return Line(log=place, at=moment(place), id=delivery_id, state=state)
    person = delivery.recipient
    return Line(
        log=place,
        at=moment(place),
        id=delivery_id,
        state=state,
        notice=delivery.notice,
        kind=delivery.kind,
        conference=delivery.conference or "",
        person=person.key,
        recipient=person.address,
        reason=delivery.reason,
        excluded=delivery.excluded,
        attempts=delivery.attempts,
        doubts=delivery.doubts,
        message_id=message_id(delivery, settings),
        created=delivery.created,
        updated=delivery.updated,
    )
