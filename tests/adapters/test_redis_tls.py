"""TLS to Redis: whoever cannot prove who he is hears nothing from us, and we say why."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from kombu.connection import Connection

from notifier.adapters.broker import broker
from notifier.adapters.connection import connect, connect_sync
from notifier.adapters.gate import GateClosed, ensure_fit
from notifier.config import ConfigError, load
from notifier.core.events import ConferenceEnded
from notifier.publisher import AsyncPublisher, NotPublished, Publisher
from notifier.reaching.address import BadAddress, with_ca_file
from tests.cast import SOURCE, conference
from tests.redis_sentinels import guarded_by_sentinels
from tests.redis_tls import Authority, TlsRedis, redis_with_tls

ENDED = ConferenceEnded(conference=conference())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsRedis]:
    with redis_with_tls(tmp_path_factory.mktemp("tls")) as running:
        yield running


def configured(url: str, file: Path) -> str:
    """The URL that a deployment with these two variables works with."""
    environ = {"NOTIFIER_REDIS_URL": url, "NOTIFIER_REDIS_CA_FILE": str(file)}
    found = load({"HOME": "/home/anna", **environ}).redis_url
    assert found is not None
    return found


def gated(url: str) -> None:
    async def pass_through() -> None:
        async with connect(url) as client:
            await ensure_fit(client)

    asyncio.run(pass_through())


def test_the_right_ca_lets_every_client_in(server: TlsRedis) -> None:
    url = configured(server.url, server.ca_file)

    async def say() -> None:
        async with AsyncPublisher(url, SOURCE) as publisher:
            await publisher.publish(ENDED)

    gated(url)
    asyncio.run(say())
    with Publisher(url, SOURCE) as publisher:
        publisher.publish_many([ENDED, ENDED])
    with connect_sync(url) as client:
        assert client.xlen("notifier:events") == 3


def test_celery_reaches_its_queues_over_tls(server: TlsRedis) -> None:
    found = broker(configured(server.url, server.ca_file))

    with Connection(found.url, ssl=found.use_ssl, transport_options=found.options) as connection:
        connection.SimpleQueue("letters").put({"ids": [1]})

    assert found.use_ssl == {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_ca_certs": str(server.ca_file),
    }
    with connect_sync(server.server.url) as client:
        assert client.llen("letters") == 1


REFUSALS = pytest.mark.parametrize(
    ("case", "words"),
    [
        ("another CA", "signed by nobody that we trust"),
        ("no CA", "name the file of its CA in NOTIFIER_REDIS_CA_FILE"),
        ("another name", "its certificate is for another name"),
        ("expired", "its certificate has expired"),
        ("no TLS", "speaks TLS if rediss:// asks for it"),
    ],
)


@pytest.fixture
def impostor(case: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a server with which something is wrong, as a deployment has it."""
    names = ["redis.example.com"] if case == "another name" else []
    with ExitStack() as stack:
        running = stack.enter_context(
            redis_with_tls(tmp_path / "server", *names, expired=case == "expired")
        )
        url = with_ca_file(running.url, str(running.ca_file))
        if case == "another CA":
            url = with_ca_file(running.url, str(Authority(tmp_path / "other").file))
        if case == "no CA":
            url = running.url
        if case == "no TLS":
            with connect_sync(running.server.url) as client:
                client.config_set("tls-port", 0)
                client.config_set("port", running.port)
        yield url


@REFUSALS
def test_the_gate_says_in_one_sentence_what_is_wrong(impostor: str, words: str) -> None:
    with pytest.raises(GateClosed, match=words) as closed:
        gated(impostor)

    assert str(closed.value).count("\n") == 0
    # Waiting mends no certificate: a part ends and says so. A silent server may speak up yet.
    assert closed.value.temporary == ("speaks TLS" in words)


@REFUSALS
def test_a_publisher_is_told_and_says_nothing_to_an_impostor(impostor: str, words: str) -> None:
    async def say() -> None:
        async with AsyncPublisher(impostor, SOURCE, timeout=0.5) as publisher:
            await publisher.publish(ENDED)

    with (
        Publisher(impostor, SOURCE, timeout=0.5) as publisher,
        pytest.raises(NotPublished, match=words),
    ):
        publisher.publish(ENDED)
    with pytest.raises(NotPublished, match=words):
        asyncio.run(say())


@pytest.mark.parametrize("weak", ["ssl_cert_reqs=none", "ssl_check_hostname=false"])
def test_there_is_no_switch_that_turns_the_checks_off(weak: str) -> None:
    url = f"rediss://redis/0?{weak}"

    with pytest.raises(ConfigError, match="who the server is must always be checked"):
        load({"NOTIFIER_REDIS_URL": url})
    with pytest.raises(BadAddress):
        connect_sync(url)
    with pytest.raises(BadAddress):
        Publisher(url, SOURCE)


@pytest.mark.parametrize(
    ("url", "file", "words"),
    [
        ("redis://redis/0", "ca.pem", "asks for no TLS; begin it with rediss://"),
        ("", "ca.pem", "asks for no TLS"),
        ("rediss://redis/0", "missing.pem", "No such file or directory"),
        ("rediss://redis/0", "empty.pem", "it holds no certificate"),
    ],
)
def test_a_ca_that_cannot_be_meant_is_refused_in_a_sentence(
    tmp_path: Path, url: str, file: str, words: str
) -> None:
    Authority(tmp_path)
    (tmp_path / "empty.pem").write_text("nothing\n")

    with pytest.raises(ConfigError, match=words):
        load({"NOTIFIER_REDIS_URL": url, "NOTIFIER_REDIS_CA_FILE": str(tmp_path / file)})


def test_sentinels_and_their_primary_are_reached_over_tls(tmp_path: Path) -> None:
    with guarded_by_sentinels(1, tls=Authority(tmp_path)) as guarded:
        assert guarded.ca_file is not None
        url = configured(guarded.url, guarded.ca_file)
        found = broker(url)

        gated(url)
        with Publisher(url, SOURCE) as publisher:
            publisher.publish(ENDED)
        with Connection(found.url, ssl=found.use_ssl, transport_options=found.options) as queue:
            queue.SimpleQueue("letters").put({"ids": [1]})
        with connect_sync(url) as client:
            assert (client.xlen("notifier:events"), client.llen("letters")) == (1, 1)


def test_sentinels_under_another_ca_are_refused_with_the_cause(tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    with guarded_by_sentinels(1, tls=Authority(tmp_path)) as guarded:
        url = configured(guarded.url, other.file)

        with pytest.raises(GateClosed, match="signed by nobody that we trust") as closed:
            gated(url)

    assert not closed.value.temporary
