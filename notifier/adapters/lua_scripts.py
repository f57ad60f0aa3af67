"""The Lua scripts, one file each, loaded once per client."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

_FOLDER: Final = files("notifier.adapters") / "lua"

Part = str | bytes | int | float


class Scripts:
    """Runs the scripts of this folder against one client."""

    def __init__(self, client: Redis) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts: dict[str, AsyncScript] = {}

    async def run(self, name: str, keys: Sequence[str], args: Sequence[Part]) -> Any:
        """Run one script and give what it returns."""
        return await self._script(name)(keys=list(keys), args=list(args))

    async def run_each(
        self, name: str, calls: Sequence[tuple[Sequence[str], Sequence[Part]]]
    ) -> list[Any]:
        """Run one script many times in one round trip; each call is atomic, the whole is not.

        An answer may be the fault of its own call.
        """
        if not calls:
            return []
        script = self._script(name)
        # Where Redis dies before it knows the script, redis-py keeps the connection of a pipeline
        # that nobody closes.
        async with self._client.pipeline(transaction=False) as pipeline:
            for keys, args in calls:
                await script(keys=list(keys), args=list(args), client=pipeline)
            return list(await pipeline.execute(raise_on_error=False))

    def _script(self, name: str) -> AsyncScript:
        if name not in self._scripts:
            text = (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")
            self._scripts[name] = self._client.register_script(text)
        return self._scripts[name]
