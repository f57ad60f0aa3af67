"""The cipher of installers' names: AES-SIV with the keys of the settings (R41).

Deterministic: the same addresses under the same key are the same name, so that an installer is
not renamed where nothing has changed. The form is told in `core/network/installer_names.py`.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from notifier.core.network.installer_keys import KEY_BYTES, MOST_KEYS, InstallerKey
from notifier.core.network.installer_names import VERSION, UnreadableName

_NUMBER_BITS: Final = 6
_NUMBERS: Final = 1 << _NUMBER_BITS
# RFC 5297 §2.6: the synthetic IV stands before the ciphertext (bytes).
_LEAST: Final = 1 + 16 + 1


def new_secret() -> bytes:
    """Give the bytes of a new key."""
    return secrets.token_bytes(KEY_BYTES)


def sealed(content: bytes, key: InstallerKey) -> bytes:
    """Give the payload of a token: the header, then `content` under the key."""
    header = bytes([VERSION << _NUMBER_BITS | key.number % _NUMBERS])
    return header + AESSIV(key.secret).encrypt(content, [header])


def opened(payload: bytes, keys: Sequence[InstallerKey]) -> tuple[InstallerKey, bytes]:
    """Give the key that a payload is sealed with, and what is in it; raises UnreadableName.

    `keys` are all that this server has, the newest first.
    """
    key = _key_of(payload, keys)
    try:
        return key, AESSIV(key.secret).decrypt(payload[1:], [payload[:1]])
    except InvalidTag:
        raise UnreadableName(
            f"it is sealed with another key number {key.number} than this server has: it is an "
            "installer of another server, or the keys were replaced; ask that server"
        ) from None


def _key_of(payload: bytes, keys: Sequence[InstallerKey]) -> InstallerKey:
    version, number = divmod(payload[0], _NUMBERS)
    if version != VERSION or len(payload) < _LEAST:
        raise UnreadableName("it is of a form that this notifier does not know; take a newer one")
    key = next((each for each in keys if each.number % _NUMBERS == number), None)
    if key is None:
        raise UnreadableName(_without_key(number, keys))
    return key


def _without_key(number: int, keys: Sequence[InstallerKey]) -> str:
    """Say why there is no key of this number."""
    if not keys:
        return (
            "this server has no key for names of installers and has made none of them; "
            "ask the server that made it"
        )
    newest = keys[0].number
    if number > newest:
        return (
            f"it is sealed with key number {number}, and the newest that this server ever had is "
            f"{newest}: it is an installer of another server, or of this one with other settings"
        )
    return (
        f"it is sealed with key number {number}, which is gone: the last {MOST_KEYS} keys are kept "
        f"(here from {keys[-1].number} to {newest}); let the installer be downloaded anew"
    )
