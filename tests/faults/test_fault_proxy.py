"""The proxy itself does what it is told: each fault, seen from both sides of it."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis
from tests.smtp_servers import HOST, wait_until

# Longer than anything here takes on a busy machine, short enough to wait for (seconds).
SILENCE = 0.3


class Echo:
    """A server that says back what it hears, and keeps it."""

    def __init__(self) -> None:
        self.heard = b""
        self._door = socket.create_server((HOST, 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._hold, args=[line], daemon=True).start()

    def _hold(self, line: socket.socket) -> None:
        with line:
            try:
                while content := line.recv(1000):
                    self.heard += content
                    line.sendall(content)
            except OSError:
                return


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with fault_proxy(echo.port) as opened:
        yield opened


@pytest.fixture
def line(proxy: FaultProxy) -> Iterator[socket.socket]:
    with dialled(proxy) as opened:
        yield opened


def dialled(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), timeout=5)


def said(line: socket.socket, words: bytes) -> bytes:
    """Say something and give the answer; empty when the connection has ended."""
    line.sendall(words)
    return line.recv(1000)


def silent(line: socket.socket) -> bool:
    """Whether nothing comes, not even an end."""
    line.settimeout(SILENCE)
    try:
        line.recv(1000)
    except TimeoutError:
        return True
    return False


def test_nothing_is_changed_on_a_good_day(line: socket.socket, echo: Echo) -> None:
    assert said(line, b"hello") == b"hello"
    assert echo.heard == b"hello"


def test_a_cut_ends_the_connection_and_the_next_one_works(
    line: socket.socket, proxy: FaultProxy
) -> None:
    said(line, b"hello")

    proxy.cut()

    assert line.recv(1000) == b""
    with dialled(proxy) as another:
        assert said(another, b"again") == b"again"


def test_a_reset_is_not_a_good_bye(line: socket.socket, proxy: FaultProxy) -> None:
    said(line, b"hello")

    proxy.reset()

    with pytest.raises(ConnectionResetError):
        line.recv(1000)


def test_whoever_is_refused_is_refused_until_it_is_healed(
    line: socket.socket, proxy: FaultProxy
) -> None:
    said(line, b"hello")

    proxy.refuse()

    with dialled(proxy) as second:
        assert second.recv(1000) == b""
    proxy.heal()
    with dialled(proxy) as third:
        assert said(third, b"again") == b"again"


def test_a_black_hole_takes_everything_and_says_nothing(
    line: socket.socket, proxy: FaultProxy, echo: Echo
) -> None:
    said(line, b"hello")

    proxy.swallow()
    line.sendall(b"anybody?")

    assert silent(line)
    assert echo.heard == b"hello"


def test_a_connection_that_lost_something_stays_silent_when_all_is_well_again(
    line: socket.socket, proxy: FaultProxy
) -> None:
    proxy.swallow_replies()
    line.sendall(b"first")
    assert silent(line)

    proxy.heal()
    line.sendall(b"second")

    assert silent(line)
    with dialled(proxy) as another:
        assert said(another, b"again") == b"again"


def test_swallowed_replies_leave_the_server_with_what_it_was_asked(
    line: socket.socket, proxy: FaultProxy, echo: Echo
) -> None:
    proxy.swallow_replies()
    line.sendall(b"write this")

    assert silent(line)
    assert echo.heard == b"write this"


def test_a_reply_that_is_cut_was_asked_for_and_never_came(
    line: socket.socket, proxy: FaultProxy, echo: Echo
) -> None:
    proxy.cut_reply()

    assert said(line, b"write this") == b""
    assert echo.heard == b"write this"
    with dialled(proxy) as another:
        assert said(another, b"again") == b"again"


def test_a_cut_after_so_many_bytes_lets_just_these_pass(
    line: socket.socket, proxy: FaultProxy, echo: Echo
) -> None:
    proxy.asked.cut_after = 7

    said(line, b"first second")

    wait_until(lambda: echo.heard == b"first s", what="the first seven bytes")
    assert line.recv(1000) == b""


def test_a_black_hole_may_open_in_the_middle_of_a_word(
    line: socket.socket, proxy: FaultProxy, echo: Echo
) -> None:
    proxy.asked.swallow_after = 7
    line.sendall(b"first second")

    assert line.recv(1000) == b"first s"
    assert silent(line)
    assert echo.heard == b"first s"


def test_a_delay_holds_up_each_way(line: socket.socket, proxy: FaultProxy) -> None:
    proxy.delay(0.1)
    began = time.monotonic()

    assert said(line, b"hello") == b"hello"

    assert time.monotonic() - began >= 0.2


def test_a_redis_behind_a_unix_socket_answers_through_it(tmp_path: Path) -> None:
    with (
        PrivateRedis() as redis,
        fault_proxy(redis.folder / "socket", at=tmp_path / "proxy") as proxy,
        socket.socket(socket.AF_UNIX) as line,
    ):
        line.settimeout(5)
        line.connect(str(tmp_path / "proxy"))

        assert said(line, b"PING\r\n") == b"+PONG\r\n"

        proxy.cut()
        assert line.recv(100) == b""
