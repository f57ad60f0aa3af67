"""Good calendar entries, broken on purpose in one place each, and who notices.

`python -m tests.judges.mutants` writes the table into the README of this folder.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from notifier.core.calendars.defects import defects
from notifier.core.times.schedule import Moved, Schedule
from tests.judges.calendar_judges import verdicts
from tests.judges.entries import written

README: Final = Path(__file__).with_name("README.md")
OURS: Final = "our lint"
# The columns of its table; sabre has one even where there is none to be had.
COLUMNS: Final = (OURS, "libical", "sabre", "icalendar", "vobject", "ical.js", "node-ical")
# Where the table begins.
FIRST: Final = "| broken |"

ONCE: Final = Schedule(start=datetime(2026, 11, 27, 15), time_zone="Europe/Paris", duration=3600)
WEEKLY: Final = Schedule(
    start=datetime(2026, 11, 25, 15),
    time_zone="Europe/Paris",
    duration=3600,
    recurrence="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=30",
    exceptions=(datetime(2026, 12, 7, 15),),
    moved=(
        Moved(original=datetime(2026, 12, 9, 15), start=datetime(2026, 12, 10, 10), duration=1800),
    ),
)
IRREGULAR: Final = Schedule(
    start=datetime(2027, 4, 23, 9),
    time_zone="Africa/Cairo",
    duration=3600,
    recurrence="FREQ=WEEKLY",
)
GOOD: Final[dict[str, bytes]] = {
    "one-off": written(ONCE),
    "series": written(WEEKLY),
    "irregular zone": written(IRREGULAR),
    "cancelled": written(WEEKLY, method="CANCEL"),
    "removed": written(WEEKLY, method="CANCEL", status_cancelled=False),
}

METHODS: Final = {"cancelled": "CANCEL", "removed": "CANCEL"}


class Mutant(msgspec.Struct, frozen=True):
    """A good file of which something is replaced by something else, wherever it stands."""

    of: str
    old: bytes
    new: bytes

    @property
    def content(self) -> bytes:
        good = GOOD[self.of]
        assert self.old in good, self
        return good.replace(self.old, self.new)

    @property
    def method(self) -> str:
        """What the part of the mail says, which knows nothing of the break."""
        return METHODS.get(self.of, "REQUEST")


ALARM: Final = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
EXDATE: Final = b"EXDATE;TZID=Europe/Paris:20261207T150000"

MUTANTS: Final[dict[str, Mutant]] = {
    # What RFC 5545 wants in every file.
    "UID missing": Mutant("one-off", b"UID:0b6f-1@example.com\r\n", b""),
    "DTSTAMP missing": Mutant("one-off", b"DTSTAMP:20261124T100000Z\r\n", b""),
    "PRODID missing": Mutant("one-off", b"PRODID:-//Example//Notifier 1.0//EN\r\n", b""),
    "VERSION missing": Mutant("one-off", b"VERSION:2.0\r\n", b""),
    "DTSTART missing": Mutant("one-off", b"DTSTART:20261127T140000Z\r\n", b""),
    "two SUMMARYs": Mutant("one-off", b"SUMMARY:", b"SUMMARY:x\r\nSUMMARY:"),
    "two DTSTARTs": Mutant("one-off", b"DTSTART:", b"DTSTART:20261127T130000Z\r\nDTSTART:"),
    "DTEND and DURATION": Mutant("one-off", b"DTEND:", b"DURATION:PT1H\r\nDTEND:"),
    "DTEND before DTSTART": Mutant("one-off", b"DTEND:20261127T15", b"DTEND:20261127T13"),
    "VALARM without TRIGGER": Mutant("one-off", b"TRIGGER:-PT15M\r\n", b""),
    "VALARM not closed": Mutant("one-off", b"END:VALARM\r\n", b""),
    "a line without a colon": Mutant("one-off", b"CLASS:PUBLIC", b"CLASS PUBLIC"),
    # What RFC 5546 wants of a METHOD.
    "METHOD missing": Mutant("one-off", b"METHOD:REQUEST\r\n", b""),
    "METHOD unknown": Mutant("one-off", b"METHOD:REQUEST", b"METHOD:INVITE"),
    "METHOD not that of the mail": Mutant("one-off", b"METHOD:REQUEST", b"METHOD:CANCEL"),
    "REQUEST without ORGANIZER": Mutant("one-off", b"ORGANIZER;", b"X-ORGANIZER;"),
    "REQUEST without ATTENDEE": Mutant("one-off", b"ATTENDEE;", b"X-ATTENDEE;"),
    "REQUEST without SUMMARY": Mutant("one-off", b"SUMMARY:Quarterly review\r\n", b""),
    "REQUEST with STATUS:CANCELLED": Mutant("one-off", b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
    "PUBLISH with ATTENDEE": Mutant("one-off", b"METHOD:REQUEST", b"METHOD:PUBLISH"),
    "several UIDs in a REQUEST": Mutant(
        "series", b"example.com\r\nRECURRENCE-ID", b"example.net\r\nRECURRENCE-ID"
    ),
    "CANCEL without SEQUENCE": Mutant("cancelled", b"SEQUENCE:2\r\n", b""),
    "CANCEL without ATTENDEE": Mutant("cancelled", b"ATTENDEE;", b"X-ATTENDEE;"),
    "CANCEL with STATUS:CONFIRMED": Mutant("cancelled", b"STATUS:CANCELLED", b"STATUS:CONFIRMED"),
    "VALARM in a CANCEL": Mutant("cancelled", b"END:VEVENT", ALARM + b"END:VEVENT"),
    "removal without ORGANIZER": Mutant("removed", b"ORGANIZER;", b"X-ORGANIZER;"),
    "two VALARMs": Mutant("one-off", b"END:VEVENT", ALARM + b"END:VEVENT"),
    "ATTENDEE without mailto:": Mutant("one-off", b":mailto:boris@", b":boris@"),
    "ORGANIZER without mailto:": Mutant("one-off", b":mailto:conf@", b":conf@"),
    "two ATTENDEEs": Mutant("one-off", b"CLASS:", b"ATTENDEE:mailto:eve@example.org\r\nCLASS:"),
    # Times.
    "DTSTAMP not in UTC": Mutant("one-off", b"STAMP:20261124T100000Z", b"STAMP:20261124T100000"),
    "floating DTSTART": Mutant("one-off", b"DTSTART:20261127T140000Z", b"DTSTART:20261127T140000"),
    "UNTIL and COUNT": Mutant("series", b";UNTIL=", b";COUNT=3;UNTIL="),
    "COUNT, as if DTSTART never moved": Mutant("series", b"UNTIL=20270308T140000Z", b"COUNT=30"),
    "local UNTIL": Mutant("series", b"UNTIL=20270308T140000Z", b"UNTIL=20270308T150000"),
    "UNTIL before the last start": Mutant("series", b"UNTIL=20270308T14", b"UNTIL=20270308T13"),
    "EXDATE in UTC": Mutant("series", EXDATE, b"EXDATE:20261207T140000Z"),
    "EXDATE of a day": Mutant("series", EXDATE, b"EXDATE;VALUE=DATE:20261207"),
    "EXDATE of no start": Mutant("series", EXDATE, EXDATE.replace(b"1207", b"1208")),
    "DTSTART that does not fit its RRULE": Mutant("series", b"BYDAY=MO,WE", b"BYDAY=MO"),
    "RANGE=THISANDFUTURE": Mutant(
        "series", b"RECURRENCE-ID;", b"RECURRENCE-ID;RANGE=THISANDFUTURE;"
    ),
    # Zones.
    "TZID without VTIMEZONE": Mutant("series", b"VTIMEZONE", b"X-TIMEZONE"),
    "VTIMEZONE after the event": Mutant("series", b"DTSTART:2025", b"DTSTART:2027"),
    "VTIMEZONE without TZOFFSETTO": Mutant("series", b"TZOFFSETTO:+0200\r\n", b""),
    "VTIMEZONE with an RDATE list": Mutant(
        "series",
        b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n",
        b"RDATE:20270328T020000,20280326T020000\r\n",
    ),
    "VTIMEZONE with an onset that ical.js forgets": Mutant(
        "irregular zone", b"RDATE:20260424T000000\r\n", b""
    ),
    # Octets.
    "bare LF": Mutant("one-off", b"VERSION:2.0\r\n", b"VERSION:2.0\n"),
    "a line of 107 octets": Mutant("one-off", b"SUMMARY:", b"SUMMARY:" + b"x" * 83),
    "a fold inside UTF-8": Mutant("one-off", b"SUMMARY:", b"SUMMARY:\xc3\r\n \xbc"),
    "a control character": Mutant("one-off", b"SUMMARY:", b"SUMMARY:\x07"),
    "a character that turns the line": Mutant("one-off", b"SUMMARY:", "SUMMARY:\u202e".encode()),
    "X-WR-CALNAME": Mutant("one-off", b"METHOD:", b"X-WR-CALNAME:x\r\nMETHOD:"),
}  # fmt: skip


def noticed_by(mutant: Mutant) -> list[str]:
    """Give the names of all who have something to say of a broken file, our lint first."""
    ours = [OURS] if defects(mutant.content, mutant.method) else []
    return [*ours, *verdicts(mutant.content)]


def table() -> list[str]:
    """Give the rows of who noticed what, in Markdown."""
    names = COLUMNS
    rows = [f"{FIRST} {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for broken, mutant in MUTANTS.items():
        noticed = noticed_by(mutant)
        cells = ("seen" if name in noticed else "" for name in names)
        rows.append(f"| {broken} | {' | '.join(cells)} |")
    return rows


if __name__ == "__main__":
    before, _, _ = README.read_text(encoding="utf-8").partition(FIRST)
    README.write_text(before + "\n".join(table()) + "\n", encoding="utf-8")
