"""Who has really been told: what is taken back, or moved, before anybody heard of it."""

import re
import time
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.untold_marks import UNTOLD_SECONDS
from notifier.core.delivery import Delivery, State, advance
from notifier.core.notice import Kind
from notifier.core.outcomes import Accepted, Deferred, Outcome, Refused, Unanswered
from notifier.core.people import Person, person_key
from notifier.core.times.schedule import Schedule
from notifier.ports.mail import Letter
from tests.adapters.desk import Desk
from tests.cast import ANNA, BORIS, CHEN, HOME, NOW, conference, event, person, schedule

pytestmark = pytest.mark.asyncio

LATER = Deferred("451 4.7.1 greylisted", 300)
CID = conference().id

FRIDAY = schedule()
TUESDAY, WEDNESDAY, THURSDAY = (schedule(start=datetime(2026, 12, day, 15, 0)) for day in (1, 2, 3))
SIGNED_UP = msgspec.structs.replace(BORIS, unique_link=f"https://{HOME}/c/df0a2adebe?p=5Yq0")


@pytest.fixture(autouse=True)
def _monday_morning(office: Desk) -> None:
    office.now = NOW


# ---- taken back before it left -------------------------------------------------------------


async def test_invited_and_cancelled_before_anything_left_is_silence(office: Desk) -> None:
    await office.hear(invited(1, BORIS, CHEN), cancelled(2))

    await office.deliver()

    assert office.postman.sent == []
    assert await told(office) == {
        "invitation": {(State.SUPERSEDED, "cancelled")},
        "cancellation": {(State.SUPERSEDED, "never_told")},
    }


async def test_invited_and_removed_before_anything_left_is_silence(office: Desk) -> None:
    await office.hear(invited(1, BORIS, CHEN), removed(2, BORIS))

    await office.deliver()

    assert recipients(office) == [("chen@example.cn", "invitation")]
    assert (await told(office))["removal"] == {(State.SUPERSEDED, "never_told")}


