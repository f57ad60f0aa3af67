"""A primary that sentinels watch dies: another takes its place, and the road goes on by itself."""

import urllib.request
from collections.abc import Iterator

import pytest

from notifier import NotPublished, Person, Publisher
from notifier.reaching.address import without_password
from tests.cast import ANNA, NOW
from tests.redis_sentinels import NAME, PASSWORD, SENTINEL_PASSWORD, Guarded, guarded_by_sentinels
from tests.smtp_servers import mail_server, wait_until
from tests.stories.road import Road, road
from tests.stories.test_kills import doubled, everybody_told

PEOPLE = 60


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    with guarded_by_sentinels() as running:
        yield running


@pytest.fixture(scope="module")
def running(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    folder = tmp_path_factory.mktemp("road")
    environ = {"NOTIFIER_REDIS_URL": guarded.url}
    with mail_server() as server, road(folder, server, environ=environ) as opened:
        yield opened


def test_events_flow_through_the_primary_that_sentinels_name(
    running: Road, guarded: Guarded
) -> None:
    with Publisher(guarded.url, "/core/test") as publisher:
        publisher.missed_call(caller=ANNA, recipient=person(1000), time=NOW)

    [mail] = running.new_mails(1)
    flower = f"http://127.0.0.1:{running.environment['NOTIFIER_FLOWER_PORT']}/broker"
    with urllib.request.urlopen(flower) as page:
        shown = page.read().decode()
    assert mail["To"] == "guest1000@example.org"
    assert "tick" in shown


def test_a_killed_primary_is_followed_by_its_replica_and_nothing_replicated_is_lost(
    running: Road, guarded: Guarded
) -> None:
    with Publisher(guarded.url, "/core/test", timeout=1.0) as publisher:
        for number in range(PEOPLE // 2):
            publisher.missed_call(caller=ANNA, recipient=person(number), time=NOW, id=str(number))
        # What a replica has not heard of yet is lost with the primary; see ARCHITECTURE.md.
        guarded.replicated()

        old = guarded.kill_primary()

        for number in range(PEOPLE // 2, PEOPLE):
            patiently(publisher, number)
    everybody_told(running, {f"guest{number}@example.org" for number in range(PEOPLE)})
    # What was sent and not yet replicated was sent again, and the very same mail.
    assert doubled(running) < PEOPLE // 2
    assert guarded.primary != old
    assert running.process.poll() is None


def test_the_old_primary_comes_back_as_a_replica_and_nobody_writes_to_it(
    running: Road, guarded: Guarded
) -> None:
    [old] = [port for port in guarded.servers if port != guarded.primary]

    guarded.servers[old].start()

    def follows() -> bool:
        with guarded.client(old) as client:
            return bool(client.info("replication")["role"] == "slave")

    wait_until(follows, seconds=30, what="the old primary as a replica")
    with Publisher(guarded.url, "/core/test") as publisher:
        patiently(publisher, 2000)
    everybody_told(running, {"guest2000@example.org"})
    said = running.notifier("doctor")
    assert "fit to keep the ledger" in said.stdout, said.stdout


def test_an_unknown_name_of_a_primary_is_told_with_what_to_do(
    running: Road, guarded: Guarded
) -> None:
    url = guarded.url.replace(f"/{NAME}/", "/nobody/")

    said = running.notifier("publish", "-", NOTIFIER_REDIS_URL=url)

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "no sentinel names a primary (No master found for 'nobody');" in said.stderr
    assert PASSWORD not in said.stderr
    assert PASSWORD not in without_password(url)


def person(number: int) -> Person:
    return Person(id=f"guest{number}@conf.example.com", email=f"guest{number}@example.org")


def patiently(publisher: Publisher, number: int) -> None:
    """Publish as a careful publisher does: again, with the same id, until Redis says yes."""

    def published() -> bool:
        try:
            publisher.missed_call(caller=ANNA, recipient=person(number), time=NOW, id=str(number))
        except NotPublished:
            return False
        return True

    wait_until(published, seconds=30, what="Redis")


def test_a_wrong_password_of_the_sentinels_is_told_as_such(running: Road, guarded: Guarded) -> None:
    url = guarded.url.replace(SENTINEL_PASSWORD, "wr0ng")

    said = running.notifier("settings", "show", NOTIFIER_REDIS_URL=url)

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "NOTIFIER_REDIS_SENTINEL_PASSWORD" in said.stderr
    assert len(said.stderr) < 500
