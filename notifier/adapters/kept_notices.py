"""Notices as they are kept in Redis; what another version wrote may be illegible: left out."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters import keys
from notifier.core.notice import Notice

# A worker meets a notice again with every letter of it that leaves; a few kB each.
KEPT: Final = 256

_notice: Final = msgspec.json.Decoder(Notice)


async def notices_of(client: Any, ids: set[str]) -> Mapping[str, Notice]:
    """Give the notices with these ids that are there and can be read."""
    ordered = sorted(ids)
    if not ordered:
        return {}
    texts = await client.mget([keys.notice(each) for each in ordered])
    found = zip(ordered, texts, strict=True)
    legible = ((each, notice_from(each, text)) for each, text in found if text)
    return {each: notice for each, notice in legible if notice}


def notice_from(notice_id: str, text: bytes) -> Notice | None:
    """Give a notice as it is kept; the same bytes are one object, and None those of no notice."""
    try:
        return _decoded(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        log.unreadable_notice(notice_id, str(fault))
        return None


@lru_cache(KEPT)
def _decoded(text: bytes) -> Notice:
    return _notice.decode(text)
