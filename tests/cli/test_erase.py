"""Claims about `notifier erase`: a person is gone from everywhere, and everybody else stays."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from notifier.adapters.journal import DiskJournal
from notifier.adapters.suppressions import RedisSuppressions
from notifier.core.delivery import advance
from notifier.core.outcomes import Accepted
from notifier.core.people import Person
from notifier.ports.ledger import Ending
from notifier.remembering import Claimed
from notifier.wiring import Parts
from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, Said, soon
from tests.everywhere import files, holding, values
from tests.redis_servers import PROGRAMS, PrivateRedis

ADDRESS: Final = "Zoe.Quill@Example.org"
ID: Final = f"zoe.quill@{cast.HOME}"
ZOE: Final = Person(
    id=ID,
    name="Zoë Quillfeather",
    email=ADDRESS,
    language="fr",
    time_zone="Europe/Paris",
    mobile_phone="+49 555 qx7007",
)
BY_ID: Final = Person(id=ID, name="Z. Quillfeather")
BY_MAIL: Final = Person(
    id="#mailto:ZOE.QUILL@example.org",
    name="Quillfeather",
    unique_link="https://x.org/?p=u1Zq9xWvTt",
)
BY_DIRECTORY: Final = Person(id=f"z2@{cast.HOME}", directory_email="zoe.quill@EXAMPLE.org")
JOANNA: Final = Person(name="Joanna", email="xzoe.quill@example.org.uk")
# Each of them would give the person away.
WORDS: Final = ("zoe.quill", "quillfeather", "qx7007", "u1Zq9xWvTt", "z2@")
# Joanna's address only looks like it.
EXCEPT: Final = b"xzoe.quill@example.org.uk"
WHEN: Final = "2026-11-23T09:30:00Z"
# A move waits for a second thought for longer than a slow machine takes to plan it.
SETTLE_SECONDS: Final = 60
SETTLING: Final = f"[notifications]\nsettle_seconds = {SETTLE_SECONDS}\n"


@pytest.fixture
def lived(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """Zoë was invited, called, refused, bounced, owned a conference, and stands in every place."""
    (tmp_path / "templates").mkdir()
    # What is compressed in the file could hide from a search of it.
    program = PROGRAMS[getattr(request, "param", "shipped")]
    with PrivateRedis(program=program, options={"rdbcompression": "no"}) as redis:
        deployment = Deployment(redis, tmp_path)
        settings = deployment.file("settings.toml", SETTINGS + SETTLING)
        applied = deployment.run("settings", "apply", settings)
        assert applied.status == 0, applied.err
        deployment.hear(*_life())
        deployment.with_parts(_finish)
        deployment.hear(_bounce(deployment), *_later_life())
        deployment.put(b'{"specversion": "1.0", "who": "zoe.quill\\u0040example.org"}')
        deployment.put(b"\xff\xfe Zoe.Quill@Example.org is no event")
        deployment.put(b"nor is this")
        deployment.hear()
        deployment.with_parts(_export)
        yield deployment


def _life() -> list[dict[str, Any]]:
    hers = soon(id="hers", owner=ZOE, description=f"Ask {ADDRESS}", name="Budget")
    return [
        _invite(soon(), ZOE, cast.BORIS, JOANNA),
        _invite(soon(id="named"), BY_ID, BY_DIRECTORY),
        cast.event(
            "conference.registration",
            {"conference": soon(id="open", access="public"), "participant": BY_MAIL},
        ),
        _invite(hers, cast.BORIS, cast.CHEN),
        _call(ZOE, cast.BORIS),
        _call(cast.ANNA, ZOE, call_string=f"sip:{ID}"),
        _call(BY_MAIL, cast.CHEN),
        cast.event(
            "server.restart",
            {"reason": "internal_error", "time": WHEN, "details": f"after a call of {ADDRESS}"},
        ),
    ]


def _later_life() -> list[dict[str, Any]]:
    return [
        cast.event("conference.reschedule", {"conference": soon(2, days=5)}),
        _invite(soon(id="later"), ZOE, cast.DANA),
        cast.event("conference.removal", {"conference": soon(2, id="open"), "participants": [ZOE]}),
    ]


def _invite(conference: Any, *people: Person) -> dict[str, Any]:
    told = {"conference": conference, "participants": people}
    return cast.event("conference.invitation", told)


def _call(caller: Person, recipient: Person, **more: Any) -> dict[str, Any]:
    told = {"caller": caller, "recipient": recipient, "time": WHEN}
    return cast.event("call.missed", told | more)


def _bounce(deployment: Deployment) -> dict[str, Any]:
    hers = deployment.run("deliveries", "list", "--recipient", ADDRESS, "--json").json
    sent = next(each for each in hers if each["conference"] == soon().id)
    assert sent["state"] == "sent"
    told = {"address": ADDRESS, "status": "5.1.1", "details": f"550 <{ADDRESS}> unknown"}
    return cast.event("recipient.bounced", told | {"message_id": sent["message_id"]})


async def _finish(parts: Parts) -> None:
    """Send what is owed; one ending waits in the journal, as if Redis had been away."""
    ids = [each.delivery for each in await parts.ledger.take(limit=100)]
    journal = DiskJournal(parts.config.data / "journal")
    for claimed in await parts.ledger.claim(ids):
        before, after = _sent(claimed)
        if claimed.delivery.kind == "missed_call" and claimed.delivery.recipient.key == ID:
            journal.keep(Ending(before=before, after=after))
        else:
            await parts.ledger.record([Ending(before=before, after=after)])


def _sent(claimed: Claimed) -> tuple[Any, Any]:
    before = claimed.delivery
    said = Accepted(f"250 2.1.5 <{before.recipient.address}> queued")
    return before, advance(before, said, now=datetime.now(UTC), jitter=0)


async def _export(parts: Parts) -> None:
    while await parts.exporter.export():
        pass


def everything(deployment: Deployment) -> dict[str, bytes]:
    """All of Redis, its append-only file, and the data folder."""
    held = values(deployment.redis.url)
    held |= {f"aof/{name}": each for name, each in files(deployment.redis.folder).items()}
    held |= {f"data/{name}": each for name, each in files(deployment.folder / "data").items()}
    return {name: each.replace(EXCEPT, b"") for name, each in held.items()}


def erase(deployment: Deployment, *more: str) -> Said:
    return deployment.run("erase", ADDRESS.lower(), "--yes", *more)


def _places(found: dict[str, list[str]]) -> set[str]:
    """Where somebody stands, in one word each."""
    return {name.removeprefix("notifier:").partition(":")[0].partition("/")[0] for name in found}


@pytest.mark.parametrize("lived", sorted(PROGRAMS), indirect=True)
def test_nothing_is_left_of_a_rich_life(lived: Deployment) -> None:
    before = holding(everything(lived), WORDS)
    # Otherwise nothing would be found because nothing was there.
    assert _places(before) == {
        *("aof", "data", "conference", "delivery", "events", "list", "notice", "rejected"),
        "suppressions",
    }
    assert {name.split("/")[1] for name in before if name.startswith("data/")} == {
        "export",
        "journal",
    }

    said = erase(lived)

    assert said.status == 0, said.err
    assert holding(everything(lived), WORDS) == {}
    # What was typed may be repeated once; here nothing is.
    assert "zoe" not in said.out.lower()
    assert "the mail server's logs and queues, and the mails that were sent" in said.out


def test_everybody_else_stays_as_they_were(lived: Deployment) -> None:
    before = _others(lived)

    assert erase(lived).status == 0

    after = _others(lived)
    assert before["deliveries"]
    assert before == after
    [buried] = lived.run("rejected", "list", "--json").json
    assert buried["bytes"] == len(b"nor is this")


def _others(deployment: Deployment) -> dict[str, Any]:
    """What is not about Zoë."""
    told = deployment.run("deliveries", "list", "--json").json
    others = ("boris@example.org", "chen@example.cn", "dana@example.net", EXCEPT.decode())
    shown = deployment.run("conferences", "show", soon().id, "--json").json
    return {
        "deliveries": [each for each in told if each["recipient"] in others],
        "list": [each for each in shown["list"] if each["person"] != ID],
        "conference": {name: shown[name] for name in ("id", "name", "owner", "schedule")},
        "counters": deployment.with_parts(
            lambda parts: parts.client.hget("notifier:counters", "events_applied")
        ),
    }


def test_what_became_of_deliveries_stays(lived: Deployment) -> None:
    hers = lived.run("deliveries", "list", "--recipient", ID, "--json").json
    sent = {each["id"]: each for each in hers if each["state"] == "sent"}
    assert sent

    assert erase(lived).status == 0

    told = {each["id"]: each for each in lived.run("deliveries", "list", "--json").json}
    assert {each["id"] for each in hers} <= told.keys()
    for id_, row in sent.items():
        kept = ("id", "kind", "state", "conference", "created", "attempts", "message_id")
        assert {name: told[id_][name] for name in kept} == {name: row[name] for name in kept}
    [stand_in] = {told[each["id"]]["recipient"] for each in hers}
    assert stand_in.startswith("erased-")
    assert lived.run("deliveries", "list", "--recipient", ADDRESS, "--json").json == []


def test_what_waited_for_her_does_not_leave(lived: Deployment) -> None:
    waiting = lived.run("deliveries", "list", "--state", "pending", "--json").json
    hers = [each["id"] for each in waiting if each["recipient"].lower() == ADDRESS.lower()]
    assert hers

    said = erase(lived, "--json")

    assert said.json["removed"]["stopped"] == len(hers)
    told = {each["id"]: each for each in lived.run("deliveries", "list", "--json").json}
    assert {(told[each]["state"], told[each]["reason"]) for each in hers} == {
        ("superseded", "erased")
    }
    claimed = lived.with_parts(_claim)
    assert {each.delivery.id for each in claimed} == {e["id"] for e in waiting} - set(hers)
    refused = lived.run("deliveries", "resend", hers[0])
    assert refused.status == 1
    assert "its person was erased" in refused.err


async def _claim(parts: Parts) -> list[Claimed]:
    later = await parts.ledger.wake_later(limit=100, now=time.time() + SETTLE_SECONDS + 1)
    assert later
    return await parts.ledger.claim([each.delivery for each in await parts.ledger.take(limit=100)])


def test_the_service_goes_on_and_meets_her_as_a_stranger(lived: Deployment) -> None:
    assert erase(lived).status == 0

    lived.hear(
        cast.event("conference.reschedule", {"conference": soon(3, days=6)}),
        cast.event("conference.update", {"conference": soon(2, id="hers", owner=cast.ANNA)}),
        _invite(soon(4, days=6), ZOE),
    )

    hers = lived.run("deliveries", "list", "--recipient", ADDRESS, "--json").json
    assert [(each["kind"], each["state"]) for each in hers] == [("invitation", "pending")]
    # Nobody lives there: that is still known, of an address that nobody can read.
    [held] = lived.run("suppressions", "list", "--address", ADDRESS, "--json").json
    assert (held["address"], held["status"]) == ("(erased)", "5.1.1")
    [found] = [each for each in lived.with_parts(_claim) if each.delivery.id == hers[0]["id"]]
    assert found.stop.startswith("suppressed: 5.1.1")
    assert lived.run("suppressions", "clear", ADDRESS).status == 0
    shown = lived.run("conferences", "show", soon().id, "--json").json
    assert ID in {each["person"] for each in shown["list"]}


def test_a_conference_of_hers_goes_on_without_a_name(lived: Deployment) -> None:
    assert erase(lived).status == 0

    shown = lived.run("conferences", "show", "hers", "--json").json
    assert (shown["name"], shown["owner"]) == ("Budget", "(erased)")
    event = cast.raw(_invite(soon(id="hers", owner=cast.ANNA), cast.DANA))
    explained = lived.run("explain", "-", "--json", given=event)
    assert [each["decision"] for each in explained.json] == ["send"]


def test_erasing_again_finds_nothing_and_does_no_harm(lived: Deployment) -> None:
    first = erase(lived, "--json").json
    held = values(lived.redis.url)

    again = erase(lived, "--json")

    # No server quoted her address to somebody else.
    assert {place for place, count in first["removed"].items() if count == 0} == {"replies"}
    assert again.status == 0
    assert set(again.json["removed"].values()) == {0}
    assert values(lived.redis.url) == held


def test_events_that_nobody_heard_yet_are_left_and_told(lived: Deployment) -> None:
    """Others are invited by them as well; and they may be gone in a moment, with a listener."""
    lived.put(cast.raw(_invite(soon(id="unheard"), ZOE, cast.BORIS)))

    said = erase(lived)
    lived.hear()

    assert said.status == 1
    assert "1 events that name the person are not heard yet; erase again" in said.err
    invited = lived.run("deliveries", "list", "--conference", "unheard", "--json").json
    assert len(invited) == 2
    assert erase(lived).status == 0
    assert holding(everything(lived), WORDS) == {}


def test_without_a_yes_nothing_happens(lived: Deployment) -> None:
    held = values(lived.redis.url)

    said = lived.run("erase", ADDRESS, given=b"n\n")

    assert said.status == 1
    assert values(lived.redis.url) == held
    agreed = lived.run("erase", ADDRESS, given=b"y\n")
    assert agreed.status == 0, agreed.err


@pytest.mark.parametrize("asked", ["zoe", "", "@example.org", "zoe@"])
def test_what_is_no_address_is_refused(empty: Deployment, asked: str) -> None:
    said = empty.run("erase", "--yes", "--", asked)

    assert said.status == 1
    assert "it is not a mail address" in said.err
    assert len(said.err.splitlines()) == 1


def test_an_administrator_is_told_to_change_the_settings(empty: Deployment) -> None:
    applied = empty.run("settings", "apply", empty.file("settings.toml", SETTINGS))
    assert applied.status == 0, applied.err

    said = empty.run("erase", "CONF@example.com", "--yes")

    assert "the settings, as [smtp] sender_address" in said.out


def test_a_stranger_leaves_everything_as_it_is(lived: Deployment) -> None:
    # What waits in the journal comes in first, whoever is erased.
    lived.run("erase", "nobody@example.org", "--yes")
    held = values(lived.redis.url)

    said = lived.run("erase", "quill@example.org", "--yes", "--json")

    assert set(said.json["removed"].values()) == {0}
    assert values(lived.redis.url) == held


def test_a_suppression_of_hers_holds_on_under_the_same_digest(lived: Deployment) -> None:
    secret = (lived.folder / "data" / "secret.key").read_text().strip()

    async def digest(parts: Parts) -> str:
        return RedisSuppressions(parts.client, secret).digest(ADDRESS.lower())

    hers = lived.with_parts(digest)
    assert erase(lived).status == 0

    held = values(lived.redis.url)
    assert hers.encode() in held["notifier:suppressions"]
    assert hers.encode() in held["notifier:suppressions:entries"]
