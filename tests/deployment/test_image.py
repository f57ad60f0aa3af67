"""The Dockerfile: locked libraries, no root, and everything inside that the wheel is made of."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.deployment.composed import services
from tests.shape.sources import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.strip()
    for line in re.sub(r"\\\n", " ", DOCKERFILE).splitlines()
    if line.strip() and not line.startswith("#")
]
FINAL = INSTRUCTIONS[max(i for i, line in enumerate(INSTRUCTIONS) if line.startswith("FROM ")) :]


def test_its_linter_has_nothing_to_say() -> None:
    done = subprocess.run(
        ["hadolint", ROOT / "Dockerfile"],
        env={"PATH": f"{Path(sys.executable).parent}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_libraries_are_the_locked_ones_and_nothing_is_compiled() -> None:
    installing = [line for line in INSTRUCTIONS if re.search(r"pip .*install", line)]

    assert "--require-hashes --only-binary :all: --requirement requirements.lock" in installing[0]
    assert "install --no-deps /wheel/*.whl" in installing[1]
    assert len(installing) == 2
    assert "apt" not in " ".join(INSTRUCTIONS).split()


def test_the_finished_image_installs_nothing_and_takes_one_folder() -> None:
    assert [line for line in FINAL if line.startswith("COPY")] == [
        "COPY --from=build /opt/notifier /opt/notifier"
    ]
    assert not any("pip" in line for line in FINAL)


def test_its_user_is_the_one_that_compose_says() -> None:
    [user] = [line.removeprefix("USER ") for line in FINAL if line.startswith("USER ")]

    assert user == "10001:10001"
    assert services()["worker"]["user"] == user


def test_what_the_wheel_is_made_of_gets_into_the_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    wanted = {*wheel, *project["project"]["license-files"], "pyproject.toml", "requirements.lock"}

    copied = {
        word
        for line in INSTRUCTIONS
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    let_through = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }

    assert copied == wanted
    assert let_through == wanted


def test_nothing_else_is_sent_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    # The first rule leaves out everything; the ones after it let through by name.
    assert next(line for line in ignored if not line.startswith(("#", "!"))) == "*"
