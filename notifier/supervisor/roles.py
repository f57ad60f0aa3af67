"""The parts of a running notifier, and the one place where their commands stand.

`notifier up`, `notifier listen|worker|beat|flower|panel` and compose.yaml run the same ones.
"""

import os
import sys
from collections.abc import Sequence

import msgspec

from notifier.config import Config

# More than two sending processes would crowd out the rest of the notifier on a small machine;
# one of them fills a mail server already.
MOST_WORKERS_BY_DEFAULT = 2

# Listener and beat show life every second.
SILENT_SECONDS = 120.0


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """One part: how it is started, how it shows that it works, how long it may take to stop.

    `arguments` follow the Python interpreter; a `{word}` in them is a field of Filling.
    `answers` is the URL that a working part answers with 2xx;
    without it the part writes its heartbeat to Redis, and one that stands still for
    `silent_seconds` means that the part hangs.
    """

    name: str
    arguments: tuple[str, ...]
    answers: str | None = None
    silent_seconds: float | None = None
    stop_seconds: float = 10.0


class Filling(msgspec.Struct, frozen=True, kw_only=True):
    """What the deployment puts into the commands."""

    workers: int
    panel_host: str
    panel_port: int
    flower_host: str
    flower_port: int
    log_level: str


ROLES = (
    Role(name="listen", arguments=("-m", "workers.listen"), silent_seconds=SILENT_SECONDS),
    Role(
        name="worker",
        # Gossip and mingle let workers of a cluster know each other; ours need not, and every
        # restart would wait for them. The tasks are named here and not in the application, which
        # beat and Flower load too: they would hold letters and calendars that they never use.
        arguments=(
            *("-m", "celery", "--quiet", "-A", "workers.app", "worker"),
            "--include=workers.tasks",
            *("--concurrency={workers}", "--loglevel={log_level}"),
            *("--without-gossip", "--without-mingle"),
        ),
        # Only a worker with a hand free ticks, and Celery lets a task run for 20 minutes.
        silent_seconds=1500.0,
        # A batch that is on the wire is finished, and its answers are written down.
        stop_seconds=40.0,
    ),
    Role(
        name="beat",
        arguments=(
            *("-m", "celery", "--quiet", "-A", "schedules.beat", "beat"),
            "--loglevel={log_level}",
        ),
        silent_seconds=SILENT_SECONDS,
    ),
    Role(
        name="flower",
        arguments=(
            *("-m", "celery", "-A", "workers.app", "flower"),
            # Flower shows everything to everybody: on this machine only, unless the deployment
            # says otherwise; who wants it elsewhere puts a proxy before it.
            *("--address={flower_host}", "--port={flower_port}", "--max_tasks=1000"),
        ),
        answers="http://{flower_host}:{flower_port}/healthcheck",
    ),
    Role(
        name="panel",
        arguments=("-m", "notifier.panel"),
        answers="http://{panel_host}:{panel_port}/healthz",
    ),
)
"""In the order of starting; they are stopped the other way round."""


def command(role: Role, filling: Filling) -> list[str]:
    """The role's program and arguments, as `exec` takes them."""
    return [sys.executable, *(filled(argument, filling) for argument in role.arguments)]


def filled(text: str, filling: Filling) -> str:
    """The text with its `{word}`s replaced; other braces stay, they may be a program."""
    for word, value in msgspec.structs.asdict(filling).items():
        text = text.replace(f"{{{word}}}", str(value))
    return text


def filling(config: Config, *, workers: int | None = None) -> Filling:
    """What `config` puts into the commands; `workers` left out: one for each CPU, at most two."""
    return Filling(
        workers=workers or min(os.cpu_count() or 1, MOST_WORKERS_BY_DEFAULT),
        panel_host=config.panel_host,
        panel_port=config.panel_port,
        flower_host=config.flower_host,
        flower_port=config.flower_port,
        log_level=config.log_level,
    )


def named(name: str, roles: Sequence[Role] = ROLES) -> Role:
    """The role of that name; raises KeyError."""
    return {role.name: role for role in roles}[name]
