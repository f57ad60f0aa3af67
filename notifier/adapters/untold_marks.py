"""The marks of people whom nothing has reached yet, as `keys.untold` holds them."""

import hashlib
from functools import lru_cache
from typing import Final

from notifier.core.delivery import Delivery

# Nothing is tried for longer than a few days: what stands in a set for so long is left over from
# people whom nothing will reach any more (seconds).
UNTOLD_SECONDS: Final = 30 * 86_400


@lru_cache(4096)  # asked for at the claim, at the fence and for the record
def untold_mark(person_key: str, former_lives: int) -> int:
    """Give what stands for a person in one life of a conference, told or not of any other."""
    text = f"{former_lives}\0{person_key}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def mark_of(delivery: Delivery) -> int | str:
    """Give the mark of the person of a delivery, or '' where it is not about a conference."""
    if delivery.conference is None:
        return ""
    return untold_mark(delivery.recipient.key, delivery.former_lives)
