"""Applying settings for an administrator: what may refuse them, and what looks wrong about them."""

import msgspec

from notifier.adapters.settings_store import Change, RedisSettings
from notifier.adapters.smtp_check import sender_warnings


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that are in force, as which revision, and what looks wrong about them."""

    revision: int
    warnings: tuple[str, ...]


class Applying:
    """Lays tables over the settings in force."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings

    async def apply(self, change: Change) -> Applied:
        """Lay tables over the settings in force, all or nothing; raises SettingsRefused."""
        revision = await self._settings.apply(change)
        smtp = (await self._settings.current()).smtp
        return Applied(revision=revision, warnings=sender_warnings(smtp))
