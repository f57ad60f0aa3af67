"""Claims about what stands in people's calendars after each step of a conference's life.

Mails leave by SMTP to a real server; what they carry goes into a CalDAV server, and a calendar
program reads it there. Neither was written here.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import pytest_asyncio

from notifier.adapters.smtp import SmtpMailer
from notifier.core.people import Person
from notifier.core.times.schedule import Moved
from tests.adapters.desk import Desk, desk
from tests.cast import BORIS, CHEN, DANA, HOME, NOW, conference, event, schedule
from tests.replay.calendar_server import CalendarServer, Entry, calendar_server
from tests.replay.mail_reader import MailReader
from tests.smtp_servers import HOST, MailServer, mail_server

pytestmark = pytest.mark.asyncio

PEOPLE: Final = {"boris": BORIS, "chen": CHEN, "dana": DANA}
ADDRESSES: Final = {
    "boris@example.org": "boris",
    "chen@example.cn": "chen",
    "dana@example.net": "dana",
}
TUESDAY: Final = schedule(start=datetime(2026, 12, 1, 16))
WEEKLY: Final = schedule(
    start=datetime(2026, 12, 1, 16), recurrence="FREQ=WEEKLY;BYDAY=TU;UNTIL=20261222T150000Z"
)
SKIPPED: Final = msgspec.structs.replace(WEEKLY, exceptions=(datetime(2026, 12, 8, 16),))
ONE_MOVED: Final = msgspec.structs.replace(
    SKIPPED,
    moved=(
        Moved(original=datetime(2026, 12, 15, 16), start=datetime(2026, 12, 16, 9), duration=1800),
    ),
)


class Theatre:
    """One notifier, a mail server, and three people with mail programs and calendars."""

    def __init__(self, office: Desk, posted: MailServer, server: CalendarServer) -> None:
        self._office = office
        self._posted = posted
        self._server = server
        self._read = 0
        self.readers = {
            name: MailReader(address, server.open(name)) for address, name in ADDRESSES.items()
        }

    async def play(self, type_: str, revision: int, *people: Person, **changes: Any) -> list[str]:
        """Let something happen an hour later; give who got a mail, and of which kind."""
        self._office.now = (self._office.now or NOW) + timedelta(hours=1)
        told: dict[str, Any] = {"conference": conference(revision, **changes)}
        if type_ in ("invitation", "removal"):
            told["participants"] = people
        await self._office.hear(event(f"conference.{type_}", told, time=None))
        await self._office.deliver()
        return sorted(self._deliver())

    def _deliver(self) -> Iterator[str]:
        new = self._posted.seen.mails[self._read :]
        self._read += len(new)
        for mail in new:
            name = ADDRESSES[mail.recipients[0]]
            self.readers[name].read(mail)
            yield name

    def read_backwards(self) -> None:
        """Let each person read all their mails again, the newest first, into another calendar."""
        readers = {
            address: MailReader(address, self._server.open(f"{name}-late"))
            for address, name in ADDRESSES.items()
        }
        for mail in reversed(self._posted.seen.mails):
            readers[mail.recipients[0]].read(mail)

    def calendars(self, *names: str) -> dict[str, list[Entry]]:
        return self._server.shown(names or list(PEOPLE), since="2026-11-20")


@pytest_asyncio.fixture
async def theatre(redis_url: str, tmp_path: Path) -> AsyncIterator[Theatre]:
    """A notifier whose mails leave by SMTP, and calendars that are empty yet."""
    with mail_server() as posted, calendar_server(tmp_path) as server:
        async with desk(redis_url, make_mailer=SmtpMailer) as office:
            road = {"host": HOST, "port": posted.port, "security": "none"}
            await office.settings.apply(
                {
                    "smtp": road,
                    "network": {"web_address": HOME},
                    "federation": {"mode": "blacklist"},
                }
            )
            yield Theatre(office, posted, server)


def meetings(*spans: str, title: str = "Quarterly review") -> list[Entry]:
    """Give entries by `2026-12-01 15:00-16:00`, UTC."""
    return [_entry(each, title) for each in spans]


def _entry(span: str, title: str) -> Entry:
    day, _, times = span.partition(" ")
    start, _, end = times.partition("-")
    return Entry(f"{day} {start}", f"{day} {end}", title)


def everybody(*spans: str) -> dict[str, list[Entry]]:
    return dict.fromkeys(PEOPLE, meetings(*spans))


async def test_a_whole_life_leaves_exactly_the_right_entries_in_three_calendars(
    theatre: Theatre,
) -> None:
    all_three = list(PEOPLE)

    assert await theatre.play("invitation", 1, *PEOPLE.values()) == all_three
    assert theatre.calendars() == everybody("2026-11-27 14:00-15:00")

    assert await theatre.play("reschedule", 2, schedule=TUESDAY) == all_three
    assert theatre.calendars() == everybody("2026-12-01 15:00-16:00")

    assert await theatre.play("reschedule", 3, schedule=WEEKLY) == all_three
    assert theatre.calendars() == everybody(
        "2026-12-01 15:00-16:00",
        "2026-12-08 15:00-16:00",
        "2026-12-15 15:00-16:00",
        "2026-12-22 15:00-16:00",
    )

    assert await theatre.play("reschedule", 4, schedule=SKIPPED) == all_three
    assert theatre.calendars() == everybody(
        "2026-12-01 15:00-16:00", "2026-12-15 15:00-16:00", "2026-12-22 15:00-16:00"
    )

    assert await theatre.play("reschedule", 5, schedule=ONE_MOVED) == all_three
    moved = meetings("2026-12-01 15:00-16:00", "2026-12-16 08:00-08:30", "2026-12-22 15:00-16:00")
    assert theatre.calendars() == dict.fromkeys(PEOPLE, moved)

    assert await theatre.play("removal", 6, CHEN, schedule=ONE_MOVED) == ["chen"]
    assert theatre.calendars() == {"boris": moved, "chen": [], "dana": moved}

    assert await theatre.play("cancellation", 7, schedule=ONE_MOVED) == ["boris", "dana"]
    assert theatre.calendars() == everybody()

    assert await theatre.play("reschedule", 8, schedule=TUESDAY) == ["boris", "dana"]
    again = meetings("2026-12-01 15:00-16:00")
    assert theatre.calendars() == {"boris": again, "chen": [], "dana": again}

    assert await theatre.play("invitation", 9, CHEN, schedule=TUESDAY) == ["chen"]
    assert theatre.calendars() == everybody("2026-12-01 15:00-16:00")
    assert [each.ignored for each in theatre.readers.values()] == [[], [], []]


async def test_what_was_moved_comes_back_to_its_place_and_removed_people_come_back_too(
    theatre: Theatre,
) -> None:
    await theatre.play("invitation", 1, *PEOPLE.values(), schedule=ONE_MOVED)
    await theatre.play("removal", 2, CHEN, schedule=ONE_MOVED)
    await theatre.play("invitation", 3, CHEN, schedule=ONE_MOVED)
    await theatre.play("reschedule", 4, schedule=WEEKLY)
    series = everybody(
        "2026-12-01 15:00-16:00",
        "2026-12-08 15:00-16:00",
        "2026-12-15 15:00-16:00",
        "2026-12-22 15:00-16:00",
    )
    assert theatre.calendars() == series

    await theatre.play("reschedule", 5, schedule=TUESDAY)
    assert theatre.calendars() == everybody("2026-12-01 15:00-16:00")

    await theatre.play("cancellation", 6, launch="virtual_room")
    assert theatre.calendars() == everybody()
    assert [each.ignored for each in theatre.readers.values()] == [[], [], []]


async def test_nothing_is_taken_back_from_whoever_never_had_an_entry(theatre: Theatre) -> None:
    await theatre.play("invitation", 1, *PEOPLE.values(), launch="virtual_room")
    await theatre.play("update", 2, schedule=TUESDAY)
    told_of_going = await theatre.play("removal", 3, CHEN, schedule=TUESDAY)
    await theatre.play("reschedule", 4, schedule=WEEKLY)
    await theatre.play("cancellation", 5, schedule=WEEKLY)

    assert told_of_going == ["chen"]
    assert theatre.calendars() == everybody()
    assert [each.ignored for each in theatre.readers.values()] == [[], [], []]


async def test_mails_that_are_read_backwards_leave_the_same_entries(theatre: Theatre) -> None:
    await theatre.play("invitation", 1, *PEOPLE.values())
    await theatre.play("reschedule", 2, schedule=WEEKLY)
    await theatre.play("removal", 3, CHEN, schedule=WEEKLY)
    await theatre.play("reschedule", 4, schedule=ONE_MOVED)

    theatre.read_backwards()

    moved = meetings("2026-12-01 15:00-16:00", "2026-12-16 08:00-08:30", "2026-12-22 15:00-16:00")
    late = {f"{name}-late": moved for name in PEOPLE} | {"chen-late": []}
    assert theatre.calendars(*late) == late
