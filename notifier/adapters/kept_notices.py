"""Notices as they are kept in Redis; what another version wrote may be illegible: left out."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from notifier import log
from notifier.adapters import keys
from notifier.core.notice import Notice

_notice: Final = msgspec.json.Decoder(Notice)


async def notices_of(client: Any, ids: set[str]) -> Mapping[str, Notice]:
    """Give the notices with these ids that are there and can be read."""
    ordered = sorted(ids)
    if not ordered:
        return {}
    texts = await client.mget([keys.notice(each) for each in ordered])
    found = zip(ordered, texts, strict=True)
    legible = ((each, _legible(each, text)) for each, text in found if text)
    return {each: notice for each, notice in legible if notice}


def _legible(notice_id: str, text: bytes) -> Notice | None:
    try:
        return _notice.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        log.unreadable_notice(notice_id, str(fault))
        return None
