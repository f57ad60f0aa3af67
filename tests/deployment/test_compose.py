"""compose.yaml runs what the supervisor runs, tells no secret, and gives no needless right."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from notifier.config import load
from notifier.supervisor import ROLES, Role, command, filling, named
from tests.deployment.composed import FILE, SECRETS, composed, seconds, services
from tests.shape.sources import ROOT

NAMES = [role.name for role in ROLES]
EVERYTHING = [*NAMES, "redis"]
OTHER = {
    "NOTIFIER_WORKERS": "5",
    "NOTIFIER_LOG_LEVEL": "WARNING",
    "NOTIFIER_FLOWER_PORT": "5599",
    "NOTIFIER_PANEL_PORT": "9000",
}

every_role = pytest.mark.parametrize("role", ROLES, ids=NAMES)
every_service = pytest.mark.parametrize("name", EVERYTHING)


def test_it_is_what_its_specification_allows() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(FILE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "ok -- validation done"), done.stdout


def test_there_is_a_service_for_each_role_and_one_for_redis() -> None:
    assert set(services()) == set(EVERYTHING)


@every_role
@pytest.mark.parametrize("environ", [{}, OTHER], ids=["defaults", "other values"])
def test_a_service_runs_the_command_of_its_role(role: Role, environ: dict[str, str]) -> None:
    service = services(**environ)[role.name]

    # Secrets are not at hand here; no command names one.
    known = {k: v for k, v in service["environment"].items() if not k.endswith("_FILE")}
    workers = int(environ.get("NOTIFIER_WORKERS", 2))
    wanted = command(role, filling(load(known), workers=workers))

    assert service["command"] == ["python", *wanted[1:]]


@every_role
def test_the_environment_is_one_that_the_notifier_reads(role: Role) -> None:
    read = set(re.findall(r"NOTIFIER_\w+", (ROOT / "notifier" / "config.py").read_text()))

    given = {name.removesuffix("_FILE") for name in services()[role.name]["environment"]}

    assert given - read == set()


@every_service
def test_secrets_come_from_files_that_this_service_is_given(name: str) -> None:
    service = services()[name]
    environment: dict[str, str] = service.get("environment", {})

    named_there = {
        value.removeprefix(SECRETS) for key, value in environment.items() if key.endswith("_FILE")
    }
    spoken = {key for key in environment if re.search(r"PASSWORD|SECRET|TOKEN", key)}

    assert {key for key in spoken if not key.endswith("_FILE")} == set()
    assert named_there <= set(service["secrets"])
    assert ":" not in environment.get("NOTIFIER_REDIS_URL", "").partition("//")[2].split("@")[0]


def test_every_secret_is_a_file_and_made_by_the_script(tmp_path: Path) -> None:
    script = ROOT / "examples" / "redis" / "make-secrets.sh"
    subprocess.run(["sh", script, tmp_path / "made"], check=True)
    secrets: dict[str, Any] = composed(NOTIFIER_SECRETS="made")["secrets"]

    made = [path.name for path in (tmp_path / "made").iterdir()]
    assert secrets == {name: {"file": f"made/{name}"} for name in made}


def test_making_secrets_again_changes_none(tmp_path: Path) -> None:
    script = ROOT / "examples" / "redis" / "make-secrets.sh"
    subprocess.run(["sh", script, tmp_path], check=True)
    first = {path.name: path.read_text() for path in tmp_path.iterdir()}

    subprocess.run(["sh", script, tmp_path], check=True)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == first
    assert len(set(first.values())) == len(first)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_only_flower_goes_by_its_own_user_and_has_no_key() -> None:
    flower = services()["flower"]

    assert flower["environment"]["NOTIFIER_REDIS_URL"].startswith("redis://flower@")
    assert flower["secrets"] == ["redis_flower"]
    for name in set(NAMES) - {"flower"}:
        assert services()[name]["environment"]["NOTIFIER_REDIS_URL"].startswith("redis://service@")


@every_service
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = services()[name]
    user, _, group = service["user"].partition(":")

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(user) > 0
    assert int(group) > 0


@every_service
def test_a_container_that_ends_is_started_again(name: str) -> None:
    assert services()[name]["restart"] == "unless-stopped"


def test_panel_and_flower_alone_are_open_and_to_this_machine_alone() -> None:
    published = {n: s["ports"] for n, s in services(**OTHER).items() if "ports" in s}

    assert published == {
        "panel": ["127.0.0.1:9000:8080"],
        "flower": ["127.0.0.1:5599:5599"],
    }


def test_redis_is_in_a_network_without_a_way_out() -> None:
    whole = composed()

    assert whole["services"]["redis"]["networks"] == ["store"]
    assert whole["networks"]["store"]["internal"]
    assert all("store" in service["networks"] for service in whole["services"].values())


@every_role
def test_a_part_starts_when_redis_has_read_its_file(role: Role) -> None:
    assert services()[role.name]["depends_on"] == {"redis": {"condition": "service_healthy"}}


@every_role
def test_a_part_is_healthy_while_it_makes_progress(role: Role) -> None:
    service = services()[role.name]
    # One that answers over HTTP shows no more than that, and is left alone.
    ends = [] if role.answers else ["--end-below", "1"]

    asked = service["healthcheck"]["test"]

    assert asked == ["CMD", "python", "-m", "notifier.supervisor.alive", role.name, *ends]
    # What is ended must not be the container's first process: the kernel protects that.
    assert service["init"]


@every_role
def test_a_part_is_given_the_time_that_it_needs_to_stop(role: Role) -> None:
    assert seconds(services()[role.name]["stop_grace_period"]) > role.stop_seconds


def test_the_worker_may_finish_what_is_on_the_wire() -> None:
    asked = "from workers.app import app; print(app.conf.worker_soft_shutdown_timeout)"
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "NOTIFIER_REDIS_URL": "redis://redis"},
        capture_output=True,
        check=True,
    )
    grace = seconds(services()["worker"]["stop_grace_period"])

    assert float(told.stdout) < named("worker").stop_seconds < grace
