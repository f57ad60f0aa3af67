"""The lists of federation in an administrator's hands: looked at, changed, and asked (R43–R48)."""

from collections.abc import Iterable
from datetime import date

import msgspec

from notifier.adapters.settings_store import RedisSettings
from notifier.core.federation import Entry
from notifier.core.masks import normalised_mask


class ListedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as everybody may see it; `normalised` is how its mask is compared (R44)."""

    mask: str
    normalised: str
    comment: str
    added: date | None


class FederationShown(msgspec.Struct, frozen=True, kw_only=True):
    """With whom we talk: the mode, who is at home, and both lists in their order."""

    mode: str
    home: str
    whitelist: tuple[ListedEntry, ...]
    blacklist: tuple[ListedEntry, ...]


class FederationDesk:
    """Shows and changes the mode and the lists."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings

    async def shown(self) -> FederationShown:
        """Give the mode and both lists in force."""
        settings = await self._settings.current()
        federation = settings.federation
        return FederationShown(
            mode=federation.mode,
            home=settings.server.domain,
            whitelist=_listed(federation.whitelist),
            blacklist=_listed(federation.blacklist),
        )


def _listed(entries: Iterable[str | Entry]) -> tuple[ListedEntry, ...]:
    return tuple(_one(each if isinstance(each, Entry) else Entry(mask=each)) for each in entries)


def _one(entry: Entry) -> ListedEntry:
    return ListedEntry(
        mask=entry.mask,
        normalised=normalised_mask(entry.mask),
        comment=entry.comment,
        added=entry.added,
    )
