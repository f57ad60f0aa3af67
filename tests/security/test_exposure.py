"""What is open to more than this machine is said when everything starts."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from notifier.config import load
from notifier.exposure import exposures
from tests.smtp_servers import wait_until
from tests.supervised import part


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"NOTIFIER_PANEL_HOST": "0.0.0.0"}, "panel listens on 0.0.0.0 and asks nobody"),
        ({"NOTIFIER_PANEL_HOST": "::"}, "leave NOTIFIER_PANEL_HOST out"),
        ({"NOTIFIER_FLOWER_HOST": "192.0.2.1"}, "flower listens on 192.0.2.1"),
        ({"NOTIFIER_REDIS_URL": "redis://me@redis.example/0"}, "Redis at redis://redis.example/0"),
        ({"NOTIFIER_REDIS_URL": "rediss://192.0.2.1:6379"}, "lets everybody in who reaches it"),
    ],
)
def test_an_open_door_is_said(environ: dict[str, str], said: str) -> None:
    [sentence] = exposures(load(environ))

    assert said in sentence


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"NOTIFIER_PANEL_HOST": "localhost", "NOTIFIER_FLOWER_HOST": "::1"},
        {"NOTIFIER_REDIS_URL": "redis://127.0.0.1:6379/0"},
        {"NOTIFIER_REDIS_URL": "redis://:hush@redis.example/0"},
        {"NOTIFIER_REDIS_URL": "redis://me@redis.example/0", "NOTIFIER_REDIS_PASSWORD": "hush"},
        {"NOTIFIER_REDIS_URL": "unix:///run/redis.sock"},
    ],
)
def test_what_is_locked_or_stays_here_is_not_spoken_of(environ: dict[str, str]) -> None:
    assert list(exposures(load(environ))) == []


def test_whoever_starts_it_reads_it(tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.supervised"),
                msgspec.json.encode([part("tiny")]).decode(),
            ],
            env=os.environ
            | {
                "NOTIFIER_DATA": str(tmp_path / "data"),
                "NOTIFIER_PANEL_PORT": "0",
                "NOTIFIER_FLOWER_HOST": "0.0.0.0",
            },
            stderr=said,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until(
                lambda: b"warning: flower listens on 0.0.0.0" in (tmp_path / "said").read_bytes(),
                seconds=30,
                what="the warning",
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
