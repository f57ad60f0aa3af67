"""Claims about `notifier deliveries`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.core.delivery import Delivery, State, advance
from notifier.core.outcomes import Accepted, Outcome, Refused, Stopped
from notifier.core.reasons import Reason
from notifier.ports.ledger import Ending
from notifier.wiring import Parts
from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, soon

FIELDS = {
    *("id", "kind", "conference", "recipient", "state"),
    *("reason", "attempts", "message_id", "updated"),
}


def _listed(deployment: Deployment, *options: str) -> list[dict[str, Any]]:
    said = deployment.run("deliveries", "list", "--json", *options)
    assert said.status == 0, said.err
    found: list[dict[str, Any]] = said.json
    return found


def test_json_gives_every_delivery_with_the_names_of_the_contract(told: Deployment) -> None:
    found = _listed(told)

    assert len(found) == 4
    assert [each for each in found if not each.keys() >= FIELDS] == []
    boris = next(each for each in found if each["recipient"] == "boris@example.org")
    assert boris["state"] == "pending"
    assert boris["message_id"] == f"<{boris['id']}@example.com>"


def test_the_newest_come_first(told: Deployment) -> None:
    assert [each["kind"] for each in _listed(told)] == ["missed_call", *["invitation"] * 3]


@pytest.mark.parametrize(
    ("options", "recipients"),
    [
        (
            ("--conference", "df0a2adebe"),
            {"boris@example.org", "chen@example.cn", "dana@example.net"},
        ),
        (("--recipient", "chen@example.cn"), {"chen@example.cn"}),
        (("--recipient", "Chen@Example.CN"), {"chen@example.cn"}),
        (("--recipient", "dana@meet.example.net"), {"dana@example.net"}),
        (("--kind", "missed_call"), {"boris@example.org"}),
        (("--state", "sent"), set()),
        (("--conference", "another"), set()),
        (("--recipient", "boris@example.org", "--kind", "reminder"), set()),
    ],
)
def test_options_choose(told: Deployment, options: tuple[str, ...], recipients: set[str]) -> None:
    assert {each["recipient"] for each in _listed(told, *options)} == recipients


def test_a_limit_gives_the_newest(told: Deployment) -> None:
    found = _listed(told, "--limit", "2")

    assert [each["kind"] for each in found] == ["missed_call", "invitation"]


def test_the_table_says_when_there_is_more(told: Deployment) -> None:
    said = told.run("deliveries", "list", "--limit", "3")

    assert said.status == 0
    assert "There are more than 3" in said.out
    assert len(said.out.splitlines()) == 5


def test_one_delivery_is_shown_with_all_that_is_known(told: Deployment) -> None:
    [listed] = _listed(told, "--kind", "missed_call")

    said = told.run("deliveries", "show", listed["id"], "--json")

    assert said.status == 0, said.err
    assert said.json == listed
    assert "boris@example.org" in told.run("deliveries", "show", listed["id"]).out


def test_what_a_reason_means_is_said_once_below_the_table(empty: Deployment) -> None:
    held = soon()
    empty.hear(
        cast.event("conference.invitation", {"conference": held, "participants": [cast.BORIS]}),
        cast.event("conference.invitation", {"conference": soon(2), "participants": [cast.BORIS]}),
        cast.event("conference.invitation", {"conference": soon(3), "participants": [cast.BORIS]}),
    )

    said = empty.run("deliveries", "list", "--state", "skipped").out
    [first, _second] = _listed(empty, "--state", "skipped")
    shown = empty.run("deliveries", "show", first["id"]).out

    assert said.count("already_on_list: the person was on the list already\n") == 1
    assert shown.endswith("already_on_list: the person was on the list already\n")


def test_an_unknown_delivery_is_told_with_what_comes_nearest(told: Deployment) -> None:
    [listed] = _listed(told, "--kind", "missed_call")

    said = told.run("deliveries", "show", listed["id"][:-1])

    assert said.status == 1
    assert f"did you mean {listed['id']}?" in said.err


def test_somebody_without_an_address_is_named_by_id(empty: Deployment) -> None:
    nameless = cast.person(7, email=None)
    empty.hear(
        cast.event("conference.invitation", {"conference": soon(), "participants": [nameless]})
    )

    [found] = _listed(empty, "--recipient", nameless.id or "")

    assert found["recipient"] == nameless.id
    assert (found["state"], found["reason"]) == ("skipped", "no_mailbox")


def test_more_deliveries_than_fit_into_a_page_are_listed_once_each(empty: Deployment) -> None:
    people = [cast.person(number) for number in range(620)]
    calls = [
        {"caller": cast.ANNA, "recipient": each, "time": "2026-11-23T09:30:00Z"}
        for each in people[:230]
    ]
    empty.hear(
        cast.event("conference.invitation", {"conference": soon(), "participants": people}),
        *(cast.event("call.missed", call) for call in calls),
    )

    found = _listed(empty)

    assert len({each["id"] for each in found}) == len(found) == 620 + 230


@pytest.fixture
def finished(empty: Deployment) -> Deployment:
    """Boris's mail was sent, Chen's refused, Dana's overtaken."""
    applied = empty.run("settings", "apply", empty.file("settings.toml", SETTINGS))
    assert applied.status == 0, applied.err
    invited = [cast.BORIS, cast.CHEN, cast.DANA]
    empty.hear(cast.event("conference.invitation", {"conference": soon(), "participants": invited}))
    empty.with_parts(_finish)
    return empty


