"""Claims about `notifier rejected`."""

import pytest

from tests import cast
from tests.cli.deployment import Deployment

NOISE = b"\x00\xff not an event"


@pytest.fixture
def buried(empty: Deployment) -> Deployment:
    """Two entries were no events: one is noise, one lacks its type."""
    halves = cast.samples()["call.missed"]
    del halves["type"]
    empty.put(NOISE)
    empty.put(cast.raw(halves))
    empty.hear()
    return empty


def test_what_was_no_event_is_listed_with_path_and_reason(buried: Deployment) -> None:
    newer, older = buried.run("rejected", "list", "--json").json

    assert (newer["path"], newer["reason"]) == (
        "$.type",
        "Object missing required field `type`",
    )
    assert older["bytes"] == len(NOISE)
    assert older["id"] in buried.run("rejected", "list").out


def test_a_limit_gives_the_newest(buried: Deployment) -> None:
    [only] = buried.run("rejected", "list", "--json", "--limit", "1").json

    assert only["path"] == "$.type"


def test_the_bytes_are_shown_as_they_came(buried: Deployment) -> None:
    older = buried.run("rejected", "list", "--json").json[1]

    said = buried.run("rejected", "show", older["id"])

    assert said.raw == NOISE


@pytest.mark.parametrize("entry", ["1-1", "nonsense"])
def test_an_unknown_entry_is_said_in_one_line(buried: Deployment, entry: str) -> None:
    said = buried.run("rejected", "show", entry)

    assert said.status == 1
    assert said.err.startswith(f"notifier: There is no rejected entry '{entry}'")
    assert said.err.count("\n") == 1


def test_what_is_replayed_is_heard_again_with_its_bytes(buried: Deployment) -> None:
    said = buried.run("rejected", "replay", "--all")

    assert (said.status, said.out) == (0, "2 put into the stream again.\n")
    assert buried.run("rejected", "list", "--json").json == []
    buried.hear()
    newer, older = buried.run("rejected", "list", "--json").json
    assert (newer["path"], older["bytes"]) == ("$.type", len(NOISE))


def test_one_entry_can_be_replayed_alone(buried: Deployment) -> None:
    newer, older = buried.run("rejected", "list", "--json").json

    said = buried.run("rejected", "replay", older["id"])

    assert said.status == 0
    assert [each["id"] for each in buried.run("rejected", "list", "--json").json] == [newer["id"]]


def test_a_wrong_id_replays_nothing(buried: Deployment) -> None:
    _, older = buried.run("rejected", "list", "--json").json

    said = buried.run("rejected", "replay", older["id"], "1-1")

    assert said.status == 1
    assert len(buried.run("rejected", "list", "--json").json) == 2
