"""The play: what happens, and who must be told of it; nothing here touches the world."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from notifier.core.events import (
    TYPES,
    CallMissed,
    ConferenceCancelled,
    ConferenceRescheduled,
    Event,
    Happening,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
    ServerRestarted,
)
from notifier.core.notice import Kind
from notifier.core.people import Person, mailbox
from notifier.core.reasons import Reason
from notifier.demo.cast import (
    ADMINISTRATOR,
    ANNA,
    BRIAN,
    CLAIRE,
    LEO,
    MARC,
    MARTA,
    NOAH,
    PRIYA,
    open_day,
    review,
    stand_up,
)

SOURCE: Final = "/demo/core"

# The shortest offset allowed is a minute (R14). Started this much earlier, the reminder falls due
# while the rest is played.
OFFSET: Final = timedelta(minutes=1)
REHEARSAL: Final = timedelta(seconds=12)

# How long mails may take before the demonstration calls it a failure.
PATIENCE: Final = timedelta(seconds=20)

# The languages of those who play; letters come in more.
LETTERS: Final = ("en", "fr", "it", "pl")


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One mail that must arrive, exactly once."""

    kind: Kind
    person: Person
    language: str
    conference: str = ""
    method: str = ""
    link: str = ""

    @property
    def address(self) -> str:
        found = mailbox(self.person)
        assert found is not None, "who is told has a mailbox"
        return found.address


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who must not be told, and the reason that must be on record (R27)."""

    kind: Kind
    person: Person
    reason: Reason


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What happens, and all that it must bring about.

    `raw` is put on the stream as it is, past the publisher's own checks.
    Where `due` and `until` are set (aware UTC), the mails must arrive between these two.
    """

    title: str
    story: str
    events: tuple[Event, ...] = ()
    raw: bytes | None = None
    tellings: tuple[Telling, ...] = ()
    skips: tuple[Skip, ...] = ()
    rejected: int = 0
    due: datetime | None = None
    until: datetime | None = None


def play(now: datetime) -> tuple[Act, ...]:
    """Give the acts in order, as they are played from `now` (aware UTC) on."""
    start = (now + REHEARSAL + OFFSET).replace(microsecond=0)
    return (
        _soon(now, start),
        _scheduled(now),
        _heard_twice(now),
        _joined(now),
        _signed_up(now),
        _moved(now),
        _called(now),
        _removed(now),
        _restarted(now),
        _mistaken(now),
        _reminded(start),
        _cancelled(now),
    )


def _soon(now: datetime, start: datetime) -> Act:
    conference = stand_up(start)
    happening = PeopleInvited(conference=conference, participants=(CLAIRE, BRIAN))
    return Act(
        title="A stand-up in a minute",
        story="Priya in Kolkata calls a stand-up, with a reminder one minute before.",
        events=(_event("stand-up", happening, now),),
        tellings=_to((CLAIRE, BRIAN), Kind.INVITATION, conference.id, "REQUEST"),
    )


def _scheduled(now: datetime) -> Act:
    conference = review(now, revision=1)
    people = (CLAIRE, BRIAN, PRIYA, NOAH)
    happening = PeopleInvited(conference=conference, participants=people)
    return Act(
        title="A weekly series",
        story="Anna in Paris schedules it. Everyone reads their own time, in their own language; "
        "Bengali is not shipped, so Priya reads the server's.",
        events=(_event("review", happening, now),),
        tellings=_to((CLAIRE, BRIAN, PRIYA), Kind.INVITATION, conference.id, "REQUEST"),
        skips=(_left_out(Kind.INVITATION),),
    )


def _heard_twice(now: datetime) -> Act:
    happening = PeopleInvited(conference=review(now, revision=1), participants=(CLAIRE, BRIAN))
    return Act(
        title="The same event again",
        story="Publishers may repeat themselves; nobody is told twice.",
        events=(_event("review", happening, now),),
    )


def _joined(now: datetime) -> Act:
    conference = review(now, revision=2)
    happening = PeopleInvited(conference=conference, participants=(MARC,))
    return Act(
        title="One more is added",
        story="Only the newcomer is told. His address comes from the directory.",
        events=(_event("review-2", happening, now),),
        tellings=_to((MARC,), Kind.INVITATION, conference.id, "REQUEST"),
    )


def _signed_up(now: datetime) -> Act:
    conference = open_day(now)
    happening = PersonRegistered(conference=conference, participant=MARTA)
    assert MARTA.unique_link is not None
    [telling] = _to((MARTA,), Kind.REGISTRATION, conference.id, "REQUEST")
    return Act(
        title="Somebody signs up for a webinar",
        story="Marta gets a personal link that stands in nobody else's mail.",
        events=(_event("open-day", happening, now),),
        tellings=(msgspec.structs.replace(telling, link=MARTA.unique_link),),
    )


