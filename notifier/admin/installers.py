"""Names of installers: made from the external addresses in force, read back, keys rotated (R41)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters.installer_cipher import new_secret, opened, sealed
from notifier.adapters.settings_store import Change, RedisSettings
from notifier.admin.refusals import Impossible
from notifier.core.network.installer_keys import (
    KEY_BYTES,
    InstallerKey,
    parse_keys,
    with_new_key,
    written_keys,
)
from notifier.core.network.installer_names import MOST_NAME, length, named, payload_in
from notifier.core.network.network import Endpoint
from notifier.core.network.packed import MOST_ADDRESSES, check_elsewhere, packed, tidy, unpacked
from notifier.core.settings import Settings


class InstallerName(msgspec.Struct, frozen=True, kw_only=True):
    """The name that an installer should carry, with what it tells and the key that seals it."""

    name: str
    length: int
    key: int
    addresses: tuple[Endpoint, ...]


class ReadName(msgspec.Struct, frozen=True, kw_only=True):
    """What a name tells; whether it is by the newest key, and tells what holds by now."""

    name: str
    key: int
    newest_key: int
    addresses: tuple[Endpoint, ...]
    current: bool


class Rotated(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the new key, and those by which names are read from now on."""

    key: int
    read: tuple[int, ...]
    gone: tuple[int, ...]


class Installers:
    """Makes and reads names of installers for one deployment."""

    def __init__(
        self, settings: RedisSettings, apply: Callable[[Change], Awaitable[object]]
    ) -> None:
        self._settings = settings
        self._apply = apply

    async def name_for(self, file: str) -> InstallerName:
        """Give the name for an installer whose file, without folders, is called `file` now.

        It was checked. Makes the first key where there is none. Raises Impossible where there is
        nothing to tell or too much.
        """
        settings = await self._settings.current()
        addresses = _told(settings)
        if not addresses:
            raise Impossible(
                "There are no external addresses to put into a name; apply some first, such as "
                '[network] external = [{host = "vc.example.com"}].'
            )
        # What is wrong with the question is said before a key is made for it.
        _fitted(file, addresses, _MEASURE)
        key = (await self._keys() or await self._first_key())[0]
        name = _fitted(file, addresses, key)
        return InstallerName(name=name, length=length(name), key=key.number, addresses=addresses)

    async def read(self, name: str) -> ReadName:
        """Give what a name tells, with or without a path before it; raises Impossible."""
        settings = await self._settings.current()
        keys = _keys_of(settings)
        try:
            key, content = opened(payload_in(name), keys)
            addresses = unpacked(content)
        except ValueError as fault:
            raise Impossible(f"The name {name[:MOST_NAME]!r} cannot be read: {fault}.") from fault
        return ReadName(
            name=name,
            key=key.number,
            newest_key=keys[0].number,
            addresses=addresses,
            current=addresses == tidy(settings.network.external),
        )

    async def rotate(self) -> Rotated:
        """Let new names be sealed with a new key; give what is read from now on."""
        secret = new_secret()
        tries: list[Rotated] = []

        def change(settings: Settings) -> dict[str, Any]:
            before = _keys_of(settings)
            after = with_new_key(before, secret)
            tries.append(_rotated(before, after))
            return _change(after)

        await self._apply(change)
        # Where others applied at the same moment there were several; the last one was written.
        log.installer_key_made(tries[-1].key)
        return tries[-1]

    async def _keys(self) -> tuple[InstallerKey, ...]:
        return _keys_of(await self._settings.current())

    async def _first_key(self) -> tuple[InstallerKey, ...]:
        """Make a key, unless another command has just done so; give those that there are then."""
        secret = new_secret()
        await self._apply(lambda now: _change(_keys_of(now) or with_new_key((), secret)))
        keys = await self._keys()
        log.installer_key_made(keys[0].number)
        return keys


# Stands in for a key where only the length of a name is asked.
_MEASURE: Final = InstallerKey(number=1, secret=bytes(KEY_BYTES))


def _rotated(before: Sequence[InstallerKey], after: Sequence[InstallerKey]) -> Rotated:
    numbers = tuple(each.number for each in after)
    gone = tuple(each.number for each in before if each.number not in numbers)
    return Rotated(key=numbers[0], read=numbers, gone=gone)


def _keys_of(settings: Settings) -> tuple[InstallerKey, ...]:
    return parse_keys(settings.network.installer_keys)


def _change(keys: Sequence[InstallerKey]) -> dict[str, Any]:
    return {"network": {"installer_keys": written_keys(keys)}}


def _told(settings: Settings) -> tuple[Endpoint, ...]:
    """Give the external addresses in force, each in its one form; raises Impossible."""
    try:
        check_elsewhere(settings.network.external)
    except ValueError as fault:
        raise Impossible(
            f"The external addresses cannot be put into a name: {fault}; correct it in "
            "[network] external, where a host is an IP address or a name and nothing else."
        ) from fault
    return tidy(settings.network.external)


def _fitted(file: str, addresses: Sequence[Endpoint], key: InstallerKey) -> str:
    """Give the name with these addresses; raises Impossible where it gets too long."""
    if len(addresses) > MOST_ADDRESSES:
        found = f"there are {len(addresses)}, and {MOST_ADDRESSES} is the most"
    elif length(name := named(file, sealed(packed(addresses), key))) > MOST_NAME:
        found = f"it would be {length(name)} characters long, and {MOST_NAME} is the most"
    else:
        return name
    raise Impossible(
        f"The external addresses do not fit into the name of {file!r}: {found}; "
        f"{_advice(file, addresses)}."
    )


def _advice(file: str, addresses: Sequence[Endpoint]) -> str:
    """Say what to leave out."""
    fitting = [at for at in range(len(addresses)) if _fits(file, addresses[:at])]
    if not fitting:
        return "give the installer a shorter name, or leave out its longest addresses"
    first = addresses[fitting[-1]].host
    return (
        f"those before {first} fit, so leave it and what follows out of [network] external, put "
        "shorter ones in their place, or give the installer a shorter name"
    )


def _fits(file: str, addresses: Sequence[Endpoint]) -> bool:
    if not 0 < len(addresses) <= MOST_ADDRESSES:
        return False
    return length(named(file, sealed(packed(addresses), _MEASURE))) <= MOST_NAME
