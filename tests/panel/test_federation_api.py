"""Claims about `/api/v1/federation`: what an administrator can do at the command line, by HTTP."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.panel.api import Client, apply, opened
from tests.redis_servers import PrivateRedis

FEDERATION = "/api/v1/federation"


@dataclass
class Panel:
    """A panel with its Redis and its folder."""

    server: PrivateRedis
    folder: Path
    client: Client


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    folder = tmp_path_factory.mktemp("api")
    with PrivateRedis() as server, opened(server.url, folder) as client:
        yield Panel(server, folder, client)


@pytest.fixture
def store(running: Panel) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(running.server.url) as client:
        yield client


@pytest.fixture
def api(running: Panel, store: "redis.Redis") -> Client:
    """Give the API over settings that nobody has touched."""
    store.flushall()
    return running.client


def masks(api: Client, name: str) -> list[str]:
    return [each["mask"] for each in api.get(FEDERATION).json()[name]]


def add(api: Client, mask: str, **more: Any) -> Any:
    answer = api.post(f"{FEDERATION}/whitelist", json={"mask": mask, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_mask_that_is_added_is_there_with_its_comment_and_the_day(api: Client) -> None:
    change = add(api, "*.Exämple.org", comment="by Lyon")

    [entry] = api.get(FEDERATION).json()["whitelist"]
    assert change["added"] == [entry]
    assert change["revision"] == 1
    assert (entry["mask"], entry["comment"]) == ("*.Exämple.org", "by Lyon")
    assert entry["normalised"] == "*.xn--exmple-cua.org"
    assert abs((datetime.now(UTC).date() - datetime.fromisoformat(entry["added"]).date()).days) < 2


def test_adding_twice_does_no_harm(api: Client) -> None:
    add(api, "*.example.org")

    change = add(api, "*.EXAMPLE.org.")

    assert (change["added"], change["revision"]) == ([], 1)
    assert masks(api, "whitelist") == ["*.example.org"]


def test_a_mask_is_taken_off_by_any_spelling(api: Client) -> None:
    add(api, "*.kö.example")

    change = api.delete(f"{FEDERATION}/whitelist/*.xn--k-1ga.EXAMPLE").json()

    assert [each["mask"] for each in change["removed"]] == ["*.kö.example"]
    assert masks(api, "whitelist") == []


def test_what_is_not_there_is_said_with_what_may_be_meant(api: Client) -> None:
    add(api, "vc.example.org")

    answer = api.delete(f"{FEDERATION}/whitelist/vc.example.ogr")

    assert answer.status_code == 404
    assert "did you mean vc.example.org?" in answer.json()["detail"]


def test_the_mode_is_set_and_a_check_follows_it(running: Panel, api: Client) -> None:
    apply(running.server.url, running.folder, {"server": {"domain": "conf.example.com"}})
    add(api, "*.example.org", comment="ours")

    assert not api.get(f"{FEDERATION}/check/vc.example.org").json()["admitted"]
    change = api.put(f"{FEDERATION}/mode", json={"mode": "whitelist"}).json()

    assert (change["mode"], change["changed"]) == ("whitelist", True)
    answer = api.get(f"{FEDERATION}/check/VC.example.org").json()
    assert answer["admitted"]
    assert answer["name"] == "vc.example.org"
    assert answer["entry"]["comment"] == "ours"
    assert not api.get(f"{FEDERATION}/check/elsewhere.example").json()["admitted"]


@pytest.mark.parametrize(
    ("asked", "body", "status", "said"),
    [
        ("POST whitelist", {"mask": "10.0.0.1"}, 400, "10.0.0.1"),
        (
            "POST whitelist",
            {"mask": "a.example", "note": 1},
            400,
            "`note`; allowed are mask, comment",
        ),
        ("POST whitelist", {"comment": "ours"}, 400, "`mask`"),
        ("POST whitelist", {"mask": 1}, 400, "mask: Expected `str`"),
        ("POST whitelist", {"mask": "a.example", "comment": "x" * 1001}, 400, "comment"),
        ("POST whitelist", None, 400, "no body"),
        ("POST whitelits", {"mask": "a.example"}, 404, "did you mean whitelist?"),
        ("POST mode", {"mask": "a.example"}, 405, "takes no POST"),
        ("PUT mode", {"mode": "open"}, 400, "allowed are disabled, whitelist, blacklist"),
        ("PUT mode", {"mode": 1}, 400, "mode: Expected `str`"),
        ("GET check/10.0.0.1", None, 400, "give the full name of one server"),
        ("GET check/*.example.org", None, 400, "is a mask"),
    ],
)
def test_what_is_asked_wrongly_changes_nothing_and_is_said(
    api: Client, asked: str, body: object, status: int, said: str
) -> None:
    method, path = asked.split()

    answer = api.request(method, f"{FEDERATION}/{path}", json=body)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert api.get(FEDERATION).json()["whitelist"] == []


def test_a_body_that_is_no_json_or_too_large_is_refused(api: Client) -> None:
    broken = api.post(f"{FEDERATION}/whitelist", content=b"mask=a.example")
    large = api.post(f"{FEDERATION}/whitelist", content=b" " * 70_000)

    assert (broken.status_code, large.status_code) == (400, 413)
    assert "JSON" in broken.json()["detail"]
    assert "too large" in large.json()["detail"]


def test_a_change_leaves_a_line_in_the_log(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "notifier"):
        add(api, "*.example.org")
        api.delete(f"{FEDERATION}/whitelist/*.example.org")
        api.put(f"{FEDERATION}/mode", json={"mode": "blacklist"})

    facts = [each.__dict__["facts"] for each in caplog.records if "federation" in each.message]
    assert facts == [
        {"by": "api", "act": "add", "list": "whitelist", "mask": "*.example.org"},
        {"by": "api", "act": "remove", "list": "whitelist", "mask": "*.example.org"},
        {"by": "api", "act": "mode", "before": "disabled", "now": "blacklist"},
    ]


def test_nothing_is_changed_in_a_redis_that_forgets(api: Client, store: "redis.Redis") -> None:
    store.config_set("maxmemory-policy", "allkeys-lru")
    try:
        answer = api.post(f"{FEDERATION}/whitelist", json={"mask": "a.example"})
    finally:
        store.config_set("maxmemory-policy", "noeviction")

    assert answer.status_code == 503
    assert "maxmemory-policy" in answer.json()["detail"]
    assert masks(api, "whitelist") == []


def test_modes_and_lists_are_described_by_what_there_is(api: Client) -> None:
    described = api.get("/api/v1/openapi.json").json()

    [name] = described["paths"][f"{FEDERATION}/{{name}}"]["post"]["parameters"]
    schemas = described["components"]["schemas"]
    modes = [
        fields["mode"]["enum"]
        for fields in (schema.get("properties", {}) for schema in schemas.values())
        if "mode" in fields
    ]
    assert name["schema"]["enum"] == ["whitelist", "blacklist"]
    assert modes == [["disabled", "whitelist", "blacklist"]] * 4


def test_each_field_is_described(api: Client) -> None:
    schemas = api.get("/api/v1/openapi.json").json()["components"]["schemas"]

    ours = ("ListedEntry", "FederationShown", "ListChange", "ModeChange", "Admitted", "NewEntry")
    for name in (*ours, "NewMode", "Ways", "Way"):
        undescribed = [
            field
            for field, said in schemas[name]["properties"].items()
            if not said.get("description")
        ]
        assert undescribed == [], name


def test_problems_are_described_as_they_are(api: Client) -> None:
    described = api.get("/api/v1/openapi.json").json()

    answers = described["paths"][f"{FEDERATION}/{{name}}"]["post"]["responses"]
    assert set(answers) == {"200", "400", "401", "403", "404", "503"}
    assert list(answers["400"]["content"]) == ["application/problem+json"]
