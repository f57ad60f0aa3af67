"""The keys of installers' names: one secret of the settings, newest key first.

Written as `NUMBER:KEY,NUMBER:KEY`, where a key is 32 bytes in hexadecimal digits. All of them are
one value, so that they are hidden, kept and left out together: a list that somebody has looked at
and applies an hour later never brings back an older ring.
"""

import re
from collections.abc import Sequence
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
