"""What the demonstration's administrator decides: the secure way to send, and nobody federated."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from notifier.adapters.connection import connect
from notifier.adapters.settings_store import RedisSettings
from notifier.demo.cast import ADMINISTRATOR, HOME
from notifier.demo.mailbox import HOST

USERNAME = f"conf@{HOME}"


def decided(*, port: int, ca_file: Path, password: str) -> dict[str, Any]:
    """Give the settings; `port` and `ca_file` are the demonstration's mailbox."""
    return {
        "server": {
            "name": "Example Conferences",
            "domain": HOME,
            "language": "en",
            "time_zone": "Europe/Paris",
        },
        "smtp": {
            "host": HOST,
            "port": port,
            "security": "starttls",
            "ca_file": str(ca_file),
            "authentication": "password",
            "username": USERNAME,
            "password": password,
            "sender_address": USERNAME,
            "sender_name": "Example Conferences",
        },
        "administrator": {
            "name": ADMINISTRATOR.name,
            "email": ADMINISTRATOR.email,
            "phone": "+33 1 23 45 67 89",
        },
        # Whoever looks on wants to see each mail at once, not after a second thought.
        "notifications": {"settle_seconds": 0},
        "reminders": {"offsets": ["1d", "5m"]},
        "network": {"web_address": HOME},
        "federation": {"mode": "disabled"},
    }


def applying(settings: dict[str, Any], secret_key: str) -> Callable[[str], None]:
    """Give what the supervisor calls with the URL of the running Redis."""

    async def apply(url: str) -> None:
        async with connect(url) as client:
            await RedisSettings(client, secret_key).apply(settings)

    return lambda url: asyncio.run(apply(url))
