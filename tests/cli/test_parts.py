"""Claims about the commands that become a part, and about the contract for publishers."""

import os
import signal
import subprocess
import sys

import jsonschema
import pytest

from notifier.config import load
from notifier.supervisor.roles import command, filling, named
from tests import cast
from tests.cli.deployment import Deployment
from tests.smtp_servers import wait_until


@pytest.mark.parametrize("part", ["listen", "worker", "beat", "flower", "panel"])
def test_the_command_becomes_the_part_that_the_supervisor_runs(
    empty: Deployment, part: str
) -> None:
    expected = command(named(part), filling(load(empty.environment)))[1:]
    process = subprocess.Popen(
        [sys.executable, "-m", "notifier", part],
        env=empty.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # The same process, now under the part's own command line.
        wait_until(lambda: _arguments(process.pid)[1:] == expected, seconds=20, what=part)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _arguments(pid: int) -> list[str]:
    with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 -- not a file to be found
        return [os.fsdecode(each) for each in file.read().split(b"\0")[:-1]]


def test_every_event_has_its_schema(empty: Deployment) -> None:
    schemas = empty.run("schema").json

    for type_, event in cast.samples().items():
        jsonschema.validate(event, schemas[type_])


def test_one_schema_can_be_asked_for(empty: Deployment) -> None:
    assert empty.run("schema", "call.missed").json["title"] == "call.missed"
    wrong = empty.run("schema", "call.mised")
    assert (wrong.status, "did you mean 'call.missed'?" in wrong.err) == (2, True)


def test_the_stream_is_described(empty: Deployment) -> None:
    said = empty.run("asyncapi")

    assert said.status == 0
    assert said.json["channels"]["events"]["address"] == "notifier:events"
