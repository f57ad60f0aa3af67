"""Claims about what the panel tells, and to whom."""

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from litestar.testing import TestClient

from notifier.adapters import keys
from notifier.adapters.connection import connect
from notifier.adapters.rows import NOTICED, fields_of
from notifier.config import Config, load
from notifier.core.delivery import Delivery, Recipient, State
from notifier.panel import create_app
from notifier.panel.app import span
from tests.cast import NOW as MONDAY
from tests.redis_servers import PrivateRedis, free_port
from tests.smtp_servers import wait_until

NOW = MONDAY.timestamp()
PATHS = ["/", "/healthz", "/readyz", "/look.css", "/panel.css", "/icon.svg", "/nowhere"]

Client = TestClient[Any]


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateRedis]:
    with PrivateRedis() as running:
        yield running


@pytest.fixture
def store(server: PrivateRedis) -> Iterator["redis.Redis"]:
    """What the panel reads, empty but for parts that are well."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        for part in ("listen", "worker", "beat"):
            beat(client, part, ago=0.4)
        yield client


@pytest.fixture
def panel(server: PrivateRedis, store: "redis.Redis") -> Iterator[Client]:
    with opened(server.url, load({})) as client:
        yield client


def opened(url: str, config: Config) -> Client:
    app = create_app(config, connect(url), clock=lambda: NOW)
    return TestClient(app, base_url="http://127.0.0.1:8080")


def beat(store: "redis.Redis", part: str, *, ago: float) -> None:
    store.set(keys.HEARTBEAT + part, f"{NOW - ago:.3f}")


# Probes


def test_the_process_is_healthy_whatever_has_become_of_redis() -> None:
    with opened("unix:///nowhere/redis.sock", load({})) as panel:
        assert panel.get("/healthz").status_code == 200


def test_it_is_ready_while_listener_and_worker_make_progress(panel: Client) -> None:
    answer = panel.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"ready": True, "hindrances": {}})


@pytest.mark.parametrize("part", ["listen", "worker"])
def test_a_part_without_progress_hinders_and_is_named(
    panel: Client, store: "redis.Redis", part: str
) -> None:
    beat(store, part, ago=11)

    answer = panel.get("/readyz")

    assert answer.status_code == 503
    assert list(answer.json()["hindrances"]) == [part]
    assert "no progress for 11 seconds" in answer.json()["hindrances"][part]


def test_a_quarantine_hinders_and_says_why(panel: Client, store: "redis.Redis") -> None:
    store.hset(keys.QUARANTINE, mapping={"since": "1", "reason": "a copy", "point": "0-0"})

    answer = panel.get("/readyz")

    assert answer.status_code == 503
    assert "a copy" in answer.json()["hindrances"]["quarantine"]
    assert "notifier resume" in panel.get("/").text


def test_a_part_that_was_never_there_hinders(panel: Client, store: "redis.Redis") -> None:
    store.delete(keys.HEARTBEAT + "worker")

    assert panel.get("/readyz").json()["hindrances"] == {"worker": "has never shown life"}


def test_a_silent_beat_hinders_no_mail_but_is_shown(panel: Client, store: "redis.Redis") -> None:
    beat(store, "beat", ago=300)

    assert panel.get("/readyz").status_code == 200
    assert "silent for 5 min" in panel.get("/").text
    assert "needs attention" in panel.get("/").text


def test_without_redis_it_is_not_ready_and_the_page_says_why() -> None:
    with opened("unix:///nowhere/redis.sock", load({})) as panel:
        assert list(panel.get("/readyz").json()["hindrances"]) == ["redis"]
        page = panel.get("/")

    assert page.status_code == 200
    assert "does not answer" in page.text


def test_a_frozen_redis_is_not_waited_for(server: PrivateRedis, panel: Client) -> None:
    server.freeze()
    try:
        answer = panel.get("/readyz")
    finally:
        server.thaw()

    assert (answer.status_code, list(answer.json()["hindrances"])) == (503, ["redis"])


# The front page


def test_the_page_shows_a_delivery_by_kind_and_id_and_names_nobody(
    panel: Client, store: "redis.Redis"
) -> None:
    remember(store, delivery("d0d0", state="sent", why="250 2.1.5 <anna@example.com> ok"))

    page = panel.get("/").text

    assert "d0d0" in page
    assert "missed call" in page
    assert not re.search("anna|keller|@|2.1.5", page, re.IGNORECASE)


def test_the_page_shows_the_kind_of_what_leaves_that_to_its_notice(
    panel: Client, store: "redis.Redis"
) -> None:
    remember(store, delivery("d0d0", state="sent"))
    store.hdel(keys.delivery("d0d0"), *NOTICED)
    store.set(keys.notice("n"), b'{"kind": "missed_call", "created": "2026-11-23T09:30:00Z"}')

    page = panel.get("/").text

    assert "d0d0" in page
    assert "missed call" in page


def test_the_page_shows_how_much_waits_and_since_when(panel: Client, store: "redis.Redis") -> None:
    remember(store, delivery("d1", state="pending"))
    store.hset(keys.delivery("d1"), "made", f"{NOW - 600:.3f}")
    store.zadd(keys.READY, {"d1": NOW})
    store.zadd(keys.LATER, {"d2": NOW, "d3": NOW})

    page = one_line(panel.get("/").text)

    assert "<dt>Ready to go</dt><dd>1</dd>" in page
    assert "<dt>To be tried later</dt><dd>2</dd>" in page
    assert "<dt>Longest wait</dt><dd>10 min</dd>" in page


def test_the_page_shows_events_that_nobody_has_read(panel: Client, store: "redis.Redis") -> None:
    store.xgroup_create(keys.EVENTS, keys.GROUP, id="0", mkstream=True)
    store.xadd(keys.EVENTS, {"event": "{}"}, id=f"{int((NOW - 90) * 1000)}-0")

    page = one_line(panel.get("/").text)

    assert '<th scope="row">Oldest unread</th><td class="number">90 s</td>' in page


def test_the_page_shows_the_totals_in_words(panel: Client, store: "redis.Redis") -> None:
    store.hset(keys.COUNTERS, "deliveries_sent", 12)

    page = one_line(panel.get("/").text)

    assert '<th scope="row">Deliveries sent</th><td class="number">12</td>' in page


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.42, "0.4 s"), (12, "12 s"), (600, "10 min"), (10_800, "3 h"), (200_000, "2 d")],
)
def test_a_span_is_said_in_one_unit(seconds: float, said: str) -> None:
    assert span(seconds) == said


# Safety


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_strict(panel: Client, path: str) -> None:
    headers = panel.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy  # no page has one, so none may run
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_page_loads_nothing_from_elsewhere(panel: Client) -> None:
    page = panel.get("/").text

    loaded = re.findall(r'(?:src|<link[^>]*href)="?([^" >]+)', page)
    assert loaded
    assert all(panel.get(path).status_code == 200 for path in loaded if path.startswith("/"))
    assert [path for path in loaded if not path.startswith("/")] == []


def test_on_loopback_a_foreign_name_is_refused(panel: Client) -> None:
    assert panel.get("/", headers={"Host": "evil.example:8080"}).status_code == 421
    assert panel.get("/", headers={"Host": "localhost:8080"}).status_code == 200


def test_behind_a_proxy_any_name_will_do(server: PrivateRedis, store: "redis.Redis") -> None:
    config = load({"NOTIFIER_PANEL_HOST": "0.0.0.0"})

    with opened(server.url, config) as panel:
        assert panel.get("/", headers={"Host": "panel.example.com"}).status_code == 200


# The process


def test_the_panel_serves_and_ends_when_it_is_told_to(server: PrivateRedis) -> None:
    port = free_port()
    environ = {"NOTIFIER_REDIS_URL": server.url, "NOTIFIER_PANEL_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "notifier.panel"], env=environ)
    try:
        wait_until(lambda: answers(port), what="the panel")
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def delivery(name: str, *, state: str, why: str = "") -> Delivery:
    return Delivery(
        id=name,
        notice="n",
        kind="missed_call",
        recipient=Recipient(key="anna@x", name="Anna Keller", address="anna@example.com"),
        state=State(state),
        created=MONDAY,
        updated=MONDAY,
        reason=why,
    )


def remember(store: "redis.Redis", made: Delivery) -> None:
    store.zadd(keys.NOTICES, {made.notice: NOW})
    store.rpush(keys.notice_deliveries(made.notice), made.id)
    row: dict[Any, Any] = dict(fields_of(made))
    store.hset(keys.delivery(made.id), mapping=row)


def one_line(page: str) -> str:
    return re.sub(r">\s+<", "><", page)
