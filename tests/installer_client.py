"""A client that reads its own name, written by the docstrings of the format and nothing else."""

import ipaddress
import re
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SIGNS = " abcdefghijklmnopqrstuvwxyz0123456789-._"


def addresses(name: str, keys: Mapping[int, bytes]) -> list[tuple[str, int]]:
    """Give the hosts and ports that a name tells; `keys` by their numbers."""
    token = [run for run in re.findall("_([0-9A-Za-z]+)", name) if passes(run)][-1]
    digits = token[1:-2]
    size = max(n for n in range(200) if 256**n <= 62 ** len(digits))
    payload = number(digits).to_bytes(size, "big")
    version, key = payload[0] >> 6, payload[0] & 63
    assert version == 1
    return taken(AESSIV(keys[key]).decrypt(payload[1:], [payload[:1]]))


def passes(run: str) -> bool:
    return (
        len(run) >= 30
        and DIGITS.index(run[0]) == len(run) % 62
        and number(run[:-2]) % 3833 == number(run[-2:])
    )


def number(digits: str) -> int:
    return sum(DIGITS.index(digit) * 62**at for at, digit in enumerate(reversed(digits)))


def taken(packed: bytes) -> list[tuple[str, int]]:
    bits = list("".join(f"{byte:08b}" for byte in packed))

    def take(width: int) -> int:
        return int("".join(bits.pop(0) for _ in range(width)), 2)

    def signs() -> str:
        text = ""
        while not text.endswith(" "):
            three = take(16)
            text += SIGNS[three // 1600] + SIGNS[three // 40 % 40] + SIGNS[three % 40]
        return text.strip(" ")

    found: list[tuple[str, int]] = []
    groups = [0] * 8
    for _ in range(take(4) + 1):
        kind, has_port = take(2), take(1)
        if kind == 0:
            host = ".".join(str(take(8)) for _ in range(4))
        elif kind == 1:
            shared = take(4)
            groups = groups[:shared] + [take(16) if take(1) else 0 for _ in range(8 - shared)]
            host = str(ipaddress.IPv6Address(":".join(f"{group:x}" for group in groups)))
        else:
            host = signs()
        if kind == 3:
            end = found[take(4)][0].split(".")[-(take(3) + 1) :]
            host = ".".join(([host] if host else []) + end)
        found.append((host, take(16) if has_port else 4307))
    return found
