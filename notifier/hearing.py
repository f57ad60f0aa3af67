"""Hearing: what one event makes us write, against what is remembered and what its batch did."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.bounces import Bounce, bounce_of
from notifier.core.change import Change, Verdict
from notifier.core.conference import apply
from notifier.core.due import due_before_change, reminds_otherwise
from notifier.core.entries import has_entry
from notifier.core.events import (
    Event,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
    RecipientBounced,
)
from notifier.core.first_letters import first_letters, overtaken_by_removal
from notifier.core.indexed import indexed_due
from notifier.core.life import Known, Member, Standing, on_list
from notifier.core.notice import Notice
from notifier.core.notices import Decision, decide
from notifier.core.people import Person, person_key
from notifier.core.planning import notices_of, planned
from notifier.core.settings import Settings
from notifier.ports.inbox import Entry
from notifier.remembering import SLICE, Commitment, Remembered, Unreadable

# Clocks differ, and events pass each other on the way.
LEEWAY: Final = timedelta(minutes=1)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An event, where it stood in the stream, and what it makes us write."""

    entry: Entry
    event: Event
    change: Change
    commitments: tuple[Commitment, ...]
    deliveries: int
    behind: bool


def people_named(event: Event) -> tuple[Person, ...]:
    """Give the people whose places on the list an event can change."""
    match event.what:
        case PeopleInvited(participants=people) | PeopleRemoved(participants=people):
            return people
        case PersonRegistered(participant=person):
            return (person,)
        case _:
            return ()


def wanted(events: Iterable[Event]) -> dict[str, list[str]]:
    """Give the conferences and people whose memory a batch of events needs."""
    keys: dict[str, set[str]] = {}
    for event in events:
        if event.conference:
            named = keys.setdefault(event.conference.id, set())
            named.update(person_key(each) for each in people_named(event))
    return {conference: sorted(people) for conference, people in keys.items()}


def listen(
    entry: Entry,
    event: Event,
    remembered: Remembered,
    settings: Settings,
    *,
    now: datetime,
    uid: str,
) -> Heard:
    """Apply one event and plan what it makes us tell; nothing is written here.

    `uid` is never given twice: it names the write, and the conference if it is new.
    Raises Unreadable where what is remembered makes no sense to this version of the program.
    """
    if remembered.unreadable:
        raise Unreadable(remembered.unreadable)
    change = apply(remembered.known, remembered.members, event, now=now, uid=uid)
    change = _with_domain(change, settings)
    decisions = decide(change, settings)
    if change.verdict is Verdict.REMOVED and change.newcomers:
        decisions.append(overtaken_by_removal(change, decisions[0]))
    change = _with_what_was_told(change, decisions, remembered)
    whole = _commitment(entry, change, decisions, remembered, settings, uid=uid)
    return Heard(
        entry=entry,
        event=event,
        change=change,
        commitments=tuple(sliced(whole)),
        deliveries=len(whole.deliveries),
        behind=bool(whole.behind),
    )


def _with_domain(change: Change, settings: Settings) -> Change:
    """Give the change with the domain in the UIDs of its calendar entries, kept from now on.

    People hold entries under it, also when another mailbox sends what follows (calendar §1.1).
    """
    after = change.after
    if after is None or after.domain or after == change.before:
        return change
    after = msgspec.structs.replace(after, domain=settings.smtp.domain)
    return msgspec.structs.replace(change, after=after)


def _commitment(
    entry: Entry,
    change: Change,
    decisions: Sequence[Decision],
    remembered: Remembered,
    settings: Settings,
    *,
    uid: str,
) -> Commitment:
    """Give all that an event means as one step to write, however large."""
    event, after = change.event, change.after
    changed = after != change.before
    reindex = after is not None and reminds_otherwise(change.before, after)
    return Commitment(
        entry=entry.id,
        event=event.key,
        conference=event.conference.id if event.conference else "",
        etag=remembered.etag if event.conference else None,
        next_etag=uid,
        known=after if changed else None,
        bump=changed or _moves_somebody(change, remembered),
        reindex=reindex,
        due=indexed_due(after, settings) if reindex and after else None,
        rows=change.rows,
        notices=(
            *(notice for each in decisions for notice in notices_of(each)),
            *_owed_till_now(change, settings),
        ),
        deliveries=tuple(each for decision in decisions for each in planned(decision, settings)),
        first_letters=_first_letters(decisions, change),
        behind=event.source if behind(change) else "",
        bounce=_bounce(change, settings),
    )


