"""With a Redis that speaks TLS only: every part goes that way, or says why it cannot."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier import Person, Publisher
from notifier.reaching.address import with_ca_file
from tests.cast import ANNA, NOW
from tests.cli.deployment import Deployment
from tests.redis_tls import Authority, redis_with_tls
from tests.smtp_servers import mail_server
from tests.stories.road import road

Environ = dict[str, str]


def test_an_event_published_over_tls_becomes_a_mail(tmp_path: Path) -> None:
    boris = Person(id="boris@conf.example.com", email="boris@example.org")
    with redis_with_tls(tmp_path / "tls") as redis, mail_server() as server:
        environ = {
            "NOTIFIER_REDIS_URL": redis.url,
            "NOTIFIER_REDIS_CA_FILE": str(redis.ca_file),
        }

        with (
            road(tmp_path, server, environ=environ) as running,
            Publisher(with_ca_file(redis.url, str(redis.ca_file)), "/core/test") as publisher,
        ):
            publisher.missed_call(caller=ANNA, recipient=boris, time=NOW)
            [mail] = running.new_mails(1)

            flower = f"http://127.0.0.1:{running.environment['NOTIFIER_FLOWER_PORT']}/broker"
            with urllib.request.urlopen(flower) as page:
                shown = page.read().decode()

    assert mail["To"] == "boris@example.org"
    # Flower looks at Redis by itself, without Celery's connection.
    assert "tick" in shown


@pytest.fixture(scope="module")
def deceived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Environ]]:
    """A deployment that trusts another CA than that of its Redis, and its variables."""
    folder = tmp_path_factory.mktemp("deceived")
    other = Authority(folder / "other")
    with redis_with_tls(folder / "tls") as redis:
        environ = {
            "NOTIFIER_REDIS_URL": redis.url,
            "NOTIFIER_REDIS_CA_FILE": str(other.file),
            "NOTIFIER_PANEL_PORT": "0",
        }
        yield Deployment(redis.server, folder), environ


COMMANDS = (
    ("listen",),
    ("worker", "--workers", "1"),
    ("beat",),
    ("panel",),
    ("up",),
    ("publish", "-"),
    ("settings", "show"),
    ("settings", "apply", "-"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_part_ends_with_one_sentence_before_an_impostor(
    deceived: tuple[Deployment, Environ], words: tuple[str, ...]
) -> None:
    deployment, environ = deceived

    said = deployment.run(*words, given=b"", **environ)

    assert said.status == 1
    # Celery warns about running as root before that.
    [*_, sentence] = said.err.splitlines()
    assert "signed by nobody that we trust" in sentence
    assert said.err.count("signed by") == 1
    assert "Traceback" not in said.err
