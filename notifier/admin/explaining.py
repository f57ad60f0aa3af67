"""A dry run: whom an event would be told to and why not, against what is remembered now."""

from collections.abc import AsyncIterator, Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from notifier.adapters.archive import RedisArchive
from notifier.adapters.suppressions import RedisSuppressions
from notifier.core.delivery import Delivery, State
from notifier.core.events import Event
from notifier.core.exclusion import Exclusion
from notifier.core.language.languages import locale_chain
from notifier.core.letters import compose
from notifier.core.life import Member
from notifier.core.mime import as_bytes
from notifier.core.notice import Notice, former_lives
from notifier.core.overtaken import overtaken
from notifier.core.planning import forms, planned_for_list
from notifier.core.settings import Settings
from notifier.core.suppression import why_not
from notifier.core.values import values
from notifier.core.wording.template import Template
from notifier.hearing import Heard, after, listen, wanted
from notifier.ports.inbox import Entry
from notifier.ports.mail import Shelf
from notifier.ports.memory import Memory
from notifier.remembering import BEGINNING, Remembered

# The entry that a dry run is not: it has no place in the stream.
_NOWHERE: Final = Entry(id="", fields={})

# Reasons that only a dry run gives: the ledger would not even write these down.
DUPLICATE: Final = "duplicate"
ALREADY_PLANNED: Final = "already_planned"


class Explained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person: what the event would make us do, and why not; a skip has no subject."""

    recipient: str
    kind: str
    decision: Literal["send", "skip"]
    reason: str
    subject: str
    excluded: Exclusion | None = None  # whom federation keeps out, where that is the reason


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that an event would plan, and the reason that it would have in the end."""

    notice: Notice
    delivery: Delivery
    reason: str