def _first_letters(decisions: Iterable[Decision], change: Change) -> dict[str, str]:
    found = [first_letters(each, change.newcomers) for each in decisions]
    return {delivery: removal for some in found for delivery, removal in some.items()}


def _owed_till_now(change: Change, settings: Settings) -> list[Notice]:
    """Give the reminders that were due and that nobody would look for behind this event.

    It came between their moment and the tick, or during an absence, and changes other starts.
    """
    if change.before is None or change.after is None:
        return []
    return due_before_change(change.before, change.after, settings, until=change.now)


def behind(change: Change) -> bool:
    """Tell whether the publisher knows less than it did: said later, yet of an earlier revision.

    So speaks a server that was restored from a backup: until its revisions have passed those that
    we know, its people hear nothing. An event that is merely late was said before.
    """
    event, before = change.event, change.before
    if before is None or event.conference is None or event.time is None:
        return False
    older = event.conference.revision < before.conference.revision
    return older and event.time > before.changed + LEEWAY


def _bounce(change: Change, settings: Settings) -> Bounce | None:
    match change.event.what:
        case RecipientBounced() as what:
            return bounce_of(what, settings, now=change.now)
        case _:
            return None


def _moves_somebody(change: Change, remembered: Remembered) -> bool:
    """Tell whether letters at the fence must look again at the row of their person."""
    return any(row.key in remembered.members for row in change.rows)


def _with_what_was_told(
    change: Change, decisions: Sequence[Decision], remembered: Remembered
) -> Change:
    """Give the change with what people know: what is switched off was told to nobody.

    Invitations that wait for their turn would give way to it, and their people would hear nothing.
    """
    if not all(each.notice.skip for each in decisions):
        return change
    rows = tuple(
        _untold(row, remembered.members.get(row.key), change.before) for row in change.rows
    )
    return msgspec.structs.replace(change, after=_untold_to_all(change), rows=rows)


def _untold_to_all(change: Change) -> Known | None:
    before, after = change.before, change.after
    if before is None or after is None or change.verdict not in (Verdict.MOVED, Verdict.RELAUNCHED):
        return after
    same_life = after.generation == before.generation
    after = msgspec.structs.replace(after, asked=before.asked if same_life else 0)
    if change.verdict is Verdict.RELAUNCHED:
        return after
    return msgspec.structs.replace(
        after, told=before.told, told_revision=before.told_revision, moves=before.moves
    )


def _untold(row: Member, before: Member | None, known: Known | None) -> Member:
    """Give the row of somebody who is not told: they know, and their calendar holds, as before."""
    if row.standing is not Standing.REMOVED:
        had_it = before and known and on_list(before, known) and has_entry(before, known)
        row = msgspec.structs.replace(row, without_entry=not had_it)
    return msgspec.structs.replace(row, told=before.told) if before else row


def after(remembered: Remembered, heard: Heard) -> Remembered:
    """Give what will be remembered once an event is written: the next one of the batch sees it."""
    if not heard.event.conference:
        return remembered
    rows = {row.key: row for row in heard.change.rows}
    return msgspec.structs.replace(
        remembered,
        known=heard.change.after,
        members={**remembered.members, **rows},
        etag=heard.commitments[-1].next_etag,
    )


def sliced(whole: Commitment) -> list[Commitment]:
    """Cut a large commitment into steps; the event counts as applied with the last one.

    A crash between two steps leaves the entry unacknowledged: the event is applied again, rows and
    deliveries that stand already stay as they are, and the rest follow.
    """
    steps = max(1, _steps(whole.rows), _steps(whole.deliveries))
    return [
        msgspec.structs.replace(
            whole,
            etag=whole.etag if step == 0 or whole.etag is None else _nth(whole, step - 1),
            next_etag=_nth(whole, step),
            known=whole.known if step == 0 else None,
            bump=whole.bump and step == 0,
            reindex=whole.reindex and step == 0,
            notices=whole.notices if step == 0 else (),
            rows=whole.rows[step * SLICE : (step + 1) * SLICE],
            deliveries=whole.deliveries[step * SLICE : (step + 1) * SLICE],
            final=step == steps - 1,
        )
        for step in range(steps)
    ]


def _nth(whole: Commitment, step: int) -> str:
    """Name a step's write: the next step, or the next event, is written upon this one only.

    A count would not do: where somebody else wrote once in between, the second of a batch would
    find the count that it expects, and be written without the first.
    """
    return f"{whole.next_etag}.{step}"


def _steps(values: Sequence[object]) -> int:
    return -(-len(values) // SLICE)
