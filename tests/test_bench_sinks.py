"""The sinks of the measurements: what they count is what was sent, however it came."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage

import pytest

from bench.running import free_port
from bench.sinks import taken
from bench.sinks.own import OwnSink, Security, own
from bench.sinks.postfix import sink
from bench.sinks.sink import Sink
from bench.sinks.taken import Mail

SMALL = b"Subject: x\r\nMessage-Id: <%d@conf.example.com>\r\n\r\n..a dot\r\n.\r\n"


def group(number: int) -> bytes:
    """One mail as a client that trusts PIPELINING sends it, body and all."""
    return (
        b"MAIL FROM:<conf@example.com>\r\nRCPT TO:<due-%d-0@example.org>\r\nDATA\r\n" % number
    ) + SMALL % number


@contextmanager
def client(to: OwnSink, security: Security) -> Iterator[smtplib.SMTP]:
    """The library's client, which checks the certificate where there is one."""
    trusted = ssl.create_default_context(cafile=to.ca_file) if security != "none" else None
    made: Callable[[], smtplib.SMTP] = (
        (lambda: smtplib.SMTP_SSL("127.0.0.1", to.port, context=trusted))
        if security == "ssl"
        else lambda: smtplib.SMTP("127.0.0.1", to.port)
    )
    with made() as server:
        if security == "starttls":
            server.starttls(context=trusted)
        yield server


def mail(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "conf@example.com"
    message["To"] = f"person-{number}@example.org"
    message["Message-ID"] = f"<{number}@conf.example.com>"
    message.set_content("Hello.\n.\n..\n" * 2000)
    return message


@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
def test_the_sink_takes_what_the_library_sends(security: Security) -> None:
    with own(free_port(), security=security) as to:
        for connection in range(2):
            with client(to, security) as server:
                for number in range(3):
                    server.send_message(mail(3 * connection + number))

        assert to.mails() == 6
        assert to.connections() == 2
        assert [each.message_id for each in to.taken()] == [
            f"<{number}@conf.example.com>" for number in range(6)
        ]
        assert b"\r\n..\r\n...\r\n" in to.last()


@pytest.mark.parametrize("opened", [own, sink], ids=["ours", "postfix's"])
def test_mails_are_counted(opened: Callable[[int], AbstractContextManager[Sink]]) -> None:
    port = free_port()

    with opened(port) as to, smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(12):
            server.send_message(mail(number))

        to.wait_for(12)
        assert to.mails() == 12


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100_000], ids="in pieces of {}".format)
def test_pieces_and_groups_of_any_size_are_the_same_mails(size: int) -> None:
    port = free_port()
    sent = b"EHLO client\r\n" + b"".join(group(number) for number in range(3))

    with own(port) as to, socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            line.sendall(sent[at : at + size])
        to.wait_for(3)
        found = to.taken()

    assert [each.recipients for each in found] == [(f"due-{n}-0@example.org",) for n in range(3)]
    assert [each.message_id for each in found] == [f"<{n}@conf.example.com>" for n in range(3)]
    assert {each.size for each in found} == {len(SMALL % 1) - len("\r\n.\r\n")}


def test_a_far_server_answers_a_group_once_and_after_its_delay() -> None:
    port = free_port()

    with (
        own(port, delay_milliseconds=60) as to,
        socket.create_connection(("127.0.0.1", port)) as line,
    ):
        line.recv(1000)
        began = time.monotonic()
        line.sendall(group(1) + b"NOOP\r\n")
        answers = line.recv(1000)
        took = time.monotonic() - began

        assert answers.count(b"\r\n") == 5
        assert answers.split(b"\r\n")[2].startswith(b"354")
        assert took >= 0.059  # the loop's timers count whole milliseconds
        assert to.mails() == 1


def test_what_is_sent_along_with_starttls_is_forgotten() -> None:
    port = free_port()

    with (
        own(port, security="starttls") as to,
        socket.create_connection(("127.0.0.1", port)) as line,
    ):
        line.recv(1000)
        line.sendall(b"STARTTLS\r\nRCPT TO:<slipped.in@example.org>\r\n")
        line.recv(1000)
        trusted = ssl.create_default_context(cafile=to.ca_file)
        with trusted.wrap_socket(line, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"EHLO client\r\n")

            assert secure.recv(1000).startswith(b"250-sink\r\n250-PIPELINING")


def test_an_empty_mail_is_a_mail() -> None:
    port = free_port()

    with own(port) as to, smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("conf@example.com", ["a@example.org", "b@example.org"], "")

        [found] = to.taken()
        assert found.recipients == ("a@example.org", "b@example.org")
        assert (found.size, found.message_id) == (0, taken.NO_ID)


def test_what_is_not_to_be_noted_is_counted_all_the_same() -> None:
    port = free_port()

    with own(port, noting="due-") as to, smtplib.SMTP("127.0.0.1", port) as server:
        for name in ("due-1", "person-1", "due-2"):
            server.sendmail("conf@example.com", [f"{name}@example.org"], "x")

        assert to.mails() == 3
        assert [each.recipients[0][:5] for each in to.taken()] == ["due-1", "due-2"]
        assert len(to.taken(since=1)) == 1


def test_open_connections_are_counted_at_their_most() -> None:
    port = free_port()

    with own(port) as to:
        lines = [socket.create_connection(("127.0.0.1", port)) for _line in range(5)]
        for line in lines:
            line.recv(1000)
        for line in lines:
            line.close()
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.noop()

        assert to.counts["most_open"] >= 5
        assert to.counts["connections"] == 6


def test_a_port_that_is_taken_is_told() -> None:
    port = free_port()

    with own(port), pytest.raises(RuntimeError, match="could not be started"), own(port):
        pass


def test_doubles_and_losses_are_found() -> None:
    got = [
        Mail(1.0, 10, ("a@example.org",), "<1>"),
        Mail(2.0, 10, ("b@example.org",), "<2>"),
        Mail(3.0, 10, ("a@example.org",), "<1>"),
        Mail(4.0, 10, ("a@example.org",), "<3>"),
        Mail(5.0, 10, ("c@example.org",), taken.NO_ID),
        Mail(6.0, 10, ("d@example.org",), taken.NO_ID),
    ]

    assert taken.doubled(got) == 1
    assert taken.doubled_for(got) == 2
    assert taken.lost(got, [f"{name}@example.org" for name in "abcxy"]) == {
        "x@example.org",
        "y@example.org",
    }
