"""Events: what publishers say happened, read strictly from CloudEvents JSON (contract §1)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from notifier.core.offsets import MAX_OFFSETS, offset_minutes
from notifier.core.people import Person
from notifier.core.schedule import Schedule

# Events over 4 MiB are refused (bytes); whoever has more people to tell splits the list.
MAX_EVENT_BYTES: Final = 4 * 1024 * 1024

Name = Annotated[str, Meta(min_length=1, max_length=240)]
ConferenceId = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Note = Annotated[str, Meta(max_length=65536)]
Word = Annotated[str, Meta(max_length=256)]
Moment = Annotated[datetime, Meta(tz=True)]
People = tuple[Person, ...]


class Choices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one conference decides for itself; null leaves it to the server (R7, R12)."""

    invitations: bool | None = None
    reminders: Annotated[tuple[str, ...], Meta(max_length=MAX_OFFSETS)] | None = None

    def __post_init__(self) -> None:
        for offset in self.reminders or ():
            offset_minutes(offset)


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
    url: Word | None = None

    def __post_init__(self) -> None:
        if self.launch == "scheduled" and self.schedule is None:
            raise ValueError("`launch` is 'scheduled' and `schedule` is missing; give a schedule")
        if self.launch == "virtual_room" and self.schedule is not None:
            # A room has no time, whatever is sent along of the plan that it used to be (R22).
            msgspec.structs.force_setattr(self, "schedule", None)


class CallMissed(msgspec.Struct, frozen=True, kw_only=True, tag="call.missed"):
    """Somebody was called and was not there (R1–R6)."""

    caller: Person
    recipient: Person
    time: Moment
    call_string: Note | None = None
    conference: Conference | None = None


class PeopleInvited(msgspec.Struct, frozen=True, kw_only=True, tag="conference.invitation"):
    """A conference was created, or people were added to it (R7–R9)."""

    conference: Conference
    participants: People


class PersonRegistered(msgspec.Struct, frozen=True, kw_only=True, tag="conference.registration"):
    """Somebody signed up for a public conference (R10)."""

    conference: Conference
    participant: Person


class ConferenceRescheduled(msgspec.Struct, frozen=True, kw_only=True, tag="conference.reschedule"):
    """The start or the recurrence type changed (R17–R20)."""

    conference: Conference


class ConferenceCancelled(msgspec.Struct, frozen=True, kw_only=True, tag="conference.cancellation"):
    """It was deleted, or turned into a virtual room (R21, R22)."""

    conference: Conference


class PeopleRemoved(msgspec.Struct, frozen=True, kw_only=True, tag="conference.removal"):
    """People were taken off the list (R23)."""

    conference: Conference
    participants: People


class ConferenceUpdated(msgspec.Struct, frozen=True, kw_only=True, tag="conference.update"):
    """A silent change: nobody is told, later mails are right."""

    conference: Conference


class ConferenceEnded(msgspec.Struct, frozen=True, kw_only=True, tag="conference.end"):
    """It ended; open reminders die."""

    conference: Conference


class RecipientBounced(msgspec.Struct, frozen=True, kw_only=True, tag="recipient.bounced"):
    """A mail came back long after it had been accepted (RFC 3464)."""

    address: Annotated[str, Meta(min_length=3, max_length=320)]
    status: Annotated[str, Meta(pattern=r"^[245]\.\d{1,3}\.\d{1,3}\Z")]
    message_id: Word | None = None
    details: Note | None = None


class ServerRestarted(msgspec.Struct, frozen=True, kw_only=True, tag="server.restart"):
    """The conference server restarted (R26)."""

    reason: Literal["internal_error", "planned"]
    time: Moment
    incident: Word | None = None
    details: Note | None = None


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
    id: Annotated[str, Meta(min_length=1, max_length=1024)]
    source: Annotated[str, Meta(min_length=1, max_length=2048)]
    type: str
    data: msgspec.Raw
    time: Moment | None = None
    subject: str | None = None
    traceparent: str | None = None


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
        """22 characters that stand for `(source, id)`."""
        digest = hashlib.blake2b(f"{self.source}\0{self.id}".encode(), digest_size=16)
        return digest.hexdigest()

    @property
    def conference(self) -> Conference | None:
        """The conference that it is about, if it can change one; a missed call cannot."""
        match self.what:
            case CallMissed() | RecipientBounced() | ServerRestarted():
                return None
            case _:
                return self.what.conference


class Rejected(ValueError):
    """A stream entry that is not an event; carries the reason and the path of the wrong field."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.reason = reason
        self.path = path


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)
_DATA: Final = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


def parse_entry(fields: Mapping[bytes, bytes]) -> Event:
    """Read the event of a stream entry, which carries it in its field `event`; raise Rejected."""
    raw = fields.get(b"event")
    if raw is None:
        names = ", ".join(sorted(repr(name.decode("utf-8", "replace")) for name in fields))
        raise Rejected(f"the entry has no field 'event'; it has {names or 'no field'}", "event")
    return parse(raw)


def parse(raw: bytes) -> Event:
    """Read one CloudEvents JSON object (structured mode); raise Rejected with path and reason."""
    if len(raw) > MAX_EVENT_BYTES:
        raise Rejected(f"the event has {len(raw)} bytes; allowed are {MAX_EVENT_BYTES}")
    envelope = _decoded(_ENVELOPE, raw, "$")
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
        traceparent=envelope.traceparent,
        what=_decoded(decoder, bytes(envelope.data), "$.data"),
    )


def _decoded(decoder: "msgspec.json.Decoder[Any]", raw: bytes, root: str) -> Any:
    """Decode, turning every way that JSON can be wrong into Rejected."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as fault:
        message, _, path = str(fault).partition(" - at `$")
        raise Rejected(message, root + path.rstrip("`")) from None
    except msgspec.DecodeError as fault:
        raise Rejected(f"not JSON: {fault}", root) from None
    except UnicodeDecodeError as fault:
        raise Rejected(f"not UTF-8: {fault.reason} at byte {fault.start}", root) from None
    except RecursionError:
        raise Rejected("nested too deep", root) from None
