"""The Lua scripts, one file each, loaded once per client."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError

_FOLDER: Final = files("notifier.adapters") / "lua"

Part = str | bytes | int | float

# The name of a script, its keys and its arguments.
Call = tuple[str, Sequence[str], Sequence[Part]]


class Scripts:
    """Runs the scripts of this folder against one client."""

    def __init__(self, client: Redis) -> None:
        # redis-py types an answer as the union of what every protocol could say.
        self._client: Any = client
        self._scripts: dict[str, AsyncScript] = {}

    async def run(self, name: str, keys: Sequence[str], args: Sequence[Part]) -> Any:
        """Run one script and give what it returns; one that Redis does not know is told to it."""
        script = self._script(name)
        call = script.sha, len(keys), *keys, *args
        try:
            return await self._client.evalsha(*call)
        except NoScriptError:
            await self._client.script_load(script.script)
            return await self._client.evalsha(*call)

    async def run_all(self, calls: Sequence[Call]) -> list[Any]:
        """Run scripts one after the other in one round trip; an answer may be its call's fault.

        redis-py asks before each pipeline whether Redis knows its scripts: a round trip for what is
        true but once. One that Redis does not know has done nothing, and is run again.
        """
        answers = await self._answers(calls)
        unknown = [at for at, each in enumerate(answers) if isinstance(each, NoScriptError)]
        if unknown:
            for name in dict.fromkeys(calls[at][0] for at in unknown):
                await self._client.script_load(self._script(name).script)
            again = await self._answers([calls[at] for at in unknown])
            for at, answer in zip(unknown, again, strict=True):
                answers[at] = answer
        return answers

    async def _answers(self, calls: Sequence[Call]) -> list[Any]:
        if not calls:
            return []
        async with self._client.pipeline(transaction=False) as pipeline:
            for name, keys, args in calls:
                pipeline.evalsha(self._script(name).sha, len(keys), *keys, *args)
            return list(await pipeline.execute(raise_on_error=False))

    def _script(self, name: str) -> AsyncScript:
        if name not in self._scripts:
            text = (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")
            self._scripts[name] = self._client.register_script(text)
        return self._scripts[name]
