"""Later mails are right: what waits in the ledger is written as its conference stands by then."""

import time
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from notifier.adapters import keys
from notifier.adapters.archive import Asked, RedisArchive
from notifier.adapters.retention import Retention
from notifier.core.delivery import State
from notifier.core.outcomes import Accepted, Deferred, Outcome, Refused, Unanswered
from notifier.core.people import Person
from notifier.ports.mail import Fence, Letter
from tests.adapters.desk import Desk, Postman, desk
from tests.cast import BORIS, CHEN, DANA, END, NOW, START, conference, event, plain, schedule

pytestmark = pytest.mark.asyncio

LATER = schedule(start=schedule().start + timedelta(days=3))


def invitation(*people: Person, **changes: Any) -> dict[str, Any]:
    return event(
        "conference.invitation", {"conference": conference(**changes), "participants": people}
    )


def update(revision: int, **changes: Any) -> dict[str, Any]:
    return event("conference.update", {"conference": conference(revision, **changes)})


class Meeting(Postman):
    """A postman who hears news on the way to the fence."""

    def __init__(self, *news: dict[str, Any]) -> None:
        super().__init__()
        self.news = list(news)
        self.office: Desk | None = None

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        assert self.office is not None
        if self.news:
            await self.office.hear(self.news.pop(0))
        return await super().send(letter, fence)


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


def read(letter: Letter) -> EmailMessage:
    return message_from_bytes(letter.content, policy=policy.default)


def subjects(office: Desk) -> list[str]:
    return [str(read(each)["Subject"]) for each in office.postman.sent]


async def wait_over(office: Desk) -> None:
    """Let the time come for everything that waits, leases included."""
    for queue in (keys.LEASES, keys.LATER, keys.HINTED):
        for waiting in await office.client.zrange(queue, 0, -1):
            await office.client.zadd(queue, {waiting: 0})
    await office.notifier.sweep()
    await office.ledger.wake_later(limit=100, now=time.time())


async def again(office: Desk) -> None:
    await wait_over(office)
    await wait_over(office)  # what was freed by its lease waits once more
    await office.deliver()


async def test_a_greylisted_invitation_has_the_name_of_the_day_on_which_it_leaves(
    office: Desk,
) -> None:
    office.postman.outcome = Deferred("451 4.7.1 greylisted", 300)
    await office.hear(invitation(BORIS))
    await office.deliver()
    await office.hear(update(2, name="Annual review", owner=DANA, schedule=LATER))

    office.postman.outcome = Accepted("250 2.0.0 ok")
    await again(office)

    first, second = (read(each) for each in office.postman.sent)
    assert "Quarterly review" in first["Subject"]
    assert "Annual review" in second["Subject"]
    assert "Dana Fox" in second["From"]
    assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])
    [entry] = [p for p in second.walk() if p.get_content_type() == "application/ics"]
    assert "DTSTART:20261130T140000Z" in entry.get_content().decode()


async def test_an_invitation_outlives_the_old_end_of_what_was_silently_put_off(
    office: Desk,
) -> None:
    await office.hear(invitation(BORIS), update(2, schedule=LATER))

    office.now = END + timedelta(hours=1)
    await office.deliver()

    [row] = await office.deliveries()
    assert row.state is State.SENT


async def test_a_change_met_at_the_fence_sends_the_letter_back_to_be_written_anew(
    redis_url: str,
) -> None:
    postman = Meeting(update(2, name="Annual review"))
    async with desk(redis_url, postman=postman) as office:
        office.now, postman.office = NOW, office
        await office.hear(invitation(BORIS))

        await office.deliver()
        [row] = await office.deliveries()
        assert (row.state, row.reason, row.attempts) == (State.PENDING, "reworded", 0)
        assert postman.sent == []
        # The next sweep finds it: nothing is waited for.
        assert await office.client.zscore(keys.LATER, row.id) <= NOW.timestamp()
        await office.ledger.wake_later(limit=10, now=time.time())
        await office.deliver()

        assert ["Annual review" in each for each in subjects(office)] == [True]
        assert (await office.deliveries())[0].state is State.SENT


@pytest.mark.parametrize(
    "news",
    [
        invitation(CHEN, revision=2),
        update(2, notifications={"reminders": ["5m"]}),
        event("conference.removal", {"conference": conference(2), "participants": [DANA]}),
    ],
    ids=["somebody else is invited", "other reminders", "somebody else is removed"],
)
async def test_a_change_that_no_reader_sees_holds_up_no_letter(
    redis_url: str, news: dict[str, Any]
) -> None:
    postman = Meeting()
    async with desk(redis_url, postman=postman) as office:
        office.now, postman.office = NOW, office
        await office.hear(invitation(BORIS))
        postman.news = [news]
        [row] = await office.deliveries()

        await office.deliver_only(row.id)

        assert postman.stopped == []
        [sent] = postman.sent
        assert sent.recipient == BORIS.email


# ---- P3: what was on the wire goes again as the very same ------------------------------------


