"""Claims about `notifier suppressions`, and what other commands say of suppressed addresses."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.core.delivery import advance
from notifier.core.outcomes import Refused
from notifier.core.suppression import after_refusal
from notifier.ports.ledger import Ending
from notifier.wiring import Parts
from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, soon

ADDRESS = "boris@example.org"


@pytest.fixture
def refused(empty: Deployment) -> Deployment:
    """A server said that nobody lives at Boris's address; Chen's invitation still waits."""
    applied = empty.run("settings", "apply", empty.file("settings.toml", SETTINGS))
    assert applied.status == 0, applied.err
    invited = [cast.BORIS, cast.CHEN]
    empty.hear(cast.event("conference.invitation", {"conference": soon(), "participants": invited}))
    empty.with_parts(_refuse)
    return empty


async def _refuse(parts: Parts) -> None:
    [row] = [each for each in await _waiting(parts) if each.delivery.recipient.address == ADDRESS]
    outcome = Refused("550 5.1.1 nobody lives here", bad_address=True)
    after = advance(row.delivery, outcome, now=datetime.now(UTC), jitter=0)
    await parts.ledger.record([Ending(before=row.delivery, after=after)])
    found = after_refusal(after, outcome)
    assert found
    await parts.ledger.suppress(found)


async def _waiting(parts: Parts) -> list[Any]:
    return await parts.ledger.claim([each.delivery for each in await parts.ledger.take(limit=10)])


def test_the_list_says_which_address_why_and_until_when(refused: Deployment) -> None:
    [failed] = refused.run("deliveries", "list", "--state", "failed", "--json").json

    [found] = refused.run("suppressions", "list", "--json").json

    assert (found["address"], found["status"]) == (ADDRESS, "5.1.1")
    assert found["reason"] == "550 5.1.1 nobody lives here"
    assert found["delivery"] == failed["id"]
    assert _days(found) == 90
    assert ADDRESS in refused.run("suppressions", "list").out


def _days(found: dict[str, str]) -> int:
    since, until = (datetime.fromisoformat(found[name]) for name in ("since", "until"))
    return (until - since).days


@pytest.mark.parametrize(("asked", "count"), [("BORIS@example.org", 1), ("chen@example.cn", 0)])
def test_one_address_is_asked_for_in_any_spelling(
    refused: Deployment, asked: str, count: int
) -> None:
    assert len(refused.run("suppressions", "list", "--address", asked, "--json").json) == count


def test_a_cleared_address_gets_mail_again(refused: Deployment) -> None:
    [failed] = refused.run("deliveries", "list", "--state", "failed", "--json").json
    refusing = refused.run("deliveries", "resend", failed["id"])

    said = refused.run("suppressions", "clear", "Boris@Example.org")

    assert refusing.status == 1
    assert "5.1.1" in refusing.err
    assert "notifier suppressions clear" in refusing.err
    assert (said.status, said.out) == (0, "1 of 1 cleared.\n")
    assert refused.run("suppressions", "list", "--json").json == []
    assert refused.run("deliveries", "resend", failed["id"]).status == 0


def test_what_was_skipped_can_be_sent_once_its_address_is_cleared(refused: Deployment) -> None:
    call = {"caller": cast.ANNA, "recipient": cast.BORIS, "time": "2026-11-23T09:30:00Z"}
    refused.hear(cast.event("call.missed", call))
    refused.with_parts(_skip)
    [skipped] = refused.run("deliveries", "list", "--state", "skipped", "--json").json
    too_early = refused.run("deliveries", "resend", skipped["id"])
    refused.run("suppressions", "clear", "--all")

    again = refused.run("deliveries", "resend", skipped["id"])

    assert skipped["reason"].startswith("suppressed: 5.1.1 since ")
    assert too_early.status == 1
    assert again.status == 0, again.err


async def _skip(parts: Parts) -> None:
    ids = [each.delivery for each in await parts.ledger.take(limit=10)]
    settings = await parts.settings.current()
    for claimed in await parts.ledger.claim(ids):
        await parts.courier.deliver(claimed, settings)


def test_an_address_that_is_not_on_the_list_is_said(refused: Deployment) -> None:
    said = refused.run("suppressions", "clear", "chen@example.cn", ADDRESS)

    assert said.status == 1
    assert said.out == "1 of 2 cleared.\n"
    assert "'chen@example.cn' is not suppressed" in said.err


def test_clear_wants_addresses_or_all(refused: Deployment) -> None:
    assert refused.run("suppressions", "clear").status == 2
    assert refused.run("suppressions", "clear", ADDRESS, "--all").status == 2
    assert refused.run("suppressions", "clear", "--all").out == "1 cleared.\n"


def test_a_dry_run_says_who_is_suppressed(refused: Deployment) -> None:
    call = {"caller": cast.ANNA, "recipient": cast.BORIS, "time": "2026-11-23T09:30:00Z"}
    event = cast.event("call.missed", call)

    [found] = refused.run("explain", "-", "--json", given=cast.raw(event)).json

    assert (found["decision"], found["subject"]) == ("skip", "")
    assert found["reason"].startswith("suppressed: 5.1.1 since ")


def test_the_doctor_counts_the_suppressed(refused: Deployment) -> None:
    looks = {each["name"]: each for each in refused.run("doctor", "--json").json}

    assert looks["suppressed"]["status"] == "ok"
    assert looks["suppressed"]["found"].startswith("1 addresses get no mail")
