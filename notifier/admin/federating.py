"""The lists of federation in an administrator's hands: looked at, changed, and asked (R43–R48)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

import msgspec

from notifier.adapters.settings_store import RedisSettings
from notifier.admin.applying import Applied, Applying
from notifier.admin.federation_answers import (
    Admitted,
    FederationShown,
    ListChange,
    ListedEntry,
    ModeChange,
)
from notifier.admin.refusals import Impossible, NotFound, not_found
from notifier.core.federation.federation import Entry, Mode, judged, masks
from notifier.core.federation.list_changes import Changed, Listed, joined, replaced, without
from notifier.core.federation.mask_findings import findings, sentences
from notifier.core.federation.mask_lists import as_entry, parsed
from notifier.core.federation.masks import check_mask, covers, normalised_mask
from notifier.core.federation.server_names import server_name
from notifier.core.settings import Settings, SettingsRefused

HOMELESS: Final = (
    "the mode keeps nobody out, because [server] domain is not set and so everybody is at home "
    "here; set it to what stands behind the @ of the IDs of this server"
)


class FederationDesk:
    """Shows and changes the mode and the lists, and says what they make of a server."""

    def __init__(
        self,
        settings: RedisSettings,
        applying: Applying,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._applying = applying
        self._clock = clock

    async def shown(self) -> FederationShown:
        """Give the mode and both lists in force."""
        settings = await self._settings.current()
        federation, home = settings.federation, settings.server.domain
        return FederationShown(
            mode=federation.mode,
            home=home,
            whitelist=_shown(federation.whitelist),
            blacklist=_shown(federation.blacklist),
            warnings=tuple(sentences(findings(federation, home=home))),
        )

    async def entries(self, name: str) -> Listed:
        """Give one list as it stands in the settings; raises NotFound where there is none such."""
        return _list(await self._settings.current(), name)

    async def check(self, text: str) -> Admitted:
        """Tell whether users of a server and of ours may call each other, from our side (R46).

        Raises SettingsRefused where `text` is no name of one server.
        """
        with _refusing():
            server = server_name(text)
        settings = await self._settings.current()
        judgement = judged(server.name, settings.federation, home=settings.server.domain)
        return Admitted(
            server=server.given,
            name=server.name,
            admitted=judgement.admitted,
            mode=settings.federation.mode,
            because=judgement.by,
            entry=_one(judgement.entry) if judgement.entry else None,
        )

    async def set_mode(self, mode: Mode) -> ModeChange:
        """Say whom the lists let in from now on."""
        before = await self._settings.current()
        if mode == before.federation.mode:
            revision = await self._settings.revision()
            return ModeChange(mode=mode, changed=False, revision=revision, warnings=())
        applied = await self._applying.apply({"federation": {"mode": mode}})
        homeless = () if before.server.domain else (HOMELESS,)
        return ModeChange(
            mode=mode,
            changed=True,
            revision=applied.revision,
            warnings=(*homeless, *applied.warnings),
        )

    async def add(self, name: str, mask: str, comment: str = "") -> ListChange:
        """Put a mask behind the others of a list, as of today.

        One that is there stays in its place, and gets the comment if one is given. Raises NotFound
        where there is no such list, and SettingsRefused where `mask` is none.
        """
        with _refusing():
            check_mask(mask)
        entry = Entry(mask=mask.strip(), comment=comment)
        return await self._changed(name, lambda there: joined(there, [entry], today=self._today()))

    async def remove(self, name: str, mask: str) -> ListChange:
        """Take a mask off a list; raises NotFound, with what was meant, where it is not there."""

        def less(there: Listed) -> Changed:
            changed = without(there, mask)
            if not there:
                raise NotFound(f"There is no {name} entry {mask!r}; the {name} is empty.")
            if not changed.removed:
                raise not_found(f"{name} entry", mask, masks(there))
            return changed

        change = await self._changed(name, less)
        still = _covering(await self.entries(name), mask)
        if still is None:
            return change
        warning = f"{mask} is off the {name}, and {still} covers it still; remove that one as well."
        return msgspec.structs.replace(change, warnings=(*change.warnings, warning))

    async def take_in(
        self, name: str, content: bytes, *, replace: bool, empty: bool = False
    ) -> ListChange:
        """Lay the entries of a text file over a list, or let it be these and no others.

        Raises NotFound where there is no such list, BadMaskList with every wrong line, and
        Impossible where a file without entries would replace a list that has some: so ends a
        download that failed. `empty` says that it is meant.
        """
        file = parsed(content, known=frozenset(masks(await self.entries(name))))

        def laid(there: Listed) -> Changed:
            if not replace:
                return joined(there, file, today=self._today())
            if there and not file and not empty:
                raise _emptying(name, len(there))
            return replaced(there, file, today=self._today())

        return await self._changed(name, laid)

    async def _changed(self, name: str, make: Callable[[Listed], Changed]) -> ListChange:
        """Change a list as `make` says, of whatever stands in it at that moment."""
        made = make(await self.entries(name))
        if not (made.added or made.removed or made.altered or made.reordered):
            return _told(name, made, Applied(revision=await self._settings.revision(), warnings=()))

        def change(settings: Settings) -> dict[str, object]:
            nonlocal made
            made = make(_list(settings, name))
            return {"federation": {name: msgspec.to_builtins(made.entries)}}

        applied = await self._applying.apply(change)
        return _told(name, made, applied)

    def _today(self) -> date:
        return self._clock().date()


def _list(settings: Settings, name: str) -> Listed:
    lists = settings.federation.lists
    if name not in lists:
        raise not_found("list", name, lists)
    return lists[name]


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse, as any wrong value of the settings, what is no name and no mask."""
    try:
        yield
    except ValueError as fault:
        raise SettingsRefused(str(fault)) from None


def _emptying(name: str, entries: int) -> Impossible:
    """Give the refusal of a file without entries in the place of a list."""
    loss = "its one entry" if entries == 1 else f"all of its {entries} entries"
    return Impossible(
        f"There is no entry in what is to replace the {name}, which would lose {loss}; nothing was "
        "changed: see that the file is whole, or add --empty if the list is to be empty."
    )


def _covering(entries: Listed, mask: str) -> str | None:
    """Give the first mask that covers what `mask` names; of what other masks cover nobody asks."""
    name = normalised_mask(mask)
    return None if "*" in name else next((m for m in masks(entries) if covers(m, name)), None)


def _told(name: str, made: Changed, applied: Applied) -> ListChange:
    return ListChange(
        list=name,
        entries=len(made.entries),
        added=_shown(made.added),
        removed=_shown(made.removed),
        altered=_shown(made.altered),
        repeated=made.repeated,
        reordered=made.reordered,
        revision=applied.revision,
        warnings=applied.warnings,
    )


def _shown(entries: Iterable[str | Entry]) -> tuple[ListedEntry, ...]:
    return tuple(_one(as_entry(each)) for each in entries)


def _one(entry: Entry) -> ListedEntry:
    return ListedEntry(
        mask=entry.mask,
        normalised=normalised_mask(entry.mask),
        comment=entry.comment,
        added=entry.added,
    )
