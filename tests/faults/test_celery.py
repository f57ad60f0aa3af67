"""Celery carries hints and no truth: whatever lies in its lists, mail goes out, and once."""

from collections.abc import Iterator

import pytest
from celery import Celery

from notifier.adapters import keys
from notifier.adapters.broker import broker
from tests.redis_servers import free_port
from tests.settling import settle
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, stage

PREFIX = "notifier:celery:"
HINTS = PREFIX + "mail"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("crew")) as opened:
        yield opened


@pytest.fixture
def opened(whole: Stage) -> Stage:
    """A stage with a listener and a worker."""
    whole.ensure(LISTENER, WORKER)
    return whole


@pytest.mark.parametrize("words", [b"garbage", b"{}", b"[]"])
def test_garbage_in_the_list_of_hints_stops_no_mail(opened: Stage, words: bytes) -> None:
    about = f"garbage-{words.hex()}"
    opened.client.lpush(HINTS, words)
    wait_until(lambda: opened.client.llen(HINTS) == 0, seconds=30, what="somebody to read it")

    # Some of it ends a worker; whoever supervises it starts another.
    opened.invite(about)
    wait_until(lambda: working(opened, about), seconds=60, what="the mails")
    settle(opened.client)

    assert len(opened.mails_about(about)) == len(PEOPLE)


def test_old_hints_with_an_unknown_task_are_dropped_and_given_again(opened: Stage) -> None:
    opened.dismiss(WORKER)
    opened.invite("upgrade")
    wait_until(lambda: opened.client.zcard(keys.HINTED) == len(PEOPLE), what="the hint")
    wait_until(lambda: bool(opened.client.delete(HINTS)), what="the hint on its way")
    send_task(opened, "notifier.as_it_was_called")

    opened.ensure(WORKER)
    settle(opened.client)

    name = "notifier.as_it_was_called"
    wait_until(lambda: name in opened.parts[WORKER].said, what="a word about the unknown task")
    assert opened.parts[WORKER].running
    assert len(opened.mails_about("upgrade")) == len(PEOPLE)


def test_flower_that_comes_and_goes_changes_nothing(opened: Stage) -> None:
    for number in range(20):
        opened.invite(f"seen-{number}")
        if number % 10 == 0:
            flower = opened.crew.start("flower", NOTIFIER_FLOWER_PORT=str(free_port()))
            wait_until(lambda: bool(watchers(opened)), seconds=30, what="Flower")
        if number % 10 == 5:
            flower.kill()
    flower.kill()
    settle(opened.client)

    mails = opened.mails_about(*(f"seen-{number}" for number in range(20)))
    assert len(mails) == len({mail.message_id for mail in mails}) == 20 * len(PEOPLE)


def working(opened: Stage, about: str) -> bool:
    """Whether the mails have come; a worker that ended is replaced."""
    opened.ensure(WORKER)
    return len(opened.mails_about(about)) >= len(PEOPLE)


def send_task(opened: Stage, name: str) -> None:
    """Say what a hint says, to a task of another name."""
    app = Celery(broker=broker(opened.redis.url).url)
    app.conf.update(broker_transport_options={"global_keyprefix": PREFIX})
    app.send_task(name, kwargs={"ids": sorted(opened.rows_about("upgrade"))}, queue="mail")
    app.close()


def watchers(opened: Stage) -> int:
    """Count who listens to the events of workers."""
    channels = opened.client.pubsub_numpat()
    return int(channels) - 1  # a worker listens to its own control
