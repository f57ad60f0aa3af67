"""Claims about when a reminder leaves, what it says then, and to whom, on a real Redis."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import msgspec
import pytest

from notifier.core.delivery import State
from notifier.core.notice import Kind
from notifier.core.outcomes import Outcome
from notifier.core.people import Person
from notifier.ports.mail import Fence, Letter
from tests import cast
from tests.adapters.desk import Desk, Postman, desk
from tests.cast import BORIS, CHEN, DANA, HOME, NOW, START, event, plain

pytestmark = pytest.mark.asyncio

MINUTE = timedelta(minutes=1)
LINK = f"https://{HOME}/c/df0a2adebe?p=5Yq0"
WEBINAR_GUEST = Person(id="#mailto:eve@example.org", name="Eve", unique_link=LINK)


def held(offsets: list[str] | None, *, start: datetime = START, revision: int = 1) -> Any:
    """A conference in UTC, with offsets of its own unless they are None."""
    when = cast.schedule(start=start.replace(tzinfo=None), time_zone="UTC")
    return plain(cast.conference(revision, schedule=when)) | {
        "notifications": {"reminders": offsets}
    }


async def invite(office: Desk, planned: Any, *people: Person) -> None:
    """Invite people, and let their invitations leave."""
    office.now = NOW
    invited = {"conference": planned, "participants": people or (CHEN,)}
    await office.hear(event("conference.invitation", invited))
    await office.deliver()
    office.postman.sent.clear()


async def look(office: Desk, *moments: datetime) -> list[Letter]:
    """Look at the clock at these moments; give the letters that leave."""
    office.postman.sent.clear()
    for each in moments:
        office.now = each
        await office.notifier.tick()
        await office.deliver()
    return list(office.postman.sent)


def text(letter: Letter) -> str:
    body: Any = message_from_bytes(letter.content, policy=policy.default)
    said: str = body.get_body(("plain",)).get_content()
    return " ".join(said.replace("\u00a0", " ").split())


def _every_half_minute(since: datetime, until: datetime) -> Iterator[datetime]:
    while since <= until:
        yield since
        since += MINUTE / 2


# ---- when ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offset", "ahead", "said"),
    [
        ("1m", MINUTE, "in 1 minute"),
        ("7m", 7 * MINUTE, "in 7 minutes"),
        ("90m", 90 * MINUTE, "in 90 minutes"),
        ("25h", timedelta(hours=25), "in 25 hours"),
        ("1d", timedelta(days=1), "in 1 day"),
        ("30d", timedelta(days=30), "in 30 days"),
    ],
)
async def test_r14_any_offset_reminds_at_its_moment(
    office: Desk, offset: str, ahead: timedelta, said: str
) -> None:
    start = START + timedelta(days=40)
    await invite(office, held([offset], start=start))

    early = await look(office, start - ahead - timedelta(seconds=1))
    [letter] = await look(office, start - ahead)

    assert early == []
    assert said in text(letter)


@pytest.mark.parametrize(
    ("preset", "own", "minutes_before"),
    [
        (["1d", "5m"], None, [1440, 5]),
        (["1d", "5m"], ["2h"], [120]),
        (["1d", "5m"], [], []),
        ([], None, []),
        ([], ["3m", "2h", "1m", "90m"], [120, 90, 3, 1]),
        (["30d"], None, []),  # longer than the time that was left: the invitation is the reminder
        (["30d", "10m"], None, [10]),
    ],
)
async def test_r12_r13_own_offsets_go_before_the_preset(
    office: Desk, preset: list[str], own: list[str] | None, minutes_before: list[int]
) -> None:
    await office.settings.apply({"reminders": {"offsets": preset}})
    await invite(office, held(own))

    moments = [START - timedelta(days=1), *_every_half_minute(START - 125 * MINUTE, START + MINUTE)]
    left = [(START - now) / MINUTE for now in moments if await look(office, now)]

    assert left == minutes_before


@pytest.mark.parametrize(
    ("minutes_left", "said"),
    [
        (1, "in 1 minute"),
        (89, "in 89 minutes"),
        (90, "in 90 minutes"),
        (119, "in 119 minutes"),
        (120, "in 2 hours"),
        (200, "in 3 hours 20 minutes"),
        (1439, "in 23 hours 59 minutes"),
    ],
)
async def test_r16_a_late_reminder_names_the_time_that_is_left(
    office: Desk, minutes_left: int, said: str
) -> None:
    await invite(office, held(["2d", "1d"]))

    letters = await look(office, START - minutes_left * MINUTE, START - MINUTE / 2)

    assert [said in text(each) for each in letters] == [True]


async def test_r16_a_reminder_that_waited_names_the_time_that_is_left_when_it_leaves(
    office: Desk,
) -> None:
    await invite(office, held(["1d"]))
    office.now = START - timedelta(days=1)
    await office.notifier.remind(now=office.now)

    [letter] = await look(office, START - 90 * MINUTE)

    assert "in 90 minutes" in text(letter)


# ---- to whom -------------------------------------------------------------------------------


async def test_r15_everybody_is_reminded_in_their_language_zone_and_by_their_link(
    office: Desk,
) -> None:
    in_new_york = msgspec.structs.replace(DANA, id=f"dana@{HOME}")
    await invite(office, held(["1d"]), BORIS, in_new_york)
    signed_up = {"conference": held(["1d"], revision=2), "participant": WEBINAR_GUEST}
    await office.hear(event("conference.registration", signed_up))
    await office.deliver()

    letters = await look(office, START - timedelta(days=1))

    said = {each.recipient: text(each) for each in letters}
    assert set(said) == {"boris@example.org", "dana@example.net", "eve@example.org"}
    assert "15:00 (Europe/Paris" in said["boris@example.org"]
    assert "9:00 AM (America/New_York" in said["dana@example.net"]
    assert "3:00 PM (Europe/Paris" in said["eve@example.org"]  # the server's: hers is not known
    assert "dans 1 jour" in said["boris@example.org"]
    assert "in 1 day" in said["dana@example.net"]
    assert [address for address in said if LINK in said[address]] == ["eve@example.org"]


# ---- moved on the way ----------------------------------------------------------------------


class Meeting(Postman):
    """A postman who hears news while the server thinks about DATA."""

    def __init__(self) -> None:
        super().__init__()
        self.office: Desk | None = None
        self.news: dict[str, Any] | None = None

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        news, self.news = self.news, None
        if news and self.office:
            await self.office.hear(news)
        return await super().send(letter, fence)


@pytest.mark.parametrize(
    ("moved_by", "told_later"),
    [
        (timedelta(hours=1), [Kind.RESCHEDULE, Kind.REMINDER]),
        # So near that the moment of its reminder is past: the letter about the move is it.
        (-timedelta(minutes=2), [Kind.RESCHEDULE]),
    ],
)
async def test_r16_a_conference_moved_while_its_reminder_is_on_the_way(
    redis_url: str, moved_by: timedelta, told_later: list[Kind]
) -> None:
    postman = Meeting()
    async with desk(redis_url, postman=postman) as office:
        await invite(office, held(["5m"]))
        postman.office = office
        moved = held(["5m"], start=START + moved_by, revision=2)
        postman.news = event("conference.reschedule", {"conference": moved})

        on_the_way = await look(office, START - 5 * MINUTE)
        later = await look(
            office, START - 5 * MINUTE, START - 4 * MINUTE, START + moved_by - 5 * MINUTE
        )

        assert postman.stopped == ["newer_revision"]
        assert [_kind(each) for each in (*on_the_way, *later)] == told_later
        reminders = [row for row in await office.deliveries() if row.kind == Kind.REMINDER]
        assert [row.state for row in reminders].count(State.SUPERSEDED) == 1


def _kind(letter: Letter) -> str:
    return str(message_from_bytes(letter.content)["X-Notifier-Kind"])


async def test_a_conference_moved_away_and_back_reminds_of_its_start_once(office: Desk) -> None:
    await invite(office, held(["5m"]))
    first = await look(office, START - 5 * MINUTE)
    for revision, start in ((2, START + timedelta(hours=1)), (3, START)):
        moved = held(["5m"], start=start, revision=revision)
        await office.hear(event("conference.reschedule", {"conference": moved}))

    later = await look(office, START - 4 * MINUTE, START - 3 * MINUTE, START + timedelta(hours=1))

    assert [_kind(each) for each in first] == [Kind.REMINDER]
    assert Kind.REMINDER not in [_kind(each) for each in later]