class Rehearsal:
    """Goes through events in their order as if they were heard now; writes nothing anywhere."""

    def __init__(
        self,
        *,
        memory: Memory,
        archive: RedisArchive,
        suppressions: RedisSuppressions,
        shelf: Shelf,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._memory = memory
        self._archive = archive
        self._suppressions = suppressions
        self._shelf = shelf
        self._settings = settings
        self._now = now
        self._imagined: dict[str, Remembered] = {}
        self._heard: set[str] = set()
        self._planned: set[str] = set()

    async def play(self, event: Event) -> AsyncIterator[Planned]:
        """Give everybody whom `event` names or reaches, sent to or not."""
        again = event.key in self._heard or await self._archive.seen(event.key)
        conference = event.conference.id if event.conference else ""
        standing = await self._standing(event)
        heard = listen(
            _NOWHERE, event, standing, self._settings, now=self._now(), uid=f"dry-run-{event.key}"
        )
        present = after(standing, heard)
        async for some in self._deliveries(heard, present):
            for planned in await self._judged(some, present, again=again):
                yield planned
        self._heard.add(event.key)
        if conference and not again:
            self._imagined[conference] = present

    def explained(self, planned: Planned) -> Explained:
        """Give the line about one person, with the subject of the mail that would leave."""
        person = planned.delivery.recipient
        return Explained(
            recipient=person.address or person.key,
            kind=planned.notice.kind,
            decision="skip" if planned.reason else "send",
            reason=planned.reason,
            subject="" if planned.reason else self._subject(planned),
            excluded=planned.delivery.excluded,
        )

    def letter(self, planned: Planned) -> bytes:
        """Give the very mail that would leave."""
        draft = compose(
            planned.notice,
            planned.delivery,
            self._template(planned),
            self._settings,
            now=self._now(),
        )
        return as_bytes(draft)

    def _subject(self, planned: Planned) -> str:
        template = self._template(planned)
        said = values(
            planned.notice,
            planned.delivery.recipient,
            self._settings,
            language=template.language,
            now=self._now(),
        )
        return template.render(said).subject

    def _template(self, planned: Planned) -> Template:
        languages = locale_chain(
            planned.delivery.recipient.language, self._settings.server.language
        )
        return self._shelf.template(planned.notice.kind, languages)[0]

    async def _standing(self, event: Event) -> Remembered:
        """Give what would be remembered when the event is heard: Redis, and the events before."""
        recalled = await self._memory.recall(wanted([event]))
        if event.conference is None:
            return Remembered()
        found = recalled[event.conference.id]
        imagined = self._imagined.get(event.conference.id)
        if imagined is None:
            return found
        return msgspec.structs.replace(imagined, members={**found.members, **imagined.members})

    async def _deliveries(
        self, heard: Heard, present: Remembered
    ) -> AsyncIterator[Sequence[tuple[Notice, Delivery, Member | None]]]:
        """Give what the event plans at once, then, slice by slice, what it plans for everyone."""
        notices = {each.id: each for step in heard.commitments for each in step.notices}
        for step in heard.commitments:
            yield [
                (notices[each.notice], each, present.members.get(each.recipient.key))
                for each in step.deliveries
            ]
        for notice in notices.values():
            if notice.everyone and present.known:
                async for members in self._list(heard, present):
                    untold = await self._untold(notice, [each.key for each in members])
                    yield list(_for_everyone(notice, members, present, self._settings, untold))

    async def _untold(self, notice: Notice, people: Sequence[str]) -> frozenset[str]:
        """Give whom nothing has reached yet; what this rehearsal tells counts as having left."""
        if notice.conference is None:
            return frozenset()
        return await self._memory.untold(
            notice.conference.id, people, former_lives=former_lives(notice)
        )

    async def _list(self, heard: Heard, present: Remembered) -> AsyncIterator[list[Member]]:
        """Walk the whole list as it would be, each row once; a small one in one go."""
        assert heard.event.conference is not None  # only conferences have lists
        imagined = dict(present.members)
        walked: set[str] = set()
        cursor = BEGINNING
        while True:
            members, cursor = await self._memory.slice(heard.event.conference.id, cursor=cursor)
            # A hash that grows while it is walked gives some rows twice.
            fresh = [each for each in members if each.key not in walked]
            walked.update(each.key for each in fresh)
            some = [imagined.get(each.key, each) for each in fresh]
            if cursor == BEGINNING:
                break
            yield some
        yield [*some, *(each for key, each in imagined.items() if key not in walked)]

    async def _judged(
        self,
        some: Sequence[tuple[Notice, Delivery, Member | None]],
        present: Remembered,
        *,
        again: bool,
    ) -> list[Planned]:
        """Add to each delivery the reason that it would have in the end."""
        known = present.known
        existing = await self._archive.existing([each.id for _notice, each, _member in some])
        addresses = [each.recipient.address for _notice, each, _member in some]
        suppressed = await self._suppressions.of(addresses)
        people = [each.recipient.key for _notice, each, _member in some]
        untold = await self._untold(some[0][0], people) if some else frozenset()
        judged = []
        for notice, delivery, member in some:
            reason = delivery.reason if delivery.state is not State.PENDING else ""
            if not reason and again:
                reason = DUPLICATE
            if not reason and (delivery.id in existing or delivery.id in self._planned):
                reason = ALREADY_PLANNED
            nothing_yet = delivery.recipient.key in untold
            reason = (
                reason
                or overtaken(notice, known, member, now=self._now(), untold=nothing_yet)
                or ""
            )
            if not reason and (held := suppressed.get(delivery.recipient.address)):
                reason = why_not(held)
            self._planned.add(delivery.id)
            judged.append(Planned(notice=notice, delivery=delivery, reason=str(reason)))
        return judged


def _for_everyone(
    notice: Notice,
    members: Iterable[Member],
    present: Remembered,
    settings: Settings,
    untold: Container[str],
) -> Iterator[tuple[Notice, Delivery, Member]]:
    """Plan for these members; who is listed twice is seen where both rows are among them."""
    assert present.known is not None  # asked by the caller
    letters = {each.id: each for each in (notice, *forms(notice, settings))}
    rows = {each.key: each for each in members}
    told = planned_for_list(notice, rows.values(), present.known, settings, untold=untold)
    for delivery in told:
        yield letters[delivery.notice], delivery, rows[delivery.recipient.key]
