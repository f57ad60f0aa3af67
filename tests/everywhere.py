"""Everything that a Redis and a folder hold, as bytes, for tests that look for somebody."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from notifier.adapters.connection import connect_sync


def values(url: str) -> dict[str, bytes]:
    """Give every key of a Redis with all that is in it, whatever its type."""
    with connect_sync(url) as client:
        untyped: Any = client
        found = sorted(untyped.scan_iter("*", count=1000))
        return {key.decode(): b"\n".join(_value(untyped, key)) for key in found}


def files(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder with what is in it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def holding(held: dict[str, bytes], words: Iterable[str]) -> dict[str, list[str]]:
    """Give where one of the words stands, in any case, names of keys and files included."""
    spelt = [(word, re.compile(re.escape(word.encode()), re.IGNORECASE)) for word in words]
    found = {
        name: [word for word, pattern in spelt if pattern.search(name.encode() + b"\n" + content)]
        for name, content in held.items()
    }
    return {name: words for name, words in found.items() if words}


def _value(client: Any, key: bytes) -> Iterator[bytes]:
    match client.type(key):
        case b"string":
            yield client.get(key)
        case b"hash":
            yield from (part for pair in sorted(client.hgetall(key).items()) for part in pair)
        case b"list":
            yield from client.lrange(key, 0, -1)
        case b"set":
            yield from sorted(client.smembers(key))
        case b"zset":
            yield from client.zrange(key, 0, -1)
        case b"stream":
            for entry, fields in client.xrange(key):
                yield entry
                yield from (part for pair in sorted(fields.items()) for part in pair)
        case other:
            raise AssertionError(f"{key!r} is of a type that is not looked into: {other!r}")
