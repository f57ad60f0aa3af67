"""A panel with an API, for the tests of it: a Redis, a folder, a token."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar.testing import TestClient

from notifier.administering import NoWake, admin_over
from notifier.config import load
from notifier.panel import create_app
from notifier.panel.api import LONGEST_SECONDS
from notifier.wiring import Parts

TOKEN = "correct-horse-battery-staple-4307"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

Client = TestClient[Any]


@contextmanager
def opened(
    url: str, folder: Path, *, token: str = TOKEN, patience_seconds: float = LONGEST_SECONDS
) -> Iterator[Client]:
    """Give a client that bears TOKEN, and a panel that was given `token`."""
    parts = _parts(url, folder, token)
    admin = admin_over(parts, hand="api")
    app = create_app(parts.config, parts.client, admin=admin, patience_seconds=patience_seconds)
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        client.headers.update(BEARER)
        yield client


def apply(url: str, folder: Path, tables: dict[str, Any]) -> None:
    """Apply settings beside the panel, as the command line does."""

    async def work() -> None:
        parts = _parts(url, folder)
        await parts.settings.apply(tables)
        await parts.close()

    asyncio.run(work())


def _parts(url: str, folder: Path, token: str = TOKEN) -> Parts:
    environ = {
        "NOTIFIER_REDIS_URL": url,
        "NOTIFIER_DATA": str(folder),
        "NOTIFIER_API_TOKEN": token,
    }
    return Parts(load(environ), NoWake())
