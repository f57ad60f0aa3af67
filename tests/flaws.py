"""Good events with one thing wrong each, and where: for whoever must notice it."""

import copy
import re
from typing import Any, Final, NamedTuple

from tests import cast

MISSING: Final = object()

HELD: Final = "$.data.conference"
PLANNED: Final = f"{HELD}.schedule"
INVITED: Final = "$.data.participants"
LATER: Final = {"original": "2026-11-27T15:00:00", "start": "2026-11-27T16:00:00", "duration": 60}


class Flaw(NamedTuple):
    """`value` stands at `path` where something else should."""

    path: str
    value: Any
    type: str = "conference.invitation"
    # What a JSON Schema cannot say: a list of zones, the meaning of a rule, a day of the calendar.
    beyond_schema: bool = False

    def __str__(self) -> str:
        value = "missing" if self.value is MISSING else ascii(self.value)
        return f"{self.type} {self.path} {value[:40]}"


def _full() -> dict[str, dict[str, Any]]:
    """The good events, with every optional field in place that a flaw may sit in."""
    events = cast.samples()
    held = events["conference.invitation"]["data"]["conference"]
    held["notifications"] = {"invitations": True, "reminders": ["1d", "5m"]}
    held["schedule"] |= {
        "recurrence": "FREQ=WEEKLY",
        "exceptions": ["2026-12-04T15:00:00"],
        "moved": [dict(LATER)],
    }
    return events


FULL: Final = _full()


def flawed(flaw: Flaw) -> dict[str, Any]:
    event = copy.deepcopy(FULL[flaw.type])
    steps = [int(at) if at.isdigit() else at for at in re.findall(r"\w+", flaw.path)]
    place: Any = event
    for step in steps[:-1]:
        place = place[step]
    if flaw.value is MISSING:
        del place[steps[-1]]
    else:
        place[steps[-1]] = flaw.value
    return event


