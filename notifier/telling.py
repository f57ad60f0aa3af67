"""How a publisher says what happened: one method for each happening, and the event made of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypedDict, TypeVar, Unpack
from uuid import uuid4

import msgspec

from notifier.core.events import (
    TYPES,
    CallMissed,
    Conference,
    ConferenceCancelled,
    ConferenceEnded,
    ConferenceRescheduled,
    ConferenceUpdated,
    Event,
    Happening,
    PeopleInvited,
    PeopleRemoved,
    PersonRegistered,
    RecipientBounced,
    Rejected,
    ServerRestarted,
    parse,
)
from notifier.core.people import Person

WORDS: Final = {kind: word for word, kind in TYPES.items()}


class Sealed(msgspec.Struct, frozen=True):
    """A checked event in the bytes that go onto the stream.

    However often it is published, it is heard once: its ID is in it.
    """

    id: str
    raw: bytes


class Attributes(TypedDict, total=False):
    """What may be said of an event beside what happened (CloudEvents §3.1, W3C Trace Context)."""

    id: str
    subject: str
    traceparent: str


# A happening, an event with its own ID and source, or a CloudEvents object of which `specversion`,
# `id`, `source` and `time` may be left out.
What = Happening | Event | Sealed | Mapping[str, Any]

Answer = TypeVar("Answer")


class Telling(ABC, Generic[Answer]):
    """The happenings by name; each answers as `publish` does."""

    @abstractmethod
    def publish(self, what: What, **attributes: Unpack[Attributes]) -> Answer: ...

    def missed_call(
        self,
        *,
        caller: Person,
        recipient: Person,
        time: datetime,
        call_string: str | None = None,
        conference: Conference | None = None,
        **attributes: Unpack[Attributes],
    ) -> Answer:
        """Somebody was called, by a person or by a conference, and was not there."""
        happened = CallMissed(
            caller=caller,
            recipient=recipient,
            time=time,
            call_string=call_string,
            conference=conference,
        )
        return self.publish(happened, **attributes)

    def invitation(
        self,
        conference: Conference,
        participants: Iterable[Person],
        **attributes: Unpack[Attributes],
    ) -> Answer:
        """A conference was created, or people were added: only the people added."""
        happened = PeopleInvited(conference=conference, participants=tuple(participants))
        return self.publish(happened, **attributes)

    def registration(
        self, conference: Conference, participant: Person, **attributes: Unpack[Attributes]
    ) -> Answer:
        """Somebody signed up for a public conference; `unique_link` is their own way in."""
        happened = PersonRegistered(conference=conference, participant=participant)
        return self.publish(happened, **attributes)

    def reschedule(self, conference: Conference, **attributes: Unpack[Attributes]) -> Answer:
        """The start or the recurrence changed: the conference as it is now."""
        return self.publish(ConferenceRescheduled(conference=conference), **attributes)

    def cancellation(self, conference: Conference, **attributes: Unpack[Attributes]) -> Answer:
        """It was deleted, or turned into a virtual room (`launch` says so)."""
        return self.publish(ConferenceCancelled(conference=conference), **attributes)

    def removal(
        self,
        conference: Conference,
        participants: Iterable[Person],
        **attributes: Unpack[Attributes],
    ) -> Answer:
        """People were taken off the list: only the people taken off."""
        happened = PeopleRemoved(conference=conference, participants=tuple(participants))
        return self.publish(happened, **attributes)

    def update(self, conference: Conference, **attributes: Unpack[Attributes]) -> Answer:
        """Something else changed: nobody is told, later mails are right."""
        return self.publish(ConferenceUpdated(conference=conference), **attributes)

    def end(self, conference: Conference, **attributes: Unpack[Attributes]) -> Answer:
        """It ended: nobody is reminded any more."""
        return self.publish(ConferenceEnded(conference=conference), **attributes)

    def bounce(
        self,
        address: str,
        status: str,
        *,
        message_id: str | None = None,
        details: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> Answer:
        """A mail came back: the address, and the enhanced code of RFC 3463 such as 5.1.1."""
        happened = RecipientBounced(
            address=address, status=status, message_id=message_id, details=details
        )
        return self.publish(happened, **attributes)

    def restart(
        self,
        reason: Literal["internal_error", "planned"],
        *,
        time: datetime,
        incident: str | None = None,
        details: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> Answer:
        """The conference server restarted."""
        happened = ServerRestarted(reason=reason, time=time, incident=incident, details=details)
        return self.publish(happened, **attributes)


class Seal:
    """Makes events of what happened at one source, and lets no wrong one through."""

    def __init__(self, source: str, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._clock = clock

    def __call__(self, what: What, **attributes: Unpack[Attributes]) -> Sealed:
        """Give the event; raise Rejected with the path of the wrong field."""
        if isinstance(what, Sealed):
            return what
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": self._source,
            "time": self._clock(),
            **_said(what),
            **attributes,
        }
        raw = _encoded(event)
        return Sealed(id=parse(raw).id, raw=raw)

    def all(self, happenings: Iterable[What]) -> list[Sealed]:
        """Give all events; the path of a wrong field begins with its place in the list."""
        sealed = []
        for place, what in enumerate(happenings):
            try:
                sealed.append(self(what))
            except Rejected as fault:
                raise Rejected(fault.reason, fault.path.replace("$", f"$[{place}]", 1)) from None
        return sealed


def _said(what: Happening | Event | Mapping[str, Any]) -> dict[str, Any]:
    """Give the attributes that are known already."""
    match what:
        case Event():
            known = {"time": what.time, "traceparent": what.traceparent}
            given = {name: value for name, value in known.items() if value is not None}
            return {"id": what.id, "source": what.source, **_happened(what.what), **given}
        case Mapping():
            return dict(what)
        case _:
            return _happened(what)


def _happened(what: Happening) -> dict[str, Any]:
    word = WORDS.get(type(what))
    if word is None:
        kinds = ", ".join(kind.__name__ for kind in WORDS)
        raise TypeError(f"{type(what).__name__} is nothing that happened; give one of {kinds}")
    conference = getattr(what, "conference", None)
    subject = {"subject": conference.id} if conference else {}
    return {"type": word, "data": what, **subject}


def _encoded(event: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(event)
    except (TypeError, ValueError) as fault:
        # What JSON has no word for: a file, a set of sets, half of a character.
        raise Rejected(f"not JSON: {fault}", "$") from None
