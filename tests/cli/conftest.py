"""Deployments for the tests of the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import cast
from tests.cli.deployment import SETTINGS, Absent, Deployment, soon
from tests.redis_servers import PrivateRedis


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment in which nothing was set and nothing happened."""
    (tmp_path / "templates").mkdir()
    with PrivateRedis() as redis:
        yield Deployment(redis, tmp_path)


@pytest.fixture
def bare(tmp_path: Path) -> Deployment:
    """A deployment whose Redis does not run, for commands that need none."""
    (tmp_path / "templates").mkdir()
    nowhere: Any = Absent()
    return Deployment(nowhere, tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Anna has invited Boris, Chen and Dana, and called Boris in vain; nothing was sent yet.

    Shared by the tests of a module: they look, and change nothing.
    """
    folder = tmp_path_factory.mktemp("told")
    (folder / "templates").mkdir()
    with PrivateRedis() as redis:
        deployment = Deployment(redis, folder)
        applied = deployment.run("settings", "apply", deployment.file("settings.toml", SETTINGS))
        assert applied.status == 0, applied.err
        invited = [cast.BORIS, cast.CHEN, cast.DANA]
        deployment.hear(
            cast.event("conference.invitation", {"conference": soon(), "participants": invited}),
            cast.event(
                "call.missed",
                {"caller": cast.ANNA, "recipient": cast.BORIS, "time": "2026-11-23T09:30:00Z"},
            ),
        )
        yield deployment
