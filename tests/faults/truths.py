"""What the promises P1–P5 say about letters that left, whatever the service thinks of them."""

import re
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any, Final

from notifier.adapters import keys
from notifier.core.delivery import FINAL, Delivery, State
from notifier.core.events import Event, PeopleInvited, PeopleRemoved, PersonRegistered, parse
from notifier.core.life import Known, Phase
from notifier.core.notice import Kind, Notice
from notifier.core.people import person_key
from notifier.core.reasons import Reason
from notifier.core.times.changes import same_times
from tests.cast import raw
from tests.faults.house import Books, House
from tests.faults.mail_server import Left

TELLS_TIMES = {Kind.INVITATION, Kind.REGISTRATION, Kind.RESCHEDULE, Kind.REMINDER}


class Truths:
    """Looks at every letter as it leaves, and at everything in the end."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._asked: Counter[str] = Counter()
        self._claims: dict[str, str] = {}
        self.broken: list[str] = []

    async def asked(self, delivery: Delivery) -> None:
        """A person asks for a delivery again: one more mail is allowed."""
        if await self._house.ledger.resend(delivery):
            self._asked[delivery.id] += 1

    async def watch(self, left: Left) -> None:
        """Look at a letter at the moment when its body leaves."""
        self.broken += [
            *self._at_a_wrong_time(left),
            *self._too_soon(left),
            *self._changed(left),
            *self._side_by_side(left),
            *await self._of_an_older_revision(left),
            *await self._to_somebody_removed(left),
            *await self._of_nothing(left),
        ]

    def _at_a_wrong_time(self, left: Left) -> list[str]:
        """P5: not before its moment, not after the start."""
        notice = left.notice
        if notice.kind is not Kind.REMINDER:
            return []
        assert notice.occurrence is not None
        assert notice.offset is not None
        start = notice.occurrence.start
        due = start - timedelta(minutes=notice.offset)
        return [] if due <= left.at < start else [f"{_named(left)} left at {left.at}: not in time"]

    def _too_soon(self, left: Left) -> list[str]:
        """What was put off waits, however often it is hinted at, unless a person asks for it."""
        until = left.delivery.not_before
        if until is None or until <= left.at or self._asked[left.delivery.id]:
            return []
        return [f"{_named(left)} left at {left.at}: put off until {until}"]

    def _changed(self, left: Left) -> list[str]:
        """P3: each try is the same mail, whether or not one arrived."""
        return [
            f"{_named(left)} left as another mail than before: {marks}"
            for earlier in self._house.mail_server.left
            if earlier.delivery.id == left.delivery.id
            if (marks := _marks(left) - _marks(earlier))
        ]

    def _side_by_side(self, left: Left) -> list[str]:
        """P3: while a letter is under way another one leaves only where the first is in doubt."""
        doubts = left.delivery.doubts
        return [
            f"{_named(left)} left while it was under way, and nobody was in doubt"
            for earlier in self._house.mail_server.under_way
            if earlier.delivery.id == left.delivery.id and earlier.delivery.doubts == doubts
            if not self._asked[left.delivery.id]
        ]

    async def _of_an_older_revision(self, left: Left) -> list[str]:
        """P4: nothing is said after something newer was, unless it holds again."""
        if await self._holds(left.notice):
            return []
        return [
            f"{_named(left)} left after {_named(earlier)}"
            for earlier in self._house.mail_server.left
            if _same_reader(earlier, left) and _contradicts(left.notice, earlier.notice)
        ]

    async def _holds(self, notice: Notice) -> bool:
        """Tell whether the times that a notice names are the present ones."""
        said = notice.conference
        if said is None:
            return True
        known = await self._known(said.id)
        if known is None or known.phase is not Phase.PLANNED:
            return False
        return same_times(said.schedule, known.conference.schedule, now=self._house.now)

    async def _known(self, conference: str) -> Known | None:
        return (await self._house.memory.recall({conference: ()}))[conference].known

    async def _to_somebody_removed(self, left: Left) -> list[str]:
        """Whoever was taken off the list, as far as we have heard, hears of that and no more."""
        if left.notice.calendar is None or left.notice.kind is Kind.REMOVAL:
            return []
        known = await self._known(left.delivery.conference or "")
        if known and known.list_since:
            return []  # deleted and made anew: who was on the list before is not told apart by this
        heard = [each for each in await self._heard() if _about(each, left)]
        newest = max(heard, key=_list_order, default=None)
        if newest is None or not isinstance(newest.what, PeopleRemoved):
            return []
        if left.notice.kind is Kind.CANCELLATION and await self._unsaid(left):
            return []
        return [f"{_named(left)} left, but they were removed"]

    async def _unsaid(self, left: Left) -> bool:
        """Tell whether a removal was heard behind the cancellation, which tells them in its place.

        Its revision may be older: events come in any order.
        """
        rows = (await self._house.books()).rows.values()
        return any(
            row.kind == Kind.REMOVAL
            and row.reason == Reason.CANCELLED
            and (row.conference, row.recipient.key)
            == (left.delivery.conference, left.delivery.recipient.key)
            for row in rows
        )

    async def _of_nothing(self, left: Left) -> list[str]:
        """Nobody is told of the end of what they never heard of, or cannot have heard of."""
        if left.notice.kind not in (Kind.CANCELLATION, Kind.REMOVAL):
            return []
        if any(_joins_by_the_revision_of(left, each) for each in await self._heard()):
            return []  # a publisher that does not count: nobody can tell which came first
        arrived = self._house.mail_server.arrived
        if any(_same_reader(each, left) and each.notice.kind in TELLS_TIMES for each in arrived):
            return []
        about = (left.delivery.conference, left.delivery.recipient.key)
        rows = (await self._house.books()).rows.values()
        may_have = any(
            (row.conference, row.recipient.key) == about
            and row.kind in TELLS_TIMES
            and (row.doubts > 0 or row.state is State.IN_DATA)
            for row in rows
        )
        return [] if may_have else [f"{_named(left)} left, but nothing had reached them"]

    async def _heard(self) -> list[Event]:
        """Give the events that count as applied, as published."""
        client = self._house.client
        seen = {each.decode() for each in await client.zrange(keys.SEEN, 0, -1)}
        entries = await client.xrange(keys.EVENTS)
        events = [parse(fields[b"event"]) for _id, fields in entries]
        return [each for each in events if each.key in seen]

    def doubles(self, books: Books) -> list[str]:
        """P3: one mail each, one more for each doubt, and the same bytes."""
        faults = list(self.broken)
        told: dict[tuple[str, str], list[Left]] = {}
        for each in self._house.mail_server.arrived:
            told.setdefault(_told(each), []).append(each)
        for mails in told.values():
            rows = [books.rows[each] for each in sorted({mail.delivery.id for mail in mails})]
            named, doubts = f"{rows[0].kind} {rows[0].id}", sum(row.doubts for row in rows)
            allowed = 1 + doubts + sum(self._asked[row.id] for row in rows)
            # A worker that still waits for its answer will be in doubt, or will tell us.
            if len(mails) > allowed + any(row.state is State.IN_DATA for row in rows):
                faults.append(f"{named}: {len(mails)} mails, {doubts} doubts")
            letters = {_said(mail) for mail in mails}
            if len(letters) > 1:
                faults.append(f"{named}: {len(letters)} different mails")
        return faults

    def stolen(self, books: Books) -> list[str]:
        """What one worker holds is no other's before a sweep has freed it.

        To be asked after each job, or part of one: nobody frees and claims in one.
        """
        claims = {row.id: row.token for row in books.rows.values() if row.state is State.SENDING}
        before, self._claims = self._claims, claims
        return [
            f"{each} was taken from the worker that holds it"
            for each, token in claims.items()
            if before.get(each, token) != token
        ]

    def disowned(self, books: Books) -> list[str]:
        """P2: what is under way is in data, until somebody doubts it, or knows that it arrived."""
        under_way = [
            (each, books.rows[each.delivery.id]) for each in self._house.mail_server.under_way
        ]
        return [
            f"{_named(each)} is {row.state} while it is under way"
            for each, row in under_way
            if row.doubts == each.delivery.doubts and not self._asked[row.id]
            if row.state not in (State.IN_DATA, State.SENT)
        ]

    def unfinished(self, books: Books) -> list[str]:
        """P2: everything ends; a second doubt waits for a person, and that is told."""
        rows = books.rows.values()
        faults = [
            f"{row.kind} {row.id} is {row.state} in the end ({row.reason})"
            for row in rows
            if row.state not in FINAL and not (row.state is State.UNKNOWN and row.doubts > 1)
        ]
        arrived = {each.delivery.id for each in self._house.mail_server.arrived}
        sent = {row.id for row in rows if row.state is State.SENT}
        return faults + [f"{each} is sent, but nothing arrived" for each in sent - arrived]

    async def outdated(self) -> list[str]:
        """P4: what is remembered of a conference is the newest that was said of it."""
        newest: dict[str, int] = {}
        for event in await self._heard():
            if said := event.conference:
                newest[said.id] = max(said.revision, newest.get(said.id, 0))
        return [
            f"revision {known.conference.revision} of {conference} is remembered, not {revision}"
            for conference, revision in newest.items()
            if (known := await self._known(conference)) and known.conference.revision < revision
        ]

    async def unheard(self, events: list[dict[str, Any]], books: Books) -> list[str]:
        """P1: each event was applied, or lies among the rejected; none waits."""
        client = self._house.client
        seen = {each.decode() for each in await client.zrange(keys.SEEN, 0, -1)}
        rejected = [fields[b"event"] for _id, fields in await client.xrange(keys.REJECTED)]
        buried = Counter(parse(each).key for each in rejected)
        faults = [
            f"{each['type']} {each['id']}: applied {key in seen}, rejected {buried[key]} times"
            for each in events
            if (key := parse(raw(each)).key) and (key in seen) + (buried[key] > 0) != 1
        ]
        waiting = (await client.xpending(keys.EVENTS, keys.GROUP))["pending"]
        if waiting:
            faults.append(f"{waiting} entries are still waiting")
        applied = books.counters.get("events_applied", 0)
        if applied != len(seen):
            faults.append(f"{applied} events were counted, {len(seen)} were seen")
        return faults


def _named(left: Left) -> str:
    notice, delivery = left.notice, left.delivery
    about = f"revision {notice.revision} of {delivery.conference}"
    return f"the {notice.kind} to {delivery.recipient.name} ({about})"


def _told(left: Left) -> tuple[str, str]:
    """Say what happened, and who is told of it: one mail, whatever its delivery is called."""
    return left.notice.root, left.delivery.recipient.key


def _joins_by_the_revision_of(left: Left, event: Event) -> bool:
    joins = isinstance(event.what, PeopleInvited | PersonRegistered)
    said = event.conference
    same = said is not None and (said.id, said.revision) == (
        left.delivery.conference,
        left.notice.revision,
    )
    return joins and same


# The time that is left stands behind one of these, up to the end of its sentence or heading.
_TIME_LEFT: Final = re.compile(r"(?<= starts )[^.<\n]+|(?<= commence )[^.<\n]+")


def _said(left: Left) -> bytes | tuple[tuple[str, str], ...]:
    """Give what a mail says, to the byte; of a reminder all but the time that is left (R16)."""
    if left.notice.kind is not Kind.REMINDER:
        return left.content
    mail = message_from_bytes(left.content, policy=policy.default)
    headers = [(name, str(value)) for name, value in mail.items()]
    parts = [(part.get_content_type(), part.get_content()) for part in mail.iter_parts()]
    return tuple((name, _TIME_LEFT.sub("…", text)) for name, text in headers + parts)


def _marks(left: Left) -> set[bytes]:
    """Give the lines by which the readers' programs tell that a mail is the one they have."""
    lines = left.content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return {line for line in lines if line.startswith((b"Message-ID:", b"Date:"))}


