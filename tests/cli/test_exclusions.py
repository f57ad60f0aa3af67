"""Claims about whom federation keeps out, as commands tell it: who, where, and by which mask."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, soon
from tests.redis_servers import PrivateRedis

CLOSED = SETTINGS + 'blacklist = ["a.example", "*.example.net"]\n'
WORDS = "federation (recipient at meet.example.net: *.example.net)"
EXCLUDED = {"party": "recipient", "server": "meet.example.net", "by": "*.example.net"}
INVITED = cast.event(
    "conference.invitation", {"conference": soon(), "participants": [cast.BORIS, cast.DANA]}
)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Anna has invited Boris and Dana, whose server is kept out; the tests look only."""
    folder: Path = tmp_path_factory.mktemp("closed")
    (folder / "templates").mkdir()
    with PrivateRedis() as redis:
        deployment = Deployment(redis, folder)
        applied = deployment.run("settings", "apply", deployment.file("settings.toml", CLOSED))
        assert applied.status == 0, applied.err
        deployment.hear(INVITED)
        yield deployment


def test_the_list_says_beside_the_reason_who_was_kept_out_and_by_which_mask(
    closed: Deployment,
) -> None:
    table = closed.run("deliveries", "list").out
    found = closed.run("deliveries", "list", "--json").json

    assert WORDS in table
    assert "federation: somebody in it lives on a server that is not let in" in table
    assert {each["recipient"]: (each["reason"], each["excluded"]) for each in found} == {
        "boris@example.org": ("", None),
        "dana@example.net": ("federation", EXCLUDED),
    }


def test_so_do_one_delivery_and_the_refusal_to_send_it_again(closed: Deployment) -> None:
    [skipped] = closed.run("deliveries", "list", "--json", "--state", "skipped").json

    table = closed.run("deliveries", "show", skipped["id"]).out
    found = closed.run("deliveries", "show", skipped["id"], "--json").json
    refused = closed.run("deliveries", "resend", skipped["id"])

    assert "recipient at meet.example.net: *.example.net" in table
    assert found["excluded"] == EXCLUDED
    assert (refused.status, WORDS in refused.err) == (1, True)


def test_so_does_a_dry_run_and_speaks_of_nobody_else(closed: Deployment) -> None:
    given = cast.raw(
        cast.event(
            "call.missed",
            {"caller": cast.DANA, "recipient": cast.BORIS, "time": "2026-11-23T09:30:00Z"},
        )
    )
    told = cast.raw(
        cast.event("call.missed", {"caller": cast.ANNA, "recipient": cast.BORIS, "time": cast.NOW})
    )

    table = closed.run("explain", "-", given=given).out
    [found] = closed.run("explain", "-", "--json", given=given).json
    [other] = closed.run("explain", "-", "--json", given=told).json

    assert "federation (caller at meet.example.net: *.example.net)" in table
    assert (found["reason"], found["excluded"]) == ("federation", EXCLUDED | {"party": "caller"})
    assert "excluded" not in other
