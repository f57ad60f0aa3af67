"""What is said of the event types for those who read the contract, beyond what the types say.

Limits stand here only where a type has them in its own check; a test holds the two together.
"""

from typing import Any, Final

from notifier.core.events import Choices, Conference, Envelope
from notifier.core.people import MAILTO, Person
from notifier.core.times.limits import (
    FIRST_YEAR,
    LONGEST_DURATION,
    MOST_EXCEPTIONS,
    MOST_MOVED,
)
from notifier.core.times.recurrence import LAST_YEAR, LONGEST_TEXT
from notifier.core.times.schedule import Moved, Schedule

Json = dict[str, Any]

# One form of RFC 3339 §5.6; `format` alone is checked by few validators.
MOMENT: Final = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?"
    "(Z|[+-][0-9]{2}:[0-9]{2})$"
)
_WALL_TIME: Final = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.]0{1,9})?$"
)
_SECONDS: Final = {"minimum": 1, "maximum": int(LONGEST_DURATION.total_seconds())}


def _wall_time(description: str) -> Json:
    said = f"{description}: local wall time in whole seconds, without an offset."
    return {"description": said, "pattern": _WALL_TIME, "examples": ["2026-11-27T15:00:00"]}


def _mail(description: str) -> Json:
    return {"description": description, "examples": ["boris@example.org"]}


def _given(name: str) -> Json:
    """That a field is there and not empty."""
    return {"required": [name], "properties": {name: {"type": "string", "minLength": 1}}}


# What is added to the schema of a whole type.
OF_TYPES: Final[dict[type, Json]] = {
    Person: {
        "description": "A person. One of `id` and `email` is needed; everything else is optional. "
        "A person is the same person by `id`, else by lower-cased address.",
        "anyOf": [_given("id"), _given("email")],
    },
    Conference: {
        "description": "A conference as its server describes it at one revision. A scheduled one "
        "has a `schedule`; a room has none, and one that is sent is ignored.",
        "if": {"properties": {"launch": {"const": "scheduled"}}},
        "then": {"required": ["schedule"], "properties": {"schedule": {"type": "object"}}},
    },
    Schedule: {
        "description": "When a conference takes place. At least one occurrence must be left.",
    },
    Moved: {"description": "One occurrence of a series at another time."},
    Choices: {
        "description": "What one conference decides for itself; null leaves it to the server."
    },
}

# What is added to the schema of one field.
OF_FIELDS: Final[dict[tuple[type, str], Json]] = {
    (Envelope, "specversion"): {"description": "Of CloudEvents."},
    (Envelope, "id"): {
        "description": "Together with `source` it identifies the event: the same pair again is a "
        "duplicate and changes nothing. Send the same ID when you try again."
    },
    (Envelope, "source"): {
        "description": "The server that tells, a URI reference.",
        "examples": ["/core/eu-1"],
    },
    (Envelope, "time"): {
        "description": f"When it happened; years {FIRST_YEAR} to {LAST_YEAR - 1}."
    },
    (Envelope, "subject"): {"description": "What it is about, such as the conference's ID."},
    (Envelope, "traceparent"): {
        "description": "W3C Trace Context, carried on to the log lines of the mails; ignored if "
        "malformed."
    },
    (Person, "id"): {
        "description": f"`user@server`, which is no mail address, or `{MAILTO}address` for "
        "somebody known by address only. Null when `email` is there.",
        "examples": ["boris@conf.example.com", f"{MAILTO}chen@example.net"],
    },
    (Person, "name"): {"description": "As people write it."},
    (Person, "email"): _mail("The address in the person's profile. One address, nothing else."),
    (Person, "directory_email"): _mail(
        "The address from the directory, used where `email` is empty."
    ),
    (Person, "language"): {"description": "BCP 47.", "examples": ["en", "pt-BR"]},
    (Person, "time_zone"): {"description": "IANA name.", "examples": ["Europe/Paris"]},
    (Person, "unique_link"): {"description": "This person's own way into the conference."},
    (Conference, "revision"): {"description": "Grows with every change of the conference."},
    (Conference, "access"): {"description": "Public ones can be signed up for."},
    (Conference, "url"): {
        "description": "Where the conference is joined; made from its ID if missing."
    },
    (Schedule, "start"): _wall_time("The first start"),
    (Schedule, "time_zone"): {"description": "IANA name.", "examples": ["Europe/Paris"]},
    (Schedule, "duration"): {"description": "Seconds.", **_SECONDS},
    (Schedule, "recurrence"): {
        "description": "An RRULE value of RFC 5545 without 'RRULE:'; null for a single conference.",
        "maxLength": LONGEST_TEXT,
        "examples": ["FREQ=WEEKLY;BYDAY=MO;COUNT=10"],
    },
    (Schedule, "exceptions"): {
        "items": {"type": "string", **_wall_time("A start by the rule that is left out")},
        "maxItems": MOST_EXCEPTIONS,
    },
    (Schedule, "moved"): {"maxItems": MOST_MOVED},
    (Moved, "original"): _wall_time("The start by the rule"),
    (Moved, "start"): _wall_time("The start instead"),
    (Moved, "duration"): {"description": "Seconds.", **_SECONDS},
    (Choices, "invitations"): {"description": "Whether people are invited by mail."},
    (Choices, "reminders"): {
        "description": "How long before each start people are reminded: 1m to 30d. Null: as the "
        "server does; an empty list: not at all.",
        "items": {"type": "string", "pattern": "^[0-9]{1,5}[mhd]$"},
        "examples": [["1d", "5m"]],
    },
}
