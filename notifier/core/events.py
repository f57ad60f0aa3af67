"""Events: what publishers say happened, read strictly from CloudEvents JSON (contract §1)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from notifier.core.decoding import Rejected as Rejected  # noqa: PLC0414 - half of parse's answer
from notifier.core.decoding import check_utf8, decoded
from notifier.core.people import Person
from notifier.core.times.limits import FIRST_YEAR
from notifier.core.times.offsets import MAX_OFFSETS, offset_minutes
from notifier.core.times.recurrence import LAST_YEAR
from notifier.core.times.schedule import Schedule

# Where events are put, and under which field of the entry.
STREAM: Final = "notifier:events"
FIELD: Final = "event"

# Events over 4 MiB are refused (bytes); whoever has more people to tell splits the list.
MAX_EVENT_BYTES: Final = 4 * 1024 * 1024

# Whole IDs without C0, C1 and the separators of lines: they stand in headers and in keys.
ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f" "\u2028\u2029" r"]+\Z"

Name = Annotated[str, Meta(min_length=1, max_length=240)]
ConferenceId = Annotated[str, Meta(min_length=1, max_length=128, pattern=ONE_LINE)]
Note = Annotated[str, Meta(max_length=65536)]
Word = Annotated[str, Meta(max_length=256)]
# As long as browsers and servers are sure to take (RFC 9110 §4.1 asks for 8000).
Link = Annotated[str, Meta(max_length=8000)]
Moment = Annotated[datetime, Meta(tz=True)]
# A line of a mail has no more than that (RFC 5322 §2.1.1).
MessageId = Annotated[str, Meta(max_length=998)]
People = tuple[Person, ...]


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one conference decides for itself; null leaves it to the server (R7, R12)."""

    invitations: bool | None = None
    reminders: Annotated[tuple[str, ...], Meta(max_length=MAX_OFFSETS)] | None = None

    def __post_init__(self) -> None:
        for place, offset in enumerate(self.reminders or ()):
            try:
                offset_minutes(offset)
            except ValueError as fault:
                raise ValueError(f"`reminders[{place}]`: {fault}") from None


class Conference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conference as its server describes it at one revision."""

    id: ConferenceId
    revision: Annotated[int, Meta(ge=0, le=2**53)]
    name: Name
    launch: Literal["scheduled", "virtual_room"]
    owner: Person
    description: Note = ""
    access: Literal["private", "public"] = "private"
    schedule: Schedule | None = None
    notifications: Choices | None = None
    url: Link | None = None

    def __post_init__(self) -> None:
        if self.launch == "scheduled" and self.schedule is None:
            raise ValueError("`schedule` is missing, but `launch` is 'scheduled'; give a schedule")
        if self.launch == "virtual_room" and self.schedule is not None:
            # A room has no time, whatever is sent along of the plan that it used to be (R22).
            msgspec.structs.force_setattr(self, "schedule", None)


class CallMissed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody was called and was not there (R1–R6)."""

    caller: Person
    recipient: Person
    time: Moment
    call_string: Note | None = None
    conference: Conference | None = None

    def __post_init__(self) -> None:
        _check_moment(self.time)


class PeopleInvited(msgspec.Struct, frozen=True, kw_only=True):
    """A conference was created, or people were added to it (R7–R9)."""

    conference: Conference
    participants: People


class PersonRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody signed up for a public conference (R10)."""

    conference: Conference
    participant: Person


class ConferenceRescheduled(msgspec.Struct, frozen=True, kw_only=True):
    """The start or the recurrence type changed (R17–R20)."""

    conference: Conference


class ConferenceCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """It was deleted, or turned into a virtual room (R21, R22)."""

    conference: Conference


class PeopleRemoved(msgspec.Struct, frozen=True, kw_only=True):
    """People were taken off the list (R23)."""

    conference: Conference
    participants: People


class ConferenceUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """A silent change: nobody is told, later mails are right."""

    conference: Conference


class ConferenceEnded(msgspec.Struct, frozen=True, kw_only=True):
    """It ended; open reminders die."""

    conference: Conference


class RecipientBounced(msgspec.Struct, frozen=True, kw_only=True):
    """A mail came back long after it had been accepted (RFC 3464)."""

    address: Annotated[str, Meta(min_length=3, max_length=320)]
    status: Annotated[str, Meta(pattern=r"^[245]\.[0-9]{1,3}\.[0-9]{1,3}\Z")]
    message_id: MessageId | None = None
    details: Note | None = None


class ServerRestarted(msgspec.Struct, frozen=True, kw_only=True):
    """The conference server restarted (R26)."""

    reason: Literal["internal_error", "planned"]
    time: Moment
    incident: Word | None = None
    details: Note | None = None

    def __post_init__(self) -> None:
        _check_moment(self.time)


Happening = (
    CallMissed
    | PeopleInvited
    | PersonRegistered
    | ConferenceRescheduled
    | ConferenceCancelled
    | PeopleRemoved
    | ConferenceUpdated
    | ConferenceEnded
    | RecipientBounced
    | ServerRestarted
)

# The word on the wire for each happening.
TYPES: Final[dict[str, type[Any]]] = {
    "call.missed": CallMissed,
    "conference.invitation": PeopleInvited,
    "conference.registration": PersonRegistered,
    "conference.reschedule": ConferenceRescheduled,
    "conference.cancellation": ConferenceCancelled,
    "conference.removal": PeopleRemoved,
    "conference.update": ConferenceUpdated,
    "conference.end": ConferenceEnded,
    "recipient.bounced": RecipientBounced,
    "server.restart": ServerRestarted,
}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The CloudEvents 1.0 attributes around the data (CloudEvents §3)."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=1024, pattern=ONE_LINE)]
    source: Annotated[str, Meta(min_length=1, max_length=2048, pattern=ONE_LINE)]
    type: str
    data: msgspec.Raw
    time: Moment | None = None
    subject: str | None = None
    traceparent: str | None = None

    def __post_init__(self) -> None:
        _check_moment(self.time)


# Asked for five times while an event is heard, and a batch is heard at one time.
@lru_cache(maxsize=1024)
def _key(source: str, event_id: str) -> str:
    return hashlib.blake2b(f"{source}\0{event_id}".encode(), digest_size=16).hexdigest()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as told by a publisher; `(source, id)` identifies it."""

    id: str
    source: str
    type: str
    what: Happening
    time: datetime | None = None
    traceparent: str | None = None

    @property
    def key(self) -> str:
        """32 hex digits that stand for `(source, id)`."""
        return _key(self.source, self.id)

    @property
    def conference(self) -> Conference | None:
        """The conference that it is about, if it can change one; a missed call cannot."""
        match self.what:
            case CallMissed() | RecipientBounced() | ServerRestarted():
                return None
            case _:
                return self.what.conference


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)
_DATA: Final = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}

# W3C Trace Context §3.2.
_TRACEPARENT: Final = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def parse_entry(fields: Mapping[bytes, bytes]) -> Event:
    """Read the event of a stream entry, which carries it in its field `event`; raise Rejected."""
    raw = fields.get(FIELD.encode())
    if raw is None:
        names = ", ".join(sorted(repr(name.decode("utf-8", "replace")) for name in fields))
        raise Rejected(f"the entry has no field {FIELD!r}; it has {names or 'no field'}", FIELD)
    return parse(raw)


def parse(raw: bytes) -> Event:
    """Read one CloudEvents JSON object (structured mode); raise Rejected with path and reason."""
    if len(raw) > MAX_EVENT_BYTES:
        raise Rejected(f"the event has {len(raw)} bytes; allowed are {MAX_EVENT_BYTES}", "$")
    check_utf8(raw)
    envelope = decoded(_ENVELOPE, raw, "$")
    decoder = _DATA.get(envelope.type)
    if decoder is None:
        raise Rejected(
            f"unknown type {envelope.type[:100]!r}; known are {', '.join(TYPES)}", "$.type"
        )
    return Event(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        time=envelope.time,
        traceparent=_usable(envelope.traceparent),
        what=decoded(decoder, bytes(envelope.data), "$.data"),
    )


def _usable(traceparent: str | None) -> str | None:
    """A malformed traceparent starts no trace and breaks nothing (W3C Trace Context §4.3)."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def _check_moment(time: datetime | None) -> None:
    """Refuse years whose moments some zone cannot hold."""
    if time is not None and not FIRST_YEAR <= time.year < LAST_YEAR:
        raise ValueError(
            f"`time` is {time.isoformat()}, but only years from {FIRST_YEAR} to {LAST_YEAR - 1} "
            "are allowed."
        )