async def test_p3_a_mail_in_doubt_keeps_the_words_that_it_was_sent_with(office: Desk) -> None:
    office.postman.outcome = Unanswered("cut after the dot")
    await office.hear(invitation(BORIS), update(2, name="Annual review"))
    await office.deliver()
    await office.hear(update(3, name="Another name", schedule=LATER))

    office.postman.outcome = Accepted("250 2.0.0 ok")
    await again(office)

    first, second = office.postman.sent
    assert "Annual review" in read(first)["Subject"]
    assert first == second
    [row] = await office.deliveries()
    assert (row.state, row.doubts) == (State.SENT, 1)


async def test_p3_a_worker_that_died_behind_the_fence_had_said_what_is_said_again(
    redis_url: str,
) -> None:
    dying = Dying()
    async with desk(redis_url, postman=dying) as office:
        office.now = NOW
        await office.hear(invitation(BORIS), update(2, name="Annual review"))
        await office.deliver()
        [row] = await office.deliveries()
        assert row.state is State.IN_DATA
        await office.hear(update(3, name="Another name"))

        dying.alive = True
        await again(office)

        first, second = dying.sent
        assert "Annual review" in read(first)["Subject"]
        assert first.content == second.content


class Dying(Postman):
    """A postman whose worker dies once the body has left, until it is `alive`."""

    alive = False

    async def send(self, letter: Letter, fence: Fence) -> Outcome:
        outcome = await super().send(letter, fence)
        if not self.alive:
            raise RuntimeError("killed")
        return outcome


async def test_p3_a_mail_in_doubt_that_nothing_had_reworded_is_not_reworded_either(
    office: Desk,
) -> None:
    office.postman.outcome = Unanswered("cut after the dot")
    await office.hear(invitation(BORIS))
    await office.deliver()
    await office.hear(update(2, name="Annual review"))

    await again(office)

    first, second = office.postman.sent
    assert first == second


async def test_what_was_accepted_and_is_asked_for_again_is_the_same_mail(office: Desk) -> None:
    await office.hear(invitation(BORIS))
    await office.deliver()
    await office.hear(update(2, name="Annual review"))
    [row] = await office.deliveries()

    await office.ledger.resend(row)
    await office.deliver()

    first, second = office.postman.sent
    assert first == second


async def test_what_was_refused_and_is_asked_for_again_says_how_things_stand(office: Desk) -> None:
    office.postman.outcome = Refused("554 5.6.0 no")
    await office.hear(invitation(BORIS))
    await office.deliver()
    await office.hear(update(2, name="Annual review"))
    [row] = await office.deliveries()

    await office.ledger.resend(row)
    await office.deliver()

    assert ["Annual review" in each for each in subjects(office)] == [False, True]


# ---- what was said is kept like everything else ------------------------------------------------


async def test_a_mail_that_was_reworded_is_listed_once(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN), update(2, name="Annual review"))
    await office.deliver()

    archive = RedisArchive(office.client)
    listed = [each.id async for each in archive.deliveries(Asked(conference="df0a2adebe"))]

    assert sorted(listed) == sorted(row.id for row in await office.deliveries())
    assert sorted(await archive.newest_ids(10)) == sorted(listed)
    # One notice as decided, and one as it was told, however many are told it.
    assert await office.client.zcard(keys.NOTICES) == 2


async def test_what_was_reworded_is_forgotten_like_the_rest(office: Desk) -> None:
    await office.hear(invitation(BORIS, CHEN), update(2, name="Annual review"))
    await office.deliver()
    old = time.time() - 20 * 86_400
    for row in await office.deliveries():
        await office.client.hset(keys.delivery(row.id), "updated", old)
    for notice in await office.client.zrange(keys.NOTICES, 0, -1):
        await office.client.zadd(keys.NOTICES, {notice: old})
    await office.client.set(keys.EXPORTED, f"{int(time.time() * 1000)}-0")
    retention = Retention(office.client, office.settings)

    for _round in range(5):
        await retention.forget(now=time.time())

    assert await office.deliveries() == []
    assert await office.client.keys("notifier:notice:*") == []


async def test_an_owner_who_is_erased_before_the_fence_is_in_no_letter_behind_it(
    redis_url: str,
) -> None:
    postman = Meeting()
    async with desk(redis_url, postman=postman) as office:
        office.now, postman.office = NOW, office
        await office.hear(invitation(BORIS), update(2, owner=DANA))
        [row] = await office.deliveries()
        [claimed] = await office.ledger.claim([row.id])
        assert "Dana" in str(plain(claimed.as_told))

        record = await office.client.hget(keys.conference("df0a2adebe"), "known")
        without = record.replace(b"Dana Fox", b"Somebody")
        await office.client.hset(
            keys.conference("df0a2adebe"), mapping={"known": without, "etag": "erased"}
        )

        assert await office.ledger.fence([claimed]) == ["changed"]
        assert "Dana" not in str(plain((await office.ledger.look_again(claimed)).as_told))


async def test_a_reminder_that_waited_out_an_outage_has_the_new_name(office: Desk) -> None:
    reminded = {"notifications": {"reminders": ["1d"]}}
    await office.hear(invitation(BORIS, **reminded))
    await office.deliver()
    office.now = START - timedelta(days=1)
    await office.notifier.remind(now=office.now)
    while await office.notifier.spread():
        pass
    await office.hear(update(2, name="Annual review", **reminded))

    await office.deliver()

    assert "Annual review" in subjects(office)[-1]
    assert read(office.postman.sent[-1])["X-Notifier-Kind"] == "reminder"
