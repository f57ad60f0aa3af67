"""The panel's pages and the two questions of whoever watches over it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from notifier import log
from notifier.adapters.connection import AsyncClient, RedisError
from notifier.admin import Admin
from notifier.config import Config
from notifier.panel.api import LONGEST_SECONDS, api, described
from notifier.panel.overview import PARTS, Overview, overview
from notifier.panel.pages import (
    LOOPBACK,
    content_policy,
    only_asked_as,
    static,
    strict,
    templates,
)
from notifier.panel.problems import of_http
from notifier.panel.readiness import PATIENCE, hindrances, last_beats, quarantine

PACKAGE: Final = "notifier.panel"

# How a state is coloured; the others are on their way.
MOODS: Final[Mapping[str, str]] = {"sent": "good", "failed": "bad", "unknown": "warn"}


def create_app(
    config: Config,
    client: AsyncClient,
    *,
    admin: Admin | None = None,
    patience_seconds: float = LONGEST_SECONDS,
    clock: Callable[[], float] = time.time,
) -> Litestar:
    """Give the panel over this Redis; it closes the client at its end. `clock`: Unix seconds.

    `admin` answers the API within `patience_seconds`; without a token in `config` none is needed.
    """

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncGenerator[None, None]:
        log.started("panel")
        yield
        log.stopped("panel")
        await client.aclose()

    loopback = config.panel_host in LOOPBACK
    return Litestar(
        route_handlers=[
            *_probes(client, clock),
            _front(config, client, clock),
            *static(PACKAGE, ["icon.svg", "look.css", "panel.css"]),
            api(config, admin, patience_seconds=patience_seconds),
        ],
        lifespan=[lifespan],
        before_send=[strict(content_policy())],
        before_request=only_asked_as(LOOPBACK) if loopback else None,
        exception_handlers={HTTPException: of_http},
        openapi_config=described(),
        logging_config=None,
    )


def _probes(client: AsyncClient, clock: Callable[[], float]) -> list[HTTPRouteHandler]:
    @get("/healthz", include_in_schema=False, sync_to_thread=False)
    def healthz() -> dict[str, bool]:
        """Tell that this process answers."""
        return {"healthy": True}

    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[dict[str, Any]]:
        """Tell whether mails make progress; 503 with what hinders them."""
        hindered = hindrances(await last_beats(client), now=clock(), held=await quarantine(client))
        told = {"ready": not hindered, "hindrances": hindered}
        return Response(told, status_code=503 if hindered else 200)

    return [healthz, readyz]


def _front(config: Config, client: AsyncClient, clock: Callable[[], float]) -> HTTPRouteHandler:
    pages = templates(PACKAGE)
    pages.filters |= {"span": span, "words": words, "mood": mood}
    page = pages.get_template("front.html")

    @get("/", include_in_schema=False)
    async def front() -> Response[str]:
        now = clock()
        beats = await last_beats(client)
        shown = page.render(
            hindrances=hindrances(beats, now=now, of=PARTS, held=await quarantine(client)),
            overview=None if beats is None else await _overview(client, beats, now=now),
            flower=f"http://127.0.0.1:{config.flower_port}/",
            now=f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S}",
        )
        return Response(shown, media_type=MediaType.HTML)

    return front


async def _overview(
    client: AsyncClient, beats: Mapping[str, object], *, now: float
) -> Overview | None:
    """Read the page, or None where Redis went away in the middle of it."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await overview(client, beats, now=now)
    except (RedisError, OSError, TimeoutError):
        return None


def span(seconds: float) -> str:
    """Say how long: `0.4 s`, `12 s`, `5 min`, `3 h`, `2 d`."""
    steps = ((10, 1, "s", ".1f"), (120, 1, "s", ".0f"), (7200, 60, "min", ".0f"))
    for below, unit, name, digits in steps:
        if seconds < below:
            return f"{seconds / unit:{digits}} {name}"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} d"


def words(name: str) -> str:
    """Say a name with blanks: `missed_call` is `missed call`."""
    return name.replace("_", " ")


def mood(state: str) -> str:
    """Give the colour of a state."""
    return MOODS.get(state, "")
