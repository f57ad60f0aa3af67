"""Which deliveries may have gone to an address."""

from typing import Any

from notifier.adapters import keys


async def indexed(client: Any, address: str) -> list[str]:
    """Give the ids of all deliveries to an address, the oldest first.

    One to somebody else may be among them: an entry is too short to tell all addresses apart, and
    whoever asks reads the rows anyway.
    """
    place, former = keys.address_places(address)
    pipeline = client.pipeline(transaction=False)
    for bucket, _tail in (former, place):
        pipeline.lrange(bucket, 0, -1)
    lists = zip(await pipeline.execute(), (former[1].encode(), place[1].encode()), strict=True)
    return [
        entry.removeprefix(tail).decode()
        for entries, tail in lists
        for entry in entries
        if entry.startswith(tail)
    ]