async def test_what_left_is_taken_back_by_a_cancellation(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(cancelled(2))
    await office.deliver()

    assert kinds(office) == ["invitation", "cancellation"]
    assert await untold(office) == 0


async def test_a_removal_of_somebody_who_was_told_is_told(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(removed(2, BORIS))
    await office.deliver()

    assert kinds(office) == ["invitation", "removal"]


async def test_signed_up_and_cancelled_before_the_confirmation_left_is_silence(
    office: Desk,
) -> None:
    await office.hear(signed_up(1, SIGNED_UP), cancelled(2))

    await office.deliver()

    assert office.postman.sent == []


async def test_a_greylisted_invitation_that_is_cancelled_is_silence(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    office.postman.outcome = LATER
    await office.deliver()

    office.postman.outcome = Accepted("250 ok")
    await office.hear(cancelled(2))
    await everything(office)

    assert kinds(office) == ["invitation"]  # the one that the server put off
    assert (await told(office))["cancellation"] == {(State.SUPERSEDED, "never_told")}


async def test_a_refused_invitation_is_not_taken_back(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    office.postman.outcome = Refused("554 5.7.1 no")
    await office.deliver()

    office.postman.outcome = Accepted("250 ok")
    await office.hear(cancelled(2))
    await everything(office)

    assert kinds(office) == ["invitation"]
    assert (await told(office))["cancellation"] == {(State.SUPERSEDED, "never_told")}


@pytest.mark.parametrize("again", [False, True])
async def test_an_invitation_in_doubt_is_taken_back(office: Desk, again: bool) -> None:
    await office.hear(invited(1, BORIS))
    office.postman.outcome = Unanswered("cut after the dot")
    await office.deliver()
    if again:  # the second try is put off: the first may still have arrived
        office.postman.outcome = LATER
        await everything(office)

    office.postman.outcome = Accepted("250 ok")
    await office.hear(cancelled(2))
    await everything(office)

    assert kinds(office)[-1] == "cancellation"


async def test_a_worker_that_died_behind_the_fence_may_have_told(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])
    assert await office.ledger.fence([claimed]) == ["ok"]
    await lease_over(office, row)

    await office.hear(cancelled(2))
    await office.deliver()

    assert kinds(office) == ["cancellation"]


async def test_a_worker_that_died_before_the_fence_has_told_nobody(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    [row] = await office.deliveries()
    await office.ledger.claim([row.id])
    await lease_over(office, row)

    await office.hear(cancelled(2))
    await everything(office)

    assert office.postman.sent == []


async def remind_while_the_invitation_waits(office: Desk) -> None:
    """Put the invitation of Boris off, and let his reminder leave."""
    await office.settings.apply({"reminders": {"offsets": ["1d"]}})
    await office.hear(invited(1, BORIS))
    office.postman.outcome = LATER
    await office.deliver()
    office.now = NOW + timedelta(days=3, hours=5)
    office.postman.outcome = Accepted("250 ok")
    await office.notifier.remind(now=office.now)
    await office.hear()
    await office.deliver()


async def test_a_reminder_tells_as_well(office: Desk) -> None:
    await remind_while_the_invitation_waits(office)

    await office.hear(cancelled(2))
    await office.deliver()

    assert kinds(office) == ["invitation", "reminder", "cancellation"]


async def test_an_invitation_put_off_after_a_reminder_leaves_its_person_told(office: Desk) -> None:
    await remind_while_the_invitation_waits(office)
    office.postman.outcome = LATER
    await everything(office)

    assert kinds(office) == ["invitation", "reminder", "invitation"]
    assert await untold(office) == 0


async def test_with_invitations_switched_off_people_know_from_elsewhere(office: Desk) -> None:
    await office.settings.apply({"notifications": {"invitations": False}})
    await office.hear(invited(1, BORIS), cancelled(2))

    await office.deliver()

    assert kinds(office) == ["cancellation"]


async def test_the_fence_takes_back_nothing_that_came_back_meanwhile(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    [invitation] = await office.deliveries()
    [leaving] = await office.ledger.claim([invitation.id])
    assert await office.ledger.fence([leaving]) == ["ok"]
    await office.hear(cancelled(2))
    [cancellation] = [row for row in await office.deliveries() if row.kind == Kind.CANCELLATION]
    [claimed] = await office.ledger.claim([cancellation.id])

    under_way = msgspec.structs.replace(leaving.delivery, state=State.IN_DATA)
    await office.record(
        under_way, msgspec.structs.replace(under_way, state=State.PENDING, attempts=1)
    )

    assert not claimed.untold
    assert await office.ledger.fence([claimed]) == ["changed"]
    assert (await office.ledger.look_again(claimed)).untold


async def test_who_is_listed_twice_and_told_under_one_name_hears_of_the_end(
    office: Desk,
) -> None:
    bare = Person(id="#mailto:boris@example.org")
    await office.hear(invited(1, bare))
    await office.deliver()

    await office.hear(invited(2, BORIS), cancelled(3))
    await office.deliver()

    assert recipients(office) == [
        ("boris@example.org", "invitation"),
        ("boris@example.org", "cancellation"),
    ]


# ---- off the list and back -----------------------------------------------------------------


async def test_removed_invited_again_and_removed_before_that_left_is_told_once(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(removed(2, BORIS))
    await office.deliver()

    await office.hear(invited(3, BORIS), removed(4, BORIS))
    await office.deliver()

    assert kinds(office) == ["invitation", "removal"]


async def test_a_removal_that_never_left_leaves_its_person_believing(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(removed(2, BORIS), invited(3, BORIS), cancelled(4))
    await office.deliver()

    assert kinds(office) == ["invitation", "cancellation"]


@pytest.mark.parametrize("outcome", [LATER, Refused("554 5.7.1 no"), Unanswered("cut")])
async def test_a_removal_that_came_back_leaves_its_person_believing(
    office: Desk, outcome: Outcome
) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(removed(2, BORIS))
    removal = next(row for row in await office.deliveries() if row.kind == Kind.REMOVAL)
    [claimed] = await office.ledger.claim([removal.id])
    assert await office.ledger.fence([claimed]) == ["ok"]

    await office.hear(invited(3, BORIS))
    assert await untold(office) == 1  # for all that is known, they were just told that they went
    under_way = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    await office.record(under_way, advance(under_way, outcome, now=NOW, jitter=0))

    assert await untold(office) == 0


async def test_removed_before_we_knew_them_then_invited_they_know_nothing(office: Desk) -> None:
    await office.hear(invited(1, CHEN), removed(3, BORIS))
    await office.deliver()

    await office.hear(invited(4, BORIS), cancelled(5))
    await office.deliver()

    assert recipients(office) == [
        ("chen@example.cn", "invitation"),
        ("chen@example.cn", "cancellation"),
    ]


# ---- another life --------------------------------------------------------------------------


async def test_a_relaunch_that_is_cancelled_before_it_left_is_silence(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    office.now = NOW + timedelta(days=5)

    when = {"time": "2026-11-28T09:30:00Z"}
    await office.hear(moved(2, TUESDAY, **when), cancelled(3, **when))
    await office.deliver()

    assert kinds(office) == ["invitation"]
    assert {reason for _state, reason in (await told(office))["cancellation"]} == {"never_told"}


async def test_whoever_knew_the_old_life_hears_of_its_end_though_the_new_one_has_not_left(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(cancelled(2))
    await office.hear(invited(3, BORIS, schedule=TUESDAY))
    await office.deliver()

    assert sorted(kinds(office)) == ["cancellation", "invitation", "invitation"]


async def test_invited_deleted_and_invited_anew_before_anything_left_is_one_invitation(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS), cancelled(2), invited(3, BORIS, schedule=TUESDAY))

    await office.deliver()

    assert kinds(office) == ["invitation"]


# ---- moved before it left ------------------------------------------------------------------


async def test_moved_before_the_invitation_left_is_one_invitation_with_the_new_time(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS, CHEN), moved(2, TUESDAY))

    await everything(office)

    assert sorted(recipients(office)) == [
        ("boris@example.org", "invitation"),
        ("chen@example.cn", "invitation"),
    ]
    assert starts(office) == ["20261201T140000Z"] * 2
    assert await untold(office) == 0


async def test_moved_before_the_confirmation_left_is_one_confirmation_with_the_own_link(
    office: Desk,
) -> None:
    await office.hear(signed_up(1, SIGNED_UP), moved(2, TUESDAY))

    await everything(office)

    [letter] = office.postman.sent
    assert kinds(office) == ["registration"]
    assert starts(office) == ["20261201T140000Z"]
    assert b"p=3D5Yq0" in letter.content or b"p=5Yq0" in letter.content


async def test_who_was_told_hears_of_the_move_and_who_was_not_is_invited(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(invited(2, CHEN), moved(3, TUESDAY))

    await everything(office)

    assert sorted(recipients(office)[1:]) == [
        ("boris@example.org", "reschedule"),
        ("chen@example.cn", "invitation"),
    ]


async def test_moved_and_cancelled_before_the_invitation_left_is_silence(office: Desk) -> None:
    await office.hear(invited(1, BORIS), moved(2, TUESDAY), cancelled(3))

    await everything(office)

    assert office.postman.sent == []


async def test_a_move_is_told_as_such_where_invitations_were_switched_off_meanwhile(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS))
    await office.settings.apply({"notifications": {"invitations": False}})

    await office.hear(moved(2, TUESDAY))
    await everything(office)

    assert kinds(office) == ["reschedule"]
    assert await untold(office) == 0


async def test_where_moves_are_switched_off_the_invitation_leaves_as_it_waits(
    office: Desk,
) -> None:
    await office.settings.apply({"notifications": {"reschedules": False}})

    await office.hear(invited(1, BORIS), moved(2, TUESDAY))
    await everything(office)

    assert kinds(office) == ["invitation"]


# ---- several moves -------------------------------------------------------------------------

SETTLING = {"notifications": {"settle_seconds": 3}}


async def test_three_moves_in_a_moment_are_one_mail_from_what_people_know_to_the_last(
    office: Desk,
) -> None:
    await office.settings.apply(SETTLING)
    await office.hear(invited(1, BORIS))
    await office.deliver()

    for revision, to in ((2, TUESDAY), (3, WEDNESDAY), (4, THURSDAY)):
        await office.hear(moved(revision, to))
        await office.deliver()
    assert kinds(office) == ["invitation"]
    await everything(office)

    assert kinds(office) == ["invitation", "reschedule"]
    assert "27 novembre" in said(office)
    assert "3 décembre" in said(office)
    assert "1er décembre" not in said(office)


async def test_a_move_there_and_back_in_a_moment_is_silence(office: Desk) -> None:
    await office.settings.apply(SETTLING)
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(moved(2, TUESDAY), moved(3, FRIDAY))
    await everything(office)

    assert kinds(office) == ["invitation"]
    assert (await told(office))["reschedule"] == {(State.SUPERSEDED, "newer_revision")}


async def test_a_move_there_and_back_and_there_again_is_told_once(office: Desk) -> None:
    await office.settings.apply(SETTLING)
    await office.hear(invited(1, BORIS))
    await office.deliver()

    await office.hear(moved(2, TUESDAY), moved(3, FRIDAY), moved(4, TUESDAY))
    await everything(office)

    assert kinds(office) == ["invitation", "reschedule"]
    assert "27 novembre" in said(office)


async def test_a_move_back_is_told_to_whom_the_move_there_was_told(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(moved(2, TUESDAY))
    await office.deliver()

    await office.hear(moved(3, FRIDAY))
    await office.deliver()

    assert kinds(office) == ["invitation", "reschedule", "reschedule"]
    assert "1er décembre" in said(office)


async def test_a_move_back_is_told_where_the_move_there_is_in_doubt(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(moved(2, TUESDAY))
    office.postman.outcome = Unanswered("cut after the dot")
    await office.deliver()

    office.postman.outcome = Accepted("250 ok")
    await office.hear(moved(3, FRIDAY))
    await everything(office)

    assert kinds(office) == ["invitation", "reschedule", "reschedule"]


async def test_each_person_hears_of_the_move_from_what_they_know_themselves(
    office: Desk,
) -> None:
    await office.hear(invited(1, BORIS, CHEN))
    await office.deliver()
    await office.hear(moved(2, TUESDAY))
    first = next(
        row
        for row in await office.deliveries()
        if row.kind == Kind.RESCHEDULE and row.recipient.key == person_key(BORIS)
    )
    await office.deliver_only(first.id)
    assert recipients(office)[-1] == ("boris@example.org", "reschedule")

    await office.hear(moved(3, WEDNESDAY))
    await office.deliver()

    assert sorted(recipients(office)[3:]) == [
        ("boris@example.org", "reschedule"),
        ("chen@example.cn", "reschedule"),
    ]
    letters = {each.recipient: body(each) for each in office.postman.sent[3:]}
    assert "1er décembre" in letters["boris@example.org"]
    assert "November 27" in letters["chen@example.cn"]


async def test_whoever_joined_between_two_moves_knows_the_first(office: Desk) -> None:
    await office.hear(invited(1, BORIS), moved(2, TUESDAY))
    await office.hear(invited(3, CHEN, schedule=TUESDAY))
    await office.deliver()

    await office.hear(moved(4, WEDNESDAY))
    await office.deliver()

    letters = {each.recipient: body(each) for each in office.postman.sent[2:]}
    assert "December 1" in letters["chen@example.cn"]


async def test_there_and_back_before_the_invitation_left_is_one_invitation(office: Desk) -> None:
    await office.hear(invited(1, BORIS), moved(2, TUESDAY), moved(3, FRIDAY))

    await everything(office)

    assert kinds(office) == ["invitation"]
    assert starts(office) == ["20261127T140000Z"]


async def test_an_invitation_that_a_reminder_overtook_survives_a_move_there_and_back(
    office: Desk,
) -> None:
    await remind_while_the_invitation_waits(office)

    await office.hear(moved(2, TUESDAY), moved(3, FRIDAY))
    await everything(office)

    assert kinds(office) == ["invitation", "reminder", "invitation"]


async def test_what_a_move_was_told_from_stays_so_when_it_is_sent_once_more(
    office: Desk,
) -> None:
    await office.settings.apply(SETTLING)
    await office.hear(invited(1, BORIS))
    await office.deliver()
    await office.hear(moved(2, TUESDAY), moved(3, WEDNESDAY))
    office.postman.outcome = Unanswered("cut after the dot")
    await everything(office)
    await all_due(office)
    await office.deliver()

    first, again = office.postman.sent[1:]
    assert first == again  # the same mail to the byte (P3)
    assert "27 novembre" in body(first)


# ---- the set itself ------------------------------------------------------------------------


async def test_everything_said_twice_marks_once(office: Desk) -> None:
    """The client may send any command twice: the second changes nothing."""
    said = invited(1, BORIS)
    await office.hear(said, said)
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])
    assert [await office.ledger.fence([claimed]) for _twice in range(2)] == [["ok"], ["ok"]]
    under_way = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    put_off = msgspec.structs.replace(under_way, state=State.PENDING, attempts=1)

    assert [await office.record(under_way, put_off) for _twice in range(2)] == [True, False]
    assert await untold(office) == 1

    [claimed] = await office.ledger.claim([row.id]) or await claimed_when_due(office, row)
    await office.ledger.fence([claimed])
    under_way = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    sent = msgspec.structs.replace(under_way, state=State.SENT)
    assert [await office.record(under_way, sent) for _twice in range(2)] == [True, False]
    assert await untold(office) == 0


async def test_an_answer_tells_though_redis_lost_what_its_fence_wrote(office: Desk) -> None:
    """A failover may lose the fence; the letter left all the same."""
    await office.hear(invited(1, BORIS))
    [row] = await office.deliveries()
    [claimed] = await office.ledger.claim([row.id])

    under_way = msgspec.structs.replace(claimed.delivery, state=State.IN_DATA)
    await office.record(under_way, msgspec.structs.replace(under_way, state=State.SENT))

    assert await untold(office) == 0


async def test_a_set_that_nothing_is_added_to_is_forgotten(office: Desk) -> None:
    await office.hear(invited(1, BORIS, CHEN, ANNA))

    lasts = await office.client.ttl(keys.untold(CID))

    assert UNTOLD_SECONDS - 60 < lasts <= UNTOLD_SECONDS


async def test_a_small_set_takes_eight_bytes_for_each(office: Desk) -> None:
    await office.hear(invited(1, *(person(n) for n in range(200))))

    assert await untold(office) == 200
    assert await office.client.object("encoding", keys.untold(CID)) == b"intset"


async def test_no_row_of_a_letter_that_left_says_that_it_was_the_first(office: Desk) -> None:
    await office.hear(invited(1, BORIS))
    await office.deliver()

    [row] = await office.deliveries()
    assert await office.client.hexists(keys.delivery(row.id), "first") == 0


# ---- what happens, and what became of it ---------------------------------------------------


def invited(revision: int, *people: Person, **changes: Any) -> dict[str, Any]:
    said = {"conference": conference(revision, **changes), "participants": list(people)}
    return event("conference.invitation", said)


def signed_up(revision: int, whom: Person) -> dict[str, Any]:
    return event(
        "conference.registration", {"conference": conference(revision), "participant": whom}
    )


def removed(revision: int, *people: Person) -> dict[str, Any]:
    said = {"conference": conference(revision), "participants": list(people)}
    return event("conference.removal", said)


def moved(revision: int, to: Schedule, **attributes: Any) -> dict[str, Any]:
    said = {"conference": conference(revision, schedule=to)}
    return event("conference.reschedule", said, **attributes)


def cancelled(revision: int, **attributes: Any) -> dict[str, Any]:
    return event("conference.cancellation", {"conference": conference(revision)}, **attributes)


async def everything(office: Desk) -> None:
    """Let the time come for everything that waits, and deliver it."""
    await office.deliver()
    await all_due(office)
    await office.deliver()


async def all_due(office: Desk) -> None:
    for waiting in await office.client.zrange(keys.LATER, 0, -1):
        await office.client.zadd(keys.LATER, {waiting: 0})
    await office.ledger.wake_later(limit=100, now=time.time())


async def lease_over(office: Desk, row: Delivery) -> None:
    await office.client.zadd(keys.LEASES, {row.id: 0})
    await office.notifier.sweep()


async def claimed_when_due(office: Desk, row: Delivery) -> list[Any]:
    await all_due(office)
    return await office.ledger.claim([row.id])


async def told(office: Desk) -> dict[str, set[tuple[State, str]]]:
    """Give, for each kind, how its deliveries stand and why."""
    found: dict[str, set[tuple[State, str]]] = {}
    for row in await office.deliveries():
        found.setdefault(row.kind, set()).add((row.state, row.reason))
    return found


async def untold(office: Desk) -> int:
    return int(await office.client.scard(keys.untold(CID)))


def starts(office: Desk) -> list[str]:
    """Give the starts that the calendar entries of all mails name, in their wall time."""
    parts = [
        part
        for letter in office.postman.sent
        for part in message_from_bytes(letter.content).walk()
        if part.get_content_type() == "text/calendar"
    ]
    texts = [part.get_payload(decode=True).decode() for part in parts]  # type: ignore[union-attr]
    return re.findall(r"BEGIN:VEVENT.*?DTSTART[^:]*:(\S+)", "".join(texts), re.DOTALL)


def body(letter: Letter) -> str:
    """Give the plain text of a mail."""
    parts = message_from_bytes(letter.content).walk()
    text = next(each for each in parts if each.get_content_type() == "text/plain")
    return str(text.get_payload(decode=True).decode())  # type: ignore[union-attr]


def said(office: Desk) -> str:
    """Give the text of the last mail."""
    return body(office.postman.sent[-1])


def kinds(office: Desk) -> list[str]:
    return [kind for _recipient, kind in recipients(office)]


def recipients(office: Desk) -> list[tuple[str, str]]:
    return [
        (each.recipient, each.content.split(b"X-Notifier-Kind: ")[1].split(b"\r\n")[0].decode())
        for each in office.postman.sent
    ]
