"""Claims about the API as a whole: who is answered, and how it says what is wrong."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from notifier.adapters.connection import connect
from notifier.config import load
from notifier.panel import create_app
from tests.panel.api import BEARER, TOKEN, Client, opened
from tests.redis_servers import PrivateRedis, free_port
from tests.smtp_servers import wait_until


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with PrivateRedis() as redis, opened(redis.url, tmp_path_factory.mktemp("api")) as client:
        yield client


def test_who_bears_the_token_is_answered(api: Client) -> None:
    answer = api.get("/api/v1/federation")

    assert answer.status_code == 200
    assert answer.json()["mode"] == "disabled"


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "ÿ"],
)
def test_who_bears_none_or_a_wrong_one_is_told_what_to_send(api: Client, given: str) -> None:
    answer = api.get("/api/v1/federation", headers=[(b"Authorization", given.encode("latin-1"))])

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert "`Authorization: Bearer TOKEN`" in answer.json()["detail"]


def test_the_scheme_may_be_written_in_any_case(api: Client) -> None:
    answer = api.get("/api/v1/federation", headers={"Authorization": f"bearer {TOKEN}"})

    assert answer.status_code == 200


def test_without_a_token_nobody_is_answered_and_the_sentence_says_how_to_set_one() -> None:
    app = create_app(load({}), connect("unix:///nowhere/redis.sock"))

    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        answer = client.get("/api/v1/federation", headers={"Authorization": "Bearer None"})

    assert answer.status_code == 403
    assert "NOTIFIER_API_TOKEN" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("POST", "/api/v1/federation", 405),
        ("GET", "/nowhere", 404),
    ],
)
def test_what_is_asked_wrongly_is_answered_by_problem_details(
    api: Client, method: str, path: str, status: int
) -> None:
    answer = api.request(method, path)

    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"]


def test_a_redis_that_is_away_is_said(tmp_path: Path) -> None:
    with opened("unix:///nowhere/redis.sock", tmp_path) as client:
        answer = client.get("/api/v1/federation")

    assert answer.status_code == 503
    assert "Redis" in answer.json()["detail"]


def test_a_frozen_redis_is_not_waited_for(tmp_path: Path) -> None:
    with PrivateRedis() as redis, opened(redis.url, tmp_path, patience_seconds=0.5) as client:
        assert client.get("/api/v1/federation").status_code == 200
        redis.freeze()
        try:
            read = client.get("/api/v1/federation")
            changed = client.post("/api/v1/federation/whitelist", json={"mask": "a.example"})
        finally:
            redis.thaw()

    assert (read.status_code, changed.status_code) == (503, 503)
    # What only looks changes nothing.
    assert "not known" not in read.json()["detail"]
    assert "not known whether a change was made" in changed.json()["detail"]


def test_a_token_of_any_letters_is_known(tmp_path: Path) -> None:
    bearer = "Bearer пароль".encode()

    with opened("unix:///nowhere/redis.sock", tmp_path, token="пароль") as client:
        wrong = client.get("/api/v1/federation", headers=[(b"Authorization", bearer[:-1])])
        right = client.get("/api/v1/federation", headers=[(b"Authorization", bearer)])

    # Who is let in hears of the Redis that is not there.
    assert (wrong.status_code, right.status_code) == (401, 503)


def test_the_panels_process_answers_who_bears_its_token(tmp_path: Path) -> None:
    port = free_port()
    with PrivateRedis() as redis:
        environ = {
            "NOTIFIER_REDIS_URL": redis.url,
            "NOTIFIER_DATA": str(tmp_path),
            "NOTIFIER_API_TOKEN": TOKEN,
            "NOTIFIER_PANEL_PORT": str(port),
        }
        process = subprocess.Popen([sys.executable, "-m", "notifier.panel"], env=environ)
        try:
            wait_until(lambda: _status(port, BEARER) == 200, what="the panel")

            assert _status(port, {}) == 401
        finally:
            process.terminate()
            process.wait(timeout=10)


def _status(port: int, headers: dict[str, str]) -> int | None:
    """Give the status of an answer over a socket; None while nobody listens."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/v1/federation", headers=headers).status_code
    except httpx.TransportError:
        return None


def test_the_description_names_every_route_and_the_token(api: Client) -> None:
    answer = api.get("/api/v1/openapi.json")

    described = answer.json()
    assert answer.status_code == 200
    assert "/api/v1/federation" in described["paths"]
    assert "/healthz" not in described["paths"]
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