def _same_reader(one: Left, other: Left) -> bool:
    about = (one.delivery.conference, one.delivery.recipient.key)
    return about == (other.delivery.conference, other.delivery.recipient.key)


def _contradicts(notice: Notice, newer: Notice) -> bool:
    """Tell whether a reader of `newer` would be misled by `notice` afterwards."""
    if notice.calendar is None or newer.calendar is None or notice.conference is None:
        return False
    if notice.kind not in TELLS_TIMES or newer.revision <= notice.revision:
        return False
    if newer.kind is Kind.CANCELLATION:
        return newer.calendar.generation >= notice.calendar.generation
    # A reminder is right by itself (P5), and speaks of silent changes that nobody was told of.
    if newer.kind not in TELLS_TIMES - {Kind.REMINDER} or notice.kind is Kind.REMINDER:
        return False
    if newer.conference is None:
        return False
    return not same_times(notice.conference.schedule, newer.conference.schedule, now=newer.created)


def _about(event: Event, left: Left) -> bool:
    conference = event.conference
    if conference is None or conference.id != left.delivery.conference:
        return False
    match event.what:
        case PeopleInvited(participants=people) | PeopleRemoved(participants=people):
            return left.delivery.recipient.key in {person_key(each) for each in people}
        case PersonRegistered(participant=person):
            return person_key(person) == left.delivery.recipient.key
        case _:
            return False


def _list_order(event: Event) -> tuple[int, bool]:
    """A removal wins over what was said of the same revision."""
    assert event.conference is not None
    return event.conference.revision, isinstance(event.what, PeopleRemoved)
