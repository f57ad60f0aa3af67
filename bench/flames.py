"""Flame graphs: where the listener and a worker process spend their time under load."""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psutil

from bench import events, processes
from bench.figures import Picture, Result, Samples
from bench.peers import homes
from bench.running import Deployment, Running, all_parts, free_port
from bench.scale import Scale
from bench.sending import invite
from bench.sinks.postfix import sink

# py-spy has an environment of its own, beside those of the peers.
LOCK: Final = "py-spy.txt"
# Looks a second: each stops the process for a moment.
RATE: Final = 200
# Lists that are told one after the other, so that there is something to look at.
LISTS: Final = 5
LISTENER: Final = "listener"


def measure(scale: Scale) -> Result:
    """Look at both while several lists are told; where nobody may look, say so."""
    samples = Samples()
    pictures: list[Picture] = []
    refused = ""
    try:
        pictures = _pictures(scale)
    except (homes.NoHome, subprocess.SubprocessError, OSError) as error:
        refused = f"; **not recorded**: {error}"
    for picture in pictures:
        samples.add(f"{picture.title}: size of the picture", len(picture.svg) / 1000, "kB")
    return Result(
        name="flames",
        title="Where the time goes",
        conditions=[
            f"py-spy, {RATE} looks a second, threads that wait left out{refused}",
            f"while {LISTS} lists of {scale.largest_list} people are invited; no figure of speed",
        ],
        figures=samples.figures(),
        pictures=pictures,
    )


def _pictures(scale: Scale) -> list[Picture]:
    program = homes.python(LOCK).with_name("py-spy")
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        all_parts(Path(folder), deployment=Deployment(port=port)) as running,
        sink(port) as to,
    ):
        invite(running, "warm-up", scale.warm_up)
        looked_at = _looked_at(running)
        before = to.mails()
        lists = [
            events.invitation(events.conference(f"list-{at}"), events.people(scale.largest_list))
            for at in range(LISTS)
        ]
        looking = {
            name: subprocess.Popen(
                _command(program, process, Path(folder) / f"{name}.svg", scale.flame_seconds),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for name, process in looked_at.items()
        }
        events.publish(running.client, lists)
        for each in looking.values():
            if each.wait():
                raise subprocess.CalledProcessError(each.returncode, "py-spy")
        to.wait_for(before + LISTS * scale.largest_list)
        running.settled()
        return [
            _picture(name, (Path(folder) / f"{name}.svg").read_text(encoding="utf-8"))
            for name in looking
        ]


def _picture(name: str, svg: str) -> Picture:
    """Give the picture of a process under its own title: py-spy's is a command with our paths."""
    key, title = ("listener", f"The {name}") if name == LISTENER else ("worker", "A worker process")
    titled = re.sub(r'(?<=<text id="title")([^>]*>)[^<]*', rf"\g<1>{title}", svg, count=1)
    return Picture(key=key, title=title, svg=titled)


def _looked_at(running: Running) -> dict[str, psutil.Process]:
    """Give the listener and one of the worker processes."""
    found = processes.named(running.tree())
    return {name: found[name] for name in (LISTENER, processes.CHILD)}


def _command(program: Path, process: psutil.Process, to: Path, seconds: int) -> list[str]:
    asked = [str(program), "record", "--pid", str(process.pid), "--output", str(to)]
    return [*asked, "--rate", str(RATE), "--duration", str(seconds)]
