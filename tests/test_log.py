"""A log line is one line, steers no terminal and names nobody, whatever was put into it."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier import log
from notifier.core.delivery import Delivery, Recipient, State
from notifier.lines import JsonLines, TextLines, harmless
from tests.cast import NOW

FORGED = "x\r\n2026-11-27 15:00:00.123 INFO notifier: accepted delivery=forged\x1b[2J\x9b31m\u202e"

BORIS = Recipient(key="boris", name="Boris Petit", address="boris@example.org")
DELIVERY = Delivery(
    id="d1",
    notice="n1",
    kind="invitation",
    recipient=BORIS,
    state=State.SENDING,
    created=NOW,
    updated=NOW,
)


class Written:
    """What a handler has written."""

    def __init__(self, style: type[logging.Formatter]) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(style())

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture(params=[TextLines, JsonLines])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Catch the lines of all loggers above DEBUG, in each style."""
    made = Written(request.param)
    root = logging.getLogger()
    before = root.level
    root.addHandler(made.handler)
    root.setLevel(logging.INFO)
    yield made
    root.setLevel(before)
    root.removeHandler(made.handler)


def lines(written: Written) -> list[str]:
    """The lines that begin as lines of a log do."""
    return [each for each in written.text.splitlines() if not each.startswith("    ")]


def broken(words: str) -> Exception:
    """Give a fault that was raised with these words, because of another with the same."""
    try:
        try:
            raise KeyError(words)
        except KeyError as fault:
            raise ValueError(words) from fault
    except ValueError as fault:
        return fault


def test_what_a_server_says_forges_no_line(written: Written) -> None:
    log.not_accepted(DELIVERY, FORGED)
    log.waiting_for("redis", FORGED)
    logging.getLogger("celery.app.trace").error("Task failed: %s", FORGED)

    assert len(lines(written)) == 3
    assert written.text.replace("\n", "").isprintable()


def test_the_words_of_a_fault_forge_no_line(written: Written) -> None:
    log.failed_to_deliver(DELIVERY, broken(FORGED))
    logging.getLogger("celery.app.trace").error("Task failed", exc_info=broken(FORGED))

    assert len(lines(written)) == 2
    assert written.text.replace("\n", "").isprintable()


def test_a_fault_of_ours_is_told_with_its_place_and_without_its_words(written: Written) -> None:
    log.failed_to_deliver(DELIVERY, broken("Boris Petit <boris@example.org>"))
    log.failed_to_apply("1-0", broken("Boris Petit <boris@example.org>"))

    assert written.text.count("builtins.ValueError, raised in") == 2
    assert written.text.count("builtins.KeyError, raised in") == 2
    assert "in broken" in written.text
    assert "Petit" not in written.text
    assert "boris" not in written.text


def test_whoever_asks_for_debug_is_told_the_words(written: Written) -> None:
    logging.getLogger().setLevel(logging.DEBUG)

    log.failed_to_apply("1-0", broken("no such month"))

    assert "no such month" in written.text


@pytest.mark.parametrize(
    "fault",
    [
        "550 <boris@example.org> no such user",
        '550 <"boris.petit"@example.org> no such user',
        "o'boris@example.org: unknown",
        "550 'boris@example.org'",
        "RCPT TO:<boris@[192.0.2.1]>",
        "connecting to redis://service:boris@redis:6379/0",
        "connecting to redis://:p@ss/boris@redis:6379/0",
        "connecting to rediss://service:boris(1)@redis:6379/0",
    ],
)
def test_addresses_and_passwords_are_left_out(written: Written, fault: str) -> None:
    log.waiting_for("redis", fault)
    logging.getLogger("celery.worker").error("%s", fault, exc_info=broken(fault))

    assert "boris" not in written.text
    assert "@…" in written.text or "…@" in written.text


def test_what_redis_was_to_write_is_left_out(written: Written) -> None:
    fault = (
        "Command # 2 (HSET notifier:delivery:1 name Boris (Petit)) of pipeline caused error: OOM"
    )

    log.failed_to_commit("1-0", ValueError(fault))
    logging.getLogger("celery.app.trace").error("Task failed", exc_info=ValueError(fault))

    assert written.text.count("Command # 2 of pipeline caused error: OOM") == 2


def test_json_stays_json(written: Written) -> None:
    log.not_accepted(DELIVERY, FORGED)
    log.failed_to_apply("1-0", broken(FORGED))

    if isinstance(written.handler.formatter, JsonLines):
        told: list[dict[str, Any]] = [json.loads(each) for each in lines(written)]
        assert [each["message"] for each in told] == ["not accepted", "failed to apply"]


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (State.SUPERSEDED, logging.INFO),
        (State.PENDING, logging.WARNING),
        (State.EXPIRED, logging.WARNING),
        (State.FAILED, logging.WARNING),
    ],
)
def test_that_something_newer_is_told_instead_wakes_nobody(
    caplog: pytest.LogCaptureFixture, state: State, level: int
) -> None:
    caplog.set_level(logging.INFO)

    log.not_accepted(msgspec.structs.replace(DELIVERY, state=state), "newer_revision")

    assert [each.levelno for each in caplog.records] == [level]


def test_what_ends_a_process_is_told_as_everything_else(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    log.set_up("text", "INFO")
    root.handlers[:] = [written.handler]
    fault = broken("boris@example.org\x1b[2J")

    sys.excepthook(type(fault), fault, fault.__traceback__)

    assert "ended by a fault" in written.text
    assert "boris" not in written.text
    assert written.text.replace("\n", "").isprintable()


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    told = harmless(text)

    assert "\n" not in told
    assert len(told.splitlines()) <= 1


def test_a_long_word_is_read_once() -> None:
    # Read anew from each of its letters, this would take minutes.
    told = harmless("a" * 1_000_000 + " boris@example.org")

    assert len(told) == 2_000


CHATTY = """
import resource, sys
from notifier import log
log.set_up(sys.argv[1], "INFO")
for _ in range(2000):
    log.started("listen")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(30_000):
    log.started("listen")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("style", ["text", "json"])
def test_lines_that_a_full_disk_does_not_take_are_kept_by_nobody(style: str) -> None:
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            [sys.executable, "-c", CHATTY, style],
            stdout=subprocess.PIPE,
            stderr=full,
            timeout=60,
            check=True,
        )

    # Kilobytes; the lines are three thousand of them.
    assert int(said.stdout) < 1000