FLAWS: Final = (
    # The envelope (CloudEvents §3.1).
    Flaw("$.specversion", "0.3"),
    Flaw("$.specversion", 1.0),
    Flaw("$.specversion", MISSING),
    Flaw("$.id", MISSING),
    Flaw("$.id", ""),
    Flaw("$.id", None),
    Flaw("$.id", "x" * 1025),
    Flaw("$.id", "a\0b"),
    Flaw("$.source", MISSING),
    Flaw("$.source", ""),
    Flaw("$.source", "/core\n"),
    Flaw("$.source", "x" * 2049),
    Flaw("$.type", MISSING),
    Flaw("$.type", None),
    Flaw("$.type", "conference.party"),
    Flaw("$.type", "Conference.Invitation"),
    Flaw("$.time", "yesterday"),
    Flaw("$.time", "2026-11-23T09:30:00"),
    Flaw("$.time", "9999-12-31T23:59:59-23:59", beyond_schema=True),
    Flaw("$.subject", 5),
    Flaw("$.data", MISSING),
    Flaw("$.data", None),
    Flaw("$.data", []),
    Flaw("$.data", "{}"),
    # The conference.
    Flaw(HELD, MISSING),
    Flaw(HELD, []),
    Flaw(f"{HELD}.id", MISSING),
    Flaw(f"{HELD}.id", ""),
    Flaw(f"{HELD}.id", 7),
    Flaw(f"{HELD}.id", "x" * 129),
    Flaw(f"{HELD}.id", "df0a\r\nBcc: z@z.org"),
    Flaw(f"{HELD}.id", "df0a\x85"),
    Flaw(f"{HELD}.id", "df0a\u2028"),
    Flaw(f"{HELD}.id", "df0a\n"),
    Flaw(f"{HELD}.revision", MISSING),
    Flaw(f"{HELD}.revision", None),
    Flaw(f"{HELD}.revision", -1),
    Flaw(f"{HELD}.revision", 1.5),
    Flaw(f"{HELD}.revision", "1"),
    Flaw(f"{HELD}.revision", True),
    Flaw(f"{HELD}.revision", 2**53 + 1),
    Flaw(f"{HELD}.revision", 10**100),
    Flaw(f"{HELD}.name", MISSING),
    Flaw(f"{HELD}.name", ""),
    Flaw(f"{HELD}.name", "x" * 241),
    Flaw(f"{HELD}.description", None),
    Flaw(f"{HELD}.description", "x" * 65537),
    Flaw(f"{HELD}.launch", MISSING),
    Flaw(f"{HELD}.launch", "party"),
    Flaw(f"{HELD}.launch", "x - at `$.elsewhere`"),
    Flaw(f"{HELD}.access", "secret"),
    Flaw(f"{HELD}.url", "x" * 8001),
    Flaw(f"{HELD}.owner", MISSING),
    Flaw(f"{HELD}.owner", {"name": "Nobody"}),
    # What it decides for itself (R7, R14).
    Flaw(f"{HELD}.notifications", "none"),
    Flaw(f"{HELD}.notifications.invitations", "yes"),
    Flaw(f"{HELD}.notifications.reminders", "5m"),
    Flaw(f"{HELD}.notifications.reminders", ["5m"] * 5),
    Flaw(f"{HELD}.notifications.reminders[0]", "5 minutes"),
    Flaw(f"{HELD}.notifications.reminders[0]", "31d", beyond_schema=True),
    # The schedule.
    Flaw(PLANNED, None),
    Flaw(PLANNED, MISSING),
    Flaw(f"{PLANNED}.time_zone", MISSING),
    Flaw(f"{PLANNED}.time_zone", None),
    Flaw(f"{PLANNED}.time_zone", "Mars/Base", beyond_schema=True),
    Flaw(f"{PLANNED}.time_zone", "europe/paris", beyond_schema=True),
    Flaw(f"{PLANNED}.start", MISSING),
    Flaw(f"{PLANNED}.start", 1795784400),
    Flaw(f"{PLANNED}.start", "2026-11-27"),
    Flaw(f"{PLANNED}.start", "2026-11-27T15:00"),
    Flaw(f"{PLANNED}.start", "2026-11-27T15:00:00Z"),
    Flaw(f"{PLANNED}.start", "2026-11-27T15:00:00+01:00"),
    Flaw(f"{PLANNED}.start", "2026-11-27T15:00:00.5"),
    Flaw(f"{PLANNED}.start", "2026-02-30T15:00:00", beyond_schema=True),
    Flaw(f"{PLANNED}.start", "9999-01-01T00:00:00", beyond_schema=True),
    Flaw(f"{PLANNED}.duration", 0),
    Flaw(f"{PLANNED}.duration", -60),
    Flaw(f"{PLANNED}.duration", 30 * 86400 + 1),
    Flaw(f"{PLANNED}.duration", "3600"),
    Flaw(f"{PLANNED}.recurrence", 5),
    Flaw(f"{PLANNED}.recurrence", "RRULE:FREQ=DAILY", beyond_schema=True),
    Flaw(f"{PLANNED}.recurrence", "FREQ=NEVER", beyond_schema=True),
    Flaw(f"{PLANNED}.exceptions", None),
    Flaw(f"{PLANNED}.exceptions[0]", "tomorrow"),
    Flaw(f"{PLANNED}.exceptions", ["2026-12-04T15:00:00"] * 1001),
    Flaw(f"{PLANNED}.moved", {}),
    Flaw(f"{PLANNED}.moved", [LATER] * 101),
    Flaw(f"{PLANNED}.moved[0].original", MISSING),
    Flaw(f"{PLANNED}.moved[0].duration", 0),
    Flaw(f"{PLANNED}.moved[0].start", "2026-11-27T16:00:00Z"),
    # People.
    Flaw(INVITED, MISSING),
    Flaw(INVITED, None),
    Flaw(INVITED, "boris@example.org"),
    Flaw(f"{INVITED}[0]", None),
    Flaw(f"{INVITED}[1]", {}),
    Flaw(f"{INVITED}[2]", {"name": "Nobody"}),
    Flaw(f"{INVITED}[2]", {"id": None, "email": None}),
    Flaw(f"{INVITED}[2]", {"id": "", "email": ""}),
    Flaw(f"{INVITED}[2].name", 5),
    Flaw(f"{INVITED}[2].name", "x" * 4097),
    Flaw("$.data.participant", [], "conference.registration"),
    Flaw("$.data.participant", MISSING, "conference.registration"),
    # The rest.
    Flaw("$.data.caller", MISSING, "call.missed"),
    Flaw("$.data.recipient", {}, "call.missed"),
    Flaw("$.data.time", MISSING, "call.missed"),
    Flaw("$.data.time", 1795426200, "call.missed"),
    Flaw("$.data.time", "2026-11-23T09:30:00", "call.missed"),
    Flaw("$.data.time", "2026-11-31T09:30:00Z", "call.missed", beyond_schema=True),
    Flaw("$.data.time", "0001-01-01T00:00:00+23:59", "call.missed", beyond_schema=True),
    Flaw("$.data.call_string", "x" * 65537, "call.missed"),
    Flaw("$.data.address", MISSING, "recipient.bounced"),
    Flaw("$.data.address", "@", "recipient.bounced"),
    Flaw("$.data.address", "x" * 321, "recipient.bounced"),
    Flaw("$.data.status", "550", "recipient.bounced"),
    Flaw("$.data.status", "5.1.1\n", "recipient.bounced"),
    Flaw("$.data.status", "5.\u0661.\u0661", "recipient.bounced"),
    Flaw("$.data.message_id", "x" * 999, "recipient.bounced"),
    Flaw("$.data.reason", "boredom", "server.restart"),
    Flaw("$.data.reason", MISSING, "server.restart"),
    Flaw("$.data.time", "2026-11-23T24:00:00Z", "server.restart"),
    Flaw("$.data.details", ["x"], "server.restart"),
)
