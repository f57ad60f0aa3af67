"""Telling one person once more how a conference stands for them, in a mail of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from notifier.adapters.archive import RedisArchive
from notifier.adapters.memory import RedisMemory
from notifier.adapters.settings_store import RedisSettings
from notifier.adapters.suppressions import RedisSuppressions
from notifier.admin.deliveries import until_cleared
from notifier.admin.lists import Whole, whole
from notifier.admin.refusals import Impossible, NotFound
from notifier.core.delivery import Delivery, State
from notifier.core.events import Conference
from notifier.core.exclusion import told_beside
from notifier.core.first_letters import removal_id
from notifier.core.life import Member, Standing
from notifier.core.notice import INVITING, TAKING_BACK, Notice, former_lives
from notifier.core.people import BadAddress, canonical, is_unregistered, mailbox
from notifier.core.planning import plan
from notifier.core.present import Untrue, holds_entry, once_told, present_notice
from notifier.core.reasons import MEANINGS, Reason
from notifier.remembering import Commitment


class TellingAgain:
    """Plans the mails that an administrator asks for; a worker sends them."""

    def __init__(
        self,
        *,
        memory: RedisMemory,
        archive: RedisArchive,
        settings: RedisSettings,
        suppressions: RedisSuppressions,
        clock: Callable[[], datetime],
    ) -> None:
        self._memory = memory
        self._archive = archive
        self._settings = settings
        self._suppressions = suppressions
        self._clock = clock

    async def tell(self, conference_id: str, person: str) -> Delivery:
        """Plan the present truth for a person, named by ID or address.

        Raises NotFound, and Impossible where nothing true can be told to them.
        """
        found = await whole(self._memory, self._archive, conference_id)
        member = _named(found, person)
        settings = await self._settings.current()
        uid = uuid4().hex
        notice = present_notice(
            found.known,
            member,
            settings,
            now=self._clock(),
            uid=uid,
            told_then=await self._told_then(member),
        )
        if isinstance(notice, Untrue):
            raise _refused(conference_id, person, notice.because)
        delivery = plan(notice, member.person, settings)
        reason = _why_not(delivery) or await self._why_stopped(notice, delivery)
        if reason:
            raise _refused(conference_id, person, reason)
        [answer] = await self._memory.commit([_step(found, member, notice, delivery, uid)])
        if answer != "applied":
            raise _refused(conference_id, person, "it has just changed; ask once more")
        return delivery

    async def _told_then(self, member: Member) -> Conference | None:
        """Give the conference as somebody was told of being taken off it, while that is kept."""
        if member.standing is not Standing.REMOVED:
            return None
        told = await self._archive.delivery(removal_id(member.by, member.key))
        notice = await self._archive.notice(told.notice) if told else None
        return notice.conference if notice else None

    async def _why_stopped(self, notice: Notice, delivery: Delivery) -> str | None:
        """Say what would keep the letter back when it leaves, if anything."""
        person = delivery.recipient
        held = (await self._suppressions.of([person.address])).get(person.address)
        if held:
            return until_cleared(held)
        if notice.kind in TAKING_BACK and notice.conference:
            untold = await self._memory.untold(
                notice.conference.id, [person.key], former_lives=former_lives(notice)
            )
            return MEANINGS[Reason.NEVER_TOLD] if untold else None
        return None


def _step(found: Whole, member: Member, notice: Notice, delivery: Delivery, uid: str) -> Commitment:
    """Give what is written: the letter, and that its reader has the entry from now on."""
    brings_one = notice.kind in INVITING and found.known.conference.schedule is not None
    first_entry = brings_one and not holds_entry(found.known, member)
    return Commitment(
        conference=found.known.conference.id,
        etag=found.etag,
        next_etag=uid if first_entry else "",
        bump=first_entry,
        rows=(once_told(found.known, member),) if first_entry else (),
        notices=(notice,),
        deliveries=(delivery,),
    )


def _named(found: Whole, person: str) -> Member:
    """Give the row of the person with this ID, else of the one with this address.

    Whoever is listed by ID and by address is told under the ID, as in every mail to everyone.
    """
    asked = person.strip()
    member = found.members.get(asked)
    if member is None:
        sharing = _meant([each for each in found.members.values() if _lives_at(each, asked)])
        if len(sharing) > 1:
            ids = ", ".join(sorted(each.key for each in sharing))
            raise Impossible(f"{asked} is the address of several people: name one by ID: {ids}.")
        member = next(iter(sharing), None)
    if member is None:
        conference = found.known.conference
        raise NotFound(
            f"There is nobody {asked!r} on the list of {conference.id}, nor was there; see who is: "
            f"notifier conferences show {conference.id}"
        )
    return member


def _meant(sharing: Sequence[Member]) -> Sequence[Member]:
    """Give those of several rows of one address that count: on the list first, then by ID."""
    there = [each for each in sharing if each.standing is not Standing.REMOVED] or sharing
    return [each for each in there if not is_unregistered(each.person)] or there


def _lives_at(member: Member, address: str) -> bool:
    try:
        found = mailbox(member.person)
    except BadAddress:
        return False
    return found is not None and found.address.lower() == canonical(address)


def _why_not(delivery: Delivery) -> str | None:
    """Say why a letter would not even be tried, if so."""
    if delivery.state is State.PENDING:
        return None
    return told_beside(MEANINGS[Reason(delivery.reason)], delivery.excluded)


def _refused(conference: str, person: str, because: str) -> Impossible:
    return Impossible(
        f"There is nothing that {person} can be told again of {conference}: {because}."
    )