def _moved(now: datetime) -> Act:
    conference = review(now, revision=3, hour=16, minute=30)
    return Act(
        title="The series moves",
        story="From 15:00 to 16:30 in Paris; the calendars of all four follow.",
        events=(_event("review-3", ConferenceRescheduled(conference=conference), now),),
        tellings=_to((CLAIRE, BRIAN, PRIYA, MARC), Kind.RESCHEDULE, conference.id, "REQUEST"),
        skips=(_left_out(Kind.RESCHEDULE),),
    )


def _called(now: datetime) -> Act:
    user = CallMissed(caller=BRIAN, recipient=CLAIRE, time=now)
    guest = CallMissed(caller=ANNA, recipient=LEO, time=now, call_string=LEO.id)
    return Act(
        title="Two missed calls",
        story="Brian called Claire, who was offline; Anna dialled Leo by his mail address.",
        events=(_event("call-1", user, now), _event("call-2", guest, now)),
        tellings=(
            Telling(kind=Kind.MISSED_CALL, person=CLAIRE, language=_read_by(CLAIRE)),
            Telling(kind=Kind.MISSED_CALL_UNREGISTERED, person=LEO, language=_read_by(LEO)),
        ),
    )


def _removed(now: datetime) -> Act:
    conference = review(now, revision=4, hour=16, minute=30)
    happening = PeopleRemoved(conference=conference, participants=(MARC,))
    return Act(
        title="Marc is taken off the list",
        story="He is told, his calendar entry goes, and he hears no more of it.",
        events=(_event("review-4", happening, now),),
        tellings=_to((MARC,), Kind.REMOVAL, conference.id, "CANCEL"),
    )


def _restarted(now: datetime) -> Act:
    happening = ServerRestarted(
        reason="internal_error", time=now, incident="demo-1", details="Media process ended."
    )
    return Act(
        title="The server restarts after an error",
        story="The administrator is told, once for each incident.",
        events=(_event("restart", happening, now),),
        tellings=(
            Telling(
                kind=Kind.SERVER_RESTART, person=ADMINISTRATOR, language=_read_by(ADMINISTRATOR)
            ),
        ),
    )


def _mistaken(now: datetime) -> Act:
    """An invitation whose zone does not exist, by a publisher that checks nothing itself."""
    data = {"conference": open_day(now), "participants": [CLAIRE]}
    said = {"specversion": "1.0", "id": "mistaken", "source": SOURCE, "data": data}
    event = msgspec.json.encode({**said, "type": "conference.invitation"})
    return Act(
        title="An event with a mistake",
        story="It is put aside with its reason, and what comes behind it goes on.",
        raw=event.replace(b"Europe/Paris", b"Europe/Pariss"),
        rejected=1,
    )


def _reminded(start: datetime) -> Act:
    return Act(
        title="The stand-up is a minute away",
        story="No event this time: beat looks at the clock.",
        tellings=_to((CLAIRE, BRIAN), Kind.REMINDER, "stand-up", ""),
        due=start - OFFSET,
        until=start,
    )


def _cancelled(now: datetime) -> Act:
    conference = review(now, revision=5, hour=16, minute=30)
    return Act(
        title="The series is cancelled",
        story="The three who are left are told; it disappears from their calendars.",
        events=(_event("review-5", ConferenceCancelled(conference=conference), now),),
        tellings=_to((CLAIRE, BRIAN, PRIYA), Kind.CANCELLATION, conference.id, "CANCEL"),
        skips=(_left_out(Kind.CANCELLATION),),
    )


def _left_out(kind: Kind) -> Skip:
    """Noah is on the list and has no mail address, neither of his own nor in the directory."""
    return Skip(kind=kind, person=NOAH, reason=Reason.NO_MAILBOX)


def _to(people: Sequence[Person], kind: Kind, conference: str, method: str) -> tuple[Telling, ...]:
    return tuple(
        Telling(
            kind=kind,
            person=person,
            language=_read_by(person),
            conference=conference,
            method=method,
        )
        for person in people
    )


def _event(name: str, happening: Happening, now: datetime) -> Event:
    """Give the event that a conference server would publish; the same name, the same event."""
    [word] = [word for word, kind in TYPES.items() if kind is type(happening)]
    return Event(id=name, source=SOURCE, type=word, what=happening, time=now)


def _read_by(person: Person) -> str:
    """Give the language in which somebody is to be told: their own, else the server's."""
    tongue = (person.language or "").partition("-")[0]
    return tongue if tongue in LETTERS else "en"
