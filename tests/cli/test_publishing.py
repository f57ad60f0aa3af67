"""Claims about `notifier publish`."""

import json
from typing import Any

import pytest

from tests import cast
from tests.cli.deployment import Deployment
from tests.redis_servers import free_port


def _stream(deployment: Deployment) -> list[bytes]:
    entries = deployment.with_parts(lambda parts: parts.client.xrange("notifier:events"))
    return [fields[b"event"] for _id, fields in entries]


def _event() -> dict[str, Any]:
    return cast.samples()["conference.invitation"]


def test_one_event_over_several_lines_is_published_as_it_is(empty: Deployment) -> None:
    text = json.dumps(_event(), indent=2)

    said = empty.run("publish", empty.file("event.json", text))

    assert said.status == 0, said.err
    assert said.out == "1 published.\n"
    assert json.loads(_stream(empty)[0]) == json.loads(text)


def test_every_line_of_a_pipe_is_published_in_order(empty: Deployment) -> None:
    events = [cast.raw(each) for each in cast.samples().values()]

    said = empty.run("publish", "-", given=b"\n".join(events) + b"\n\n")

    assert said.status == 0, said.err
    assert said.out == f"{len(events)} published.\n"
    assert _stream(empty) == events


def test_an_array_of_events_is_published_one_by_one(empty: Deployment) -> None:
    events = list(cast.samples().values())

    said = empty.run("publish", empty.file("events.json", json.dumps(events, indent=1)))

    assert said.status == 0, said.err
    assert [json.loads(each) for each in _stream(empty)] == events


def test_a_wrong_event_is_named_and_the_others_are_published(empty: Deployment) -> None:
    wrong = _event()
    wrong["data"]["participants"][1]["email"] = 5
    lines = [cast.raw(_event()), cast.raw(wrong), b"{not json}", cast.raw(_event())]
    file = empty.file("events.jsonl", b"\n".join(lines))

    said = empty.run("publish", file)

    assert said.status == 1
    assert said.out == "2 published, 2 refused.\n"
    first, second = said.err.splitlines()
    assert first.startswith(f"{file}, line 2: $.data.participants[1].email: ")
    assert second.startswith(f"{file}, line 3: $: not JSON")
    assert len(_stream(empty)) == 2


def test_json_tells_what_was_refused_and_where(empty: Deployment) -> None:
    said = empty.run("publish", "-", "--json", given=cast.raw(_event()) + b'\n{"id": "1"}\n')

    assert said.status == 1
    assert said.json["published"] == 1
    [refused] = said.json["refused"]
    assert (refused["line"], refused["path"]) == (2, "$.specversion")


def test_a_broken_document_is_named_by_the_line_of_the_fault(empty: Deployment) -> None:
    said = empty.run("publish", "-", given=b'{\n  "specversion": "1.0",\n  oops\n}\n')

    assert said.status == 1
    assert said.err.startswith("standard input, line 3: $: not JSON")


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file_is_a_mistake(empty: Deployment, text: str) -> None:
    said = empty.run("publish", empty.file("empty.json", text))

    assert said.status == 1
    assert "holds no event" in said.err


def test_a_missing_file_is_said_in_one_line(empty: Deployment) -> None:
    said = empty.run("publish", "nowhere.json")

    assert said.status == 1
    assert said.err.startswith("notifier: nowhere.json cannot be read (No such file or directory)")
    assert said.err.count("\n") == 1


def test_a_redis_that_is_away_is_said_in_one_line(empty: Deployment) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"

    said = empty.run("publish", "-", given=cast.raw(_event()), NOTIFIER_REDIS_URL=away)

    assert said.status == 1
    assert "NOTIFIER_REDIS_URL" in said.err
    assert said.err.count("\n") == 1


def test_thousands_of_events_arrive_complete_and_in_order(empty: Deployment) -> None:
    events = [cast.raw(cast.event("recipient.bounced", _bounce(n))) for n in range(2345)]

    said = empty.run("publish", empty.file("many.jsonl", b"\n".join(events)))

    assert said.status == 0, said.err
    assert _stream(empty) == events


def _bounce(number: int) -> dict[str, str]:
    return {"address": f"user{number}@example.org", "status": "5.1.1"}
