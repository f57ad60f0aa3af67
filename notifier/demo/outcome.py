"""Compares what happened with what the play promised; each fault is one sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence

from notifier.core.delivery import State
from notifier.core.people import person_key
from notifier.demo.opened import Opened
from notifier.demo.records import Records
from notifier.demo.script import Act, Skip, Telling


def fits(mail: Opened, telling: Telling) -> bool:
    """Tell whether this is the mail meant: kind, conference and address."""
    return (mail.kind, mail.conference, mail.address) == (
        telling.kind,
        telling.conference,
        telling.address,
    )


def recorded(records: Records, skip: Skip) -> bool:
    """Tell whether it is on record that this person was left out, and why."""
    return any(
        (each.kind, each.recipient.key, each.state, each.reason)
        == (skip.kind, person_key(skip.person), State.SKIPPED, skip.reason)
        for each in records.deliveries
    )


def faults(acts: Sequence[Act], mails: Sequence[Opened], records: Records) -> list[str]:
    """Give what is not as promised; nothing if all is well."""
    return [
        *(fault for act in acts for fault in _in_act(act, mails, records)),
        *_unexpected(acts, mails),
        *_links(acts, mails),
        *_in_ledger(acts, mails, records),
        *_in_stream(acts, records),
    ]


def _in_act(act: Act, mails: Sequence[Opened], records: Records) -> Iterator[str]:
    for telling in act.tellings:
        found = [mail for mail in mails if fits(mail, telling)]
        if len(found) != 1:
            yield f"{_named(telling)} was to arrive once and arrived {len(found)} times."
        for mail in found:
            yield from _in_mail(act, telling, mail)
    for skip in act.skips:
        if not recorded(records, skip):
            yield f"It is not on record that {skip.person.name} was left out ({skip.reason})."


def _in_mail(act: Act, telling: Telling, mail: Opened) -> Iterator[str]:
    name = _named(telling)
    if mail.language != telling.language:
        yield f"{name} was to be in {telling.language!r} and is in {mail.language!r}."
    if mail.method != telling.method:
        yield f"{name} was to carry calendar {telling.method!r} and carries {mail.method!r}."
    if not (mail.text and mail.html and mail.subject):
        yield f"{name} lacks its subject, its text or its HTML."
    if not (mail.secured and mail.login):
        yield f"{name} came without TLS or without a login."
    if act.due and mail.arrived < act.due.timestamp():
        yield f"{name} came before its time."
    if act.until and mail.arrived >= act.until.timestamp():
        yield f"{name} came after the start."


def _unexpected(acts: Sequence[Act], mails: Sequence[Opened]) -> Iterator[str]:
    tellings = [telling for act in acts for telling in act.tellings]
    for mail in mails:
        if not any(fits(mail, telling) for telling in tellings):
            yield f"Nobody expected mail {mail.number}, {mail.kind or 'of no kind'} to {mail.to}."


def _links(acts: Sequence[Act], mails: Sequence[Opened]) -> Iterator[str]:
    """A personal link stands in this one person's mail, and in nobody else's (R10)."""
    for telling in (each for act in acts for each in act.tellings if each.link):
        for mail in mails:
            shown = telling.link in mail.text
            if shown != (mail.address == telling.address):
                where = "stands in" if shown else "is missing from"
                yield f"{telling.person.name}'s personal link {where} the mail to {mail.to}."


def _in_ledger(acts: Sequence[Act], mails: Sequence[Opened], records: Records) -> Iterator[str]:
    by_id = {each.id: each for each in records.deliveries}
    for mail in mails:
        known = by_id.get(mail.delivery)
        if known is None or known.state is not State.SENT:
            state = known.state if known else "not there"
            yield f"Mail {mail.number} arrived, but its delivery is {state}."
    states = Counter(each.state for each in records.deliveries)
    promised = Counter(
        {
            State.SENT: sum(len(act.tellings) for act in acts),
            State.SKIPPED: sum(len(act.skips) for act in acts),
        }
    )
    if states != promised:
        yield f"The ledger holds {_counted(states)}; promised are {_counted(promised)}."


def _in_stream(acts: Sequence[Act], records: Records) -> Iterator[str]:
    rejected = sum(act.rejected for act in acts)
    if len(records.reasons) != rejected:
        yield f"{len(records.reasons)} entries were put aside; promised are {rejected}."
    if records.unread or records.unacknowledged:
        yield (
            f"The stream has {records.unread} unread and {records.unacknowledged} "
            "unacknowledged entries; promised are none."
        )
    if records.queued:
        yield f"{records.queued} deliveries are still queued; promised are none."


def _named(telling: Telling) -> str:
    about = f" of {telling.conference}" if telling.conference else ""
    return f"The {telling.kind.replace('_', ' ')}{about} to {telling.person.name}"


def _counted(states: Counter[State]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "nothing"
