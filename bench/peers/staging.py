"""The stage of one peer: a folder, its environment, its Redis, the letter, and the sink."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.naive import parts
from bench.peers import homes
from bench.peers.course import Stage
from bench.peers.known import Peer
from bench.peers.postgres import postgres
from bench.running import environment, free_port
from bench.sinks.own import own
from bench.waiting import wait_until
from notifier.adapters.connection import connect_sync
from notifier.adapters.embedded import EmbeddedRedis, find_server

HERE: Final = Path(__file__).parent
PROGRAMS: Final = HERE / "programs"
ROOT: Final = HERE.parents[1]


@contextmanager
def stage(peer: Peer, sample: bytes) -> Iterator[Stage]:
    """Set one up, with everything new but what is installed; raises homes.NoHome."""
    command = _command(peer)
    with (
        tempfile.TemporaryDirectory(prefix="peer-") as name,
        own(free_port()) as sink,
        _redis(peer, Path(name)) as (url, servants),
        _postgres(peer, Path(name)) as (told, more),
    ):
        folder = Path(name)
        given = folder / "letter.json"
        given.write_text(json.dumps(_letter(sample, sink.port)), encoding="utf-8")
        variables = {
            **environment(folder, url),
            "PYTHONPATH": str(ROOT),
            "PEERS_LETTER": str(given),
            "PEERS_REDIS": url,
            **told,
            **peer.variables,
        }
        if peer.lock:
            # What is ours stays away from the others' environments.
            variables["PYTHONPATH"] = ""
        yield Stage(
            command=command, folder=folder, variables=variables, servants=servants + more, sink=sink
        )


def _command(peer: Peer) -> list[str]:
    program = PROGRAMS / peer.program
    if peer.lock is None:
        return [sys.executable, str(program)]
    if program.suffix == ".py":
        return [str(homes.python(peer.lock)), str(program)]
    # Node looks for packages beside the program that asks for them.
    home = homes.node(peer.lock)
    for each in PROGRAMS.glob("*.mjs"):
        shutil.copy(each, home)
    return ["node", str(home / peer.program)]


@contextmanager
def _redis(peer: Peer, folder: Path) -> Iterator[tuple[str, list[int]]]:
    """Run the Redis that it needs; give its URL and its process."""
    if peer.redis is None:
        yield "", []
    elif peer.redis == "durable":
        with EmbeddedRedis(folder / "data") as redis:
            assert redis.pid is not None
            yield redis.url, [redis.pid]
    else:
        with _plain_redis(folder) as found:
            yield found


@contextmanager
def _postgres(peer: Peer, folder: Path) -> Iterator[tuple[dict[str, str], list[int]]]:
    """Run a PostgreSQL if it needs one; give the variables of its clients and its process."""
    if not peer.postgres:
        yield {}, []
        return
    with postgres(folder) as (told, pid):
        yield told, [pid]


@contextmanager
def _plain_redis(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """Run a Redis as it comes, without an append-only file."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    asked = [str(find_server().program), "--bind", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen([*asked, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(url), what="Redis")
        yield url, [process.pid]
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with connect_sync(url) as client:
            return bool(client.ping())
    except OSError:
        return False


def _letter(sample: bytes, port: int) -> dict[str, object]:
    text, html, calendar = parts(sample)
    return {
        "port": port,
        "sender": "Example Conferences <conf@example.com>",
        "subject": "Invitation: Quarterly review of everything",
        "text": text,
        "html": html,
        "calendar": calendar,
    }