OUTCOMES: dict[str, Outcome] = {
    "boris@example.org": Accepted("250 2.0.0 queued"),
    "chen@example.cn": Refused("550 5.1.1 nobody lives here", bad_address=True),
    "dana@example.net": Stopped(Reason.CANCELLED),
}


async def _finish(parts: Parts) -> None:
    ids = [hint.delivery for hint in await parts.ledger.take(limit=10)]
    for claimed in await parts.ledger.claim(ids):
        outcome = OUTCOMES[claimed.delivery.recipient.address]
        now = datetime.now(UTC)
        after = advance(claimed.delivery, outcome, now=now, jitter=0)
        await parts.ledger.record([Ending(before=claimed.delivery, after=after)])


def test_a_finished_delivery_shows_its_reason(finished: Deployment) -> None:
    found = {each["recipient"]: (each["state"], each["reason"]) for each in _listed(finished)}

    assert found == {
        "boris@example.org": ("sent", "250 2.0.0 queued"),
        "chen@example.cn": ("failed", "550 5.1.1 nobody lives here"),
        "dana@example.net": ("superseded", "cancelled"),
    }


def test_what_failed_is_sent_again_with_the_same_message_id(finished: Deployment) -> None:
    [before] = _listed(finished, "--state", "failed")

    said = finished.run("deliveries", "resend", before["id"])

    assert said.status == 0, said.err
    [after] = _listed(finished, "--recipient", before["recipient"])
    assert (after["state"], after["attempts"]) == ("pending", 0)
    assert after["message_id"] == before["message_id"]
    assert finished.with_parts(_claimable) == {before["id"]}


async def _claimable(parts: Parts) -> set[str]:
    ids = [hint.delivery for hint in await parts.ledger.take(limit=10)]
    claims = await parts.ledger.claim(ids)
    return {each.delivery.id for each in claims if _pending_again(each.delivery)}


def _pending_again(delivery: Delivery) -> bool:
    return delivery.state is State.SENDING and delivery.attempts == 0


def test_what_cannot_be_sent_again_is_said_and_the_rest_is_done(finished: Deployment) -> None:
    [failed] = _listed(finished, "--state", "failed")
    ids = (failed["id"], "0" * 20)

    said = finished.run("deliveries", "resend", *ids)

    assert said.status == 1
    assert said.out == "1 of 2 will be sent again.\n"
    assert f"There is no delivery '{'0' * 20}'" in said.err


def test_what_waits_already_is_not_sent_twice(finished: Deployment) -> None:
    [failed] = _listed(finished, "--state", "failed")
    finished.run("deliveries", "resend", failed["id"])

    said = finished.run("deliveries", "resend", failed["id"])

    assert said.status == 1
    assert "it is pending" in said.err


def test_r45_no_block_of_a_server_is_got_round_by_sending_again(finished: Deployment) -> None:
    finished.run("settings", "apply", "-", given=b"[federation]\nblacklist=['*.example.net']")
    [his], [hers] = (
        _listed(finished, "--recipient", each) for each in ("chen@example.cn", "dana@example.net")
    )

    said = finished.run("deliveries", "resend", his["id"], hers["id"])

    assert (said.status, said.out) == (1, "1 of 2 will be sent again.\n")
    assert f"The delivery {hers['id']} cannot be sent again: somebody in it lives on a" in said.err
    assert "not let in by now (recipient at meet.example.net: *.example.net); change" in said.err


def test_what_has_no_usable_address_is_not_sent_again(empty: Deployment) -> None:
    nowhere = {**cast.plain(cast.BORIS), "email": "boris at example"}
    empty.hear(
        cast.event(
            "conference.invitation", {"conference": soon(), "participants": [nowhere]}, id="nowhere"
        )
    )
    [failed] = _listed(empty, "--state", "failed")

    said = empty.run("deliveries", "resend", failed["id"])

    assert said.status == 1
    assert "it is failed (address)" in said.err
    assert "no mail can go to its address" in said.err
