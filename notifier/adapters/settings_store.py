"""The administrator's decisions in Redis: tables with a revision, secrets encrypted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from redis.asyncio import Redis
from redis.exceptions import WatchError

from notifier.adapters import keys
from notifier.adapters.cursors import beginning
from notifier.core.secrets import each_secret
from notifier.core.settings import Settings, SettingsRefused, merged, stored_tables

# What is laid over the settings: tables, or what makes them of the settings in force.
Change = dict[str, Any] | Callable[[Settings], dict[str, Any]]
# What may refuse settings that are right in themselves: given those before, and those to come.
Check = Callable[[Settings, Settings], Awaitable[None]]


class UnreadableSecret(RuntimeError):
    """A stored secret was encrypted with another key than NOTIFIER_SECRET_KEY."""


class RedisSettings:
    """Keeps the settings; reads them again only when their revision has changed."""

    def __init__(
        self, client: Redis, secret_key: str, smtp_secrets: Mapping[str, str | None] | None = None
    ) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._vault = Fernet(secret_key)
        # The deployment may keep the first server's secrets out of Redis altogether.
        self._smtp_secrets = {name: given for name, given in (smtp_secrets or {}).items() if given}
        self._read: tuple[int, Settings] | None = None

    async def current(self, *, revision: int | None = None) -> Settings:
        """Give the settings of the newest revision, which may be told if it is known."""
        if self._read and self._read[0] == revision:
            return self._read[1]
        return (await self._newest())[1]

    async def revision(self) -> int:
        """Give the number of the newest revision; 0 before the first *Apply*."""
        return (await self._newest())[0]

    async def in_force(self) -> tuple[int, Settings]:
        """Give both."""
        return await self._newest()

    async def lately(self) -> tuple[int, Settings]:
        """Give both as of the last look, for somebody whose writes are refused if it is old."""
        return self._read or await self._newest()

    async def apply(self, change: Change, *, check: Check | None = None) -> int:
        """Lay tables over the present settings, all or nothing; give the new revision.

        Raises SettingsRefused, as `check` may. Where reminders change, conferences that are already
        planned are looked at again (R13).
        """
        while True:
            try:
                return await self._apply_once(change, check)
            except WatchError:
                # Somebody else applied at the same moment: lay ours over theirs.
                continue

    async def _apply_once(self, change: Change, check: Check | None) -> int:
        async with self._client.pipeline(transaction=True) as pipeline:
            await pipeline.watch(keys.SETTINGS)
            revision, stored = self._decoded(await pipeline.hgetall(keys.SETTINGS))
            laid = change(stored) if callable(change) else change
            settings = merged(stored, laid, kept_elsewhere=self._smtp_secrets)
            if check:
                await check(stored, settings)
            pipeline.multi()
            pipeline.hset(keys.SETTINGS, "revision", revision + 1)
            pipeline.hset(keys.SETTINGS, "tables", self._encoded(settings))
            if _reminding(settings) != _reminding(stored):
                pipeline.set(keys.REINDEX, beginning(revision + 1))
            if settings.smtp != stored.smtp:
                # Whoever has just mended a login does not want to wait for the next probe.
                pipeline.delete(keys.ROADS)
            await pipeline.execute()
        self._read = None
        return revision + 1

    async def _newest(self) -> tuple[int, Settings]:
        """Read the revision, and the tables only if it is a new one."""
        revision = int(await self._client.hget(keys.SETTINGS, "revision") or 0)
        if self._read is None or self._read[0] != revision:
            revision, stored = self._decoded(await self._client.hgetall(keys.SETTINGS))
            self._read = (revision, self._with_environment(stored))
        return self._read

    def _with_environment(self, settings: Settings) -> Settings:
        smtp = msgspec.structs.replace(settings.smtp, **self._smtp_secrets)
        return msgspec.structs.replace(settings, smtp=smtp)

    def _encoded(self, settings: Settings) -> bytes:
        return msgspec.json.encode(each_secret(stored_tables(settings), self._lock))

    def _decoded(self, stored: dict[bytes, bytes]) -> tuple[int, Settings]:
        if not stored:
            return 0, Settings()
        tables = each_secret(msgspec.json.decode(stored[b"tables"]), self._unlock)
        try:
            return int(stored[b"revision"]), msgspec.convert(tables, Settings)
        except msgspec.ValidationError as fault:
            raise SettingsRefused(f"the stored settings cannot be read: {fault}") from None

    def _lock(self, secret: str) -> str:
        return self._vault.encrypt(secret.encode()).decode()

    def _unlock(self, locked: str) -> str:
        try:
            return self._vault.decrypt(locked.encode()).decode()
        except InvalidToken:
            raise UnreadableSecret(
                "a stored secret cannot be decrypted: it was stored under another secret key; "
                "give the old NOTIFIER_SECRET_KEY, or apply the settings with the secret again"
            ) from None


def _reminding(settings: Settings) -> tuple[object, ...]:
    """Give what decides when conferences remind."""
    return settings.notifications.reminders, settings.reminders
