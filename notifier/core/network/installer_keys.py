"""The keys of installers' names: one secret of the settings, newest key first.

Written as `NUMBER:KEY,NUMBER:KEY`, where a key is 32 bytes in hexadecimal digits. All of them are
one value, so that they are hidden, kept and left out together: a list that somebody has looked at
and applies an hour later never brings back an older ring.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec

# AEAD_AES_SIV_CMAC_256 (RFC 5297 §6.1) takes so many bytes.
KEY_BYTES: Final = 32

# Names by the newest key and by those before it are read; an older key is thrown away.
MOST_KEYS: Final = 8

_KEY: Final = re.compile(rf"([1-9][0-9]{{0,8}}):([0-9a-f]{{{2 * KEY_BYTES}}})")
_ALLOWED: Final = (
    f"allowed are at most {MOST_KEYS} keys as NUMBER:KEY, parted by commas, no number twice, and a "
    f"key has {2 * KEY_BYTES} hexadecimal digits; notifier network rotate-installer-key makes one"
)


class InstallerKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key; numbers rise by one with every rotation."""

    number: int
    secret: bytes

    def __repr__(self) -> str:
        # Keys end up in tracebacks.
        return f"InstallerKey(number={self.number})"


def parse_keys(text: str) -> tuple[InstallerKey, ...]:
    """Give the keys of a text, newest first; raises ValueError, which quotes nothing of it."""
    found = [_KEY.fullmatch(each.strip().lower()) for each in text.split(",")] if text else []
    keys = [
        InstallerKey(number=int(each[1]), secret=bytes.fromhex(each[2])) for each in found if each
    ]
    numbers = {each.number for each in keys}
    if len(keys) < len(found) or len(numbers) < len(keys) or len(keys) > MOST_KEYS:
        raise ValueError(f"`installer_keys`: they are no keys for names of installers; {_ALLOWED}")
    return tuple(sorted(keys, key=lambda each: -each.number))


def written_keys(keys: Sequence[InstallerKey]) -> str:
    """Give the text of keys, as it stands in the settings."""
    return ",".join(f"{each.number}:{each.secret.hex()}" for each in keys)


def with_new_key(keys: Sequence[InstallerKey], secret: bytes) -> tuple[InstallerKey, ...]:
    """Give the keys with a new one in front; the oldest goes where there would be too many."""
    number = keys[0].number + 1 if keys else 1
    return (InstallerKey(number=number, secret=secret), *keys)[:MOST_KEYS]


def check_not_older(before: str, after: str) -> None:
    """Raise ValueError where keys would go back behind a rotation, as an older file has them.

    A number that has been reached stands for one key for good: with another secret, or after it
    was thrown away (it may have leaked), it does not come in again. The newest key stays, unless
    one with a higher number takes its place. Where there are no keys yet, any are taken: those of
    the machine that this one follows.
    """
    there, given = _by_number(before), _by_number(after)
    fault = _going_back(there, given) if there else None
    if fault:
        raise ValueError(
            f"installer_keys: {fault}; leave installer_keys out of the file, as an export without "
            "--with-secrets does, and the keys stay as they are"
        )


def _going_back(there: Mapping[int, bytes], given: Mapping[int, bytes]) -> str | None:
    """Say what would be of an older ring."""
    assert given  # an empty text leaves what there is
    newest = max(there)
    reached = [number for number in given if number <= newest]
    other = [number for number in reached if there.get(number, given[number]) != given[number]]
    back = [number for number in reached if number not in there]
    if other:
        return f"another key would take the place of {_named(other)}"
    if back:
        return f"{_named(back)} would come back, which was thrown away; the newest is {newest}"
    if max(given) < newest:
        gone = there.keys() - given.keys()
        return f"key {max(given)} would be the newest again, and {_named(gone)} be thrown away"
    return None


def _by_number(text: str) -> dict[int, bytes]:
    return {each.number: each.secret for each in parse_keys(text)}


def _named(numbers: Collection[int]) -> str:
    """Name keys by their numbers, newest first."""
    return f"key{'s' * (len(numbers) > 1)} {', '.join(map(str, sorted(numbers, reverse=True)))}"
