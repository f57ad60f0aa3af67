"""Claims about knocking at real ports, and about real handshakes with real certificates."""

import asyncio
import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from notifier.adapters.doors import knock, visit
from notifier.core.reach.probes import Door, Endpoint, Knock, Tls, Visit
from tests.federated_servers import (
    Authority,
    Habit,
    hangs_up,
    nobody,
    open_only,
    says_nothing,
    serving,
    signed_by_itself,
    speaks_first,
    speaks_http,
    speaks_old_tls,
    with_tls,
)

NAME = "vc.example.org"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
FAR_AHEAD = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def trusting(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    file = authority.file(tmp_path_factory.mktemp("ca"))
    return ssl.create_default_context(cafile=str(file))


def knocked(address: str, port: int, *, within: float = 5.0) -> Knock:
    async def knocking() -> Knock:
        deadline = asyncio.get_running_loop().time() + within
        return await knock(Endpoint(address, port), deadline)

    return asyncio.run(knocking())


def visited(habit: Habit, tls: ssl.SSLContext, *, name: str = NAME, within: float = 5.0) -> Visit:
    async def visiting(port: int) -> Visit:
        deadline = asyncio.get_running_loop().time() + within
        return await visit(Endpoint("127.0.0.1", port), name, tls, deadline)

    with serving(habit) as port:
        return asyncio.run(visiting(port))


def test_a_port_where_somebody_listens_is_open() -> None:
    with serving(open_only) as port:
        found = knocked("127.0.0.1", port)

    assert (found.door, found.where) == (Door.OPEN, f"127.0.0.1:{port}")
    assert found.seconds > 0


def test_a_port_where_nobody_listens_refuses() -> None:
    with nobody() as port:
        found = knocked("127.0.0.1", port)

    assert found.door is Door.REFUSED


def test_a_port_that_does_not_answer_is_given_up_in_time() -> None:
    with deaf() as port:
        found = knocked("127.0.0.1", port, within=0.1)

    assert found.door is Door.SILENT


def test_an_address_to_which_no_way_leads_is_told_from_one_that_refuses() -> None:
    # A link-local address without its interface leads nowhere, on every machine.
    found = knocked("fe80::1", 4307, within=1)

    assert found.door in {Door.NO_ROUTE, Door.BROKEN}
    assert found.detail
    assert found.where == "[fe80::1]:4307"


def test_a_certificate_of_the_trusted_authority_for_the_name_secures(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    found = visited(with_tls(authority.server(NAME, "other.example.org")), trusting)

    assert found.handshake is not None
    assert found.handshake.tls is Tls.SECURED
    assert found.handshake.version == "TLSv1.3"
    certificate = found.handshake.certificate
    assert certificate is not None
    assert certificate.names == (NAME, "other.example.org")
    assert certificate.issuer.startswith("trustme")
    assert certificate.begins < dt.datetime.now(dt.UTC) < certificate.ends


def test_a_certificate_that_is_refused_is_shown_all_the_same(
    authority: Authority, trusting: ssl.SSLContext
) -> None:
    expired = visited(with_tls(authority.server(NAME, ends=LONG_AGO)), trusting)
    early = visited(with_tls(authority.server(NAME, begins=FAR_AHEAD, ends=FAR_AHEAD)), trusting)
    others = visited(with_tls(authority.server("other.example.org")), trusting)
    strangers = visited(with_tls(Authority().server(NAME)), trusting)
    own = visited(with_tls(signed_by_itself(NAME)), trusting)

    assert [told(each) for each in (expired, early, others, strangers, own)] == [
        (Tls.EXPIRED, (NAME,)),
        (Tls.NOT_YET_VALID, (NAME,)),
        (Tls.OTHER_NAME, ("other.example.org",)),
        (Tls.UNKNOWN_ISSUER, (NAME,)),
        (Tls.SELF_SIGNED, (NAME,)),
    ]


@pytest.mark.parametrize(
    ("habit", "expected"),
    [
        (speaks_http, Tls.PLAIN),
        (speaks_first, Tls.PLAIN),
        (speaks_old_tls, Tls.OLD),
        (hangs_up, Tls.HUNG_UP),
        (says_nothing, Tls.SILENT),
    ],
)
def test_what_is_no_tls_of_today_is_told_apart(
    habit: Habit, expected: Tls, trusting: ssl.SSLContext
) -> None:
    found = visited(habit, trusting, within=0.3 if expected is Tls.SILENT else 5.0)

    assert found.handshake is not None
    assert found.handshake.tls is expected


def test_no_handshake_is_tried_at_a_closed_door(trusting: ssl.SSLContext) -> None:
    async def visiting(port: int) -> Visit:
        deadline = asyncio.get_running_loop().time() + 5
        return await visit(Endpoint("127.0.0.1", port), NAME, trusting, deadline)

    with nobody() as port:
        found = asyncio.run(visiting(port))

    assert found.knock.door is Door.REFUSED
    assert found.handshake is None


def told(found: Visit) -> tuple[Tls, tuple[str, ...]]:
    assert found.handshake is not None
    assert found.handshake.certificate is not None
    return found.handshake.tls, found.handshake.certificate.names


@contextmanager
def deaf() -> Iterator[int]:
    """Give a port whose queue is full: what knocks there hears nothing, as behind a firewall."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        try:
            while True:
                line = socket.socket()
                waiting.append(line)
                line.settimeout(0.2)
                line.connect(("127.0.0.1", port))
        except TimeoutError:
            yield port
        finally:
            for line in waiting:
                line.close()
