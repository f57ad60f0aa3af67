"""Mail servers that are not what they say: they get nothing of ours, and do us no harm.

What a certificate must be, and that no login is tried in the clear, is tried in
`tests/adapters/test_smtp_opening.py`; replies at every step in `tests/adapters/test_smtp.py`.
"""

import asyncio
import base64
import contextlib
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters.smtp_check import check
from notifier.adapters.smtp_line import LONGEST_REPLY, Silence, take_over
from notifier.core.delivery import State
from notifier.core.outcomes import Accepted, Deferred, Outcome, Refused, Unanswered, Unreachable
from tests import cast
from tests.adapters.desk import Desk
from tests.smtp_scripts import HANG, ScriptedServer, scripted_server
from tests.smtp_sending import LETTER, go_on, mailer, send_one
from tests.smtp_servers import (
    HOST,
    Authority,
    LoopThread,
    MailServer,
    Record,
    listening,
    mail_server,
    until,
)

# Clears a screen, sets a title (both in C0 and in C1), turns the writing, ends a line.
EVIL = "\x1b[2J\x1b]0;owned\x07 \x9b31m \u202e \u2028 \x00 \x7f"
pytestmark = pytest.mark.asyncio

PASSWORD = "pa55-w0rd"
LOGIN = {"authentication": "password", "username": "conf", "password": PASSWORD}
AUTH = ("AUTH PLAIN LOGIN",)

# What a server that never comes to an end can have us keep, at most: one reply and what the
# event loop reads in one go (bytes).
BOUND = LONGEST_REPLY + 256 * 1024


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@contextlib.contextmanager
def flooding(greeting: bytes, flood: bytes, *, most: int = 64 * 2**20) -> Iterator[MailServer]:
    """A server that greets, and then sends `flood` again and again whatever it hears.

    `seen.commands` holds how much it could send before the other side had closed (bytes).
    """
    seen = Record()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        thread.opened(writer.transport)
        sent = 0
        with contextlib.suppress(ConnectionError):
            writer.write(greeting)
            while sent < most:
                writer.write(flood)
                sent += len(flood)
                await writer.drain()
        seen.commands.append(str(sent))
        writer.transport.abort()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(serve, HOST, 0)

    with LoopThread() as thread, listening(thread, listen) as port:
        yield MailServer(port, "none", seen)


def detail(outcome: Outcome) -> str:
    """What of an outcome is written to the ledger."""
    match outcome:
        case Accepted(text) | Deferred(text) | Refused(text) | Unanswered(text) | Unreachable(text):
            return text
        case _:
            raise AssertionError(outcome)


# ---- without an end ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood",
    [b"x" * 65536, b"220-still greeting\r\n" * 3000, b"\r\n" * 30000, b"\x00" * 65536],
    ids=["no line end", "always one more line", "empty lines", "zeros"],
)
async def test_a_greeting_without_an_end_is_left(flood: bytes) -> None:
    with flooding(b"", flood) as server:
        outcome = await send_one(server.settings())
        await until(lambda: bool(server.seen.commands), what="the end of the flood")

    assert isinstance(outcome, Unreachable)
    # What the kernels of both sides hold is theirs; far from all of it was taken.
    assert int(server.seen.commands[0]) < 32 * 2**20


@pytest.mark.parametrize("verb", ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize(
    "flood", [b"2" * 8_000_000, b"250-one more\r\n" * 600_000], ids=["line", "lines"]
)
async def test_an_answer_without_an_end_is_left(verb: str, flood: bytes) -> None:
    with scripted_server({verb: flood}, extensions=AUTH) as server:
        outcome = await send_one(server.settings(**LOGIN))

    # Only after the final dot is anything in doubt, and never is it said to be accepted.
    assert isinstance(outcome, Unanswered if verb == "BODY" else Unreachable | Deferred)
    assert len(detail(outcome)) < 1_000


async def test_what_is_kept_of_a_flood_is_bounded() -> None:
    kept = 0
    with flooding(b"220 hello\r\n", b"250-one more\r\n" * 5000) as server:
        reader_transport, _ = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, HOST, server.port
        )
        line = take_over(reader_transport, {})
        received = line.data_received

        def count(data: bytes) -> None:
            nonlocal kept
            received(data)
            kept = max(kept, len(line._buffer) + sum(map(len, line._lines)))  # noqa: SLF001 - what it keeps is the claim

        line.data_received = count  # type: ignore[method-assign]  # to look at each step
        answers = line.ask(b"EHLO me\r\n", *[5.0] * 1000)
        with contextlib.suppress(Silence):
            while True:
                await answers.reply()

    assert 0 < kept < BOUND
    assert line.fault == "the server's reply does not end"


async def test_a_server_that_trickles_is_not_waited_for_byte_by_byte() -> None:
    """The wait is for the whole reply: each byte does not begin it anew."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        thread.opened(writer.transport)
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250 hello\r\n")
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while True:
                writer.write(b"2")
                await asyncio.sleep(0.02)

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(serve, HOST, 0)

    with LoopThread() as thread, listening(thread, listen) as port:
        server = MailServer(port, "none", Record())
        async with asyncio.timeout(20):
            outcome = await send_one(server.settings())

    assert isinstance(outcome, Unreachable)


# ---- what it says --------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("code", ["220", "354", "450", "550"])
async def test_no_answer_carries_controls_into_the_ledger(verb: str, code: str) -> None:
    said = f"{code} 5.7.1 {EVIL} go\r\n".encode()
    with scripted_server({verb: said}, extensions=AUTH) as server:
        outcome = await send_one(server.settings(**LOGIN))
        report = await check(server.settings(**LOGIN), timeout=2)

    assert detail(outcome).isprintable()
    assert report.message.isprintable()
    assert all(step.detail.isprintable() for step in report.steps)


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "BODY"])
async def test_bytes_that_are_no_text_can_be_written_down(verb: str) -> None:
    with scripted_server({verb: b"550 Zur\xfcck\xff\xed\xa0\x80\r\n"}, extensions=AUTH) as server:
        outcome = await send_one(server.settings(**LOGIN))
        report = await check(server.settings(**LOGIN), timeout=2)

    assert detail(outcome).encode()
    assert report.message.encode()
    assert "550" in detail(outcome)


@pytest.mark.parametrize(
    "quoted",
    [PASSWORD, base64.b64encode(f"\0conf\0{PASSWORD}".encode()).decode()],
    ids=["password", "AUTH PLAIN"],
)
async def test_a_server_that_quotes_the_password_is_not_repeated(quoted: str) -> None:
    with scripted_server({"AUTH": f"535 5.7.8 wrong: {quoted}"}, extensions=AUTH) as server:
        outcome = await send_one(server.settings(**LOGIN))
        report = await check(server.settings(**LOGIN))

    assert "535 5.7.8 wrong" in detail(outcome)
    assert quoted not in detail(outcome)
    assert quoted not in str(report)


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n", b"-1 x\r\n", b"220", b"99999 x\r\n"],
)
async def test_what_is_not_smtp_is_unreachable(greeting: bytes) -> None:
    with scripted_server({"GREETING": [greeting, HANG]}) as server:
        async with asyncio.timeout(20):
            outcome = await send_one(server.settings())

    assert isinstance(outcome, Unreachable)
    assert server.seen.mails == []


# ---- before it is asked --------------------------------------------------------------------


async def test_a_yes_that_comes_before_the_body_accepts_nothing() -> None:
    """The server says 354 and `250 queued` in one breath, before it has seen anything."""
    early = b"354 go ahead\r\n250 2.0.0 queued\r\n"
    with scripted_server({"DATA": early}, extensions=("PIPELINING",)) as server:
        outcome = await send_one(server.settings())

    assert not isinstance(outcome, Accepted)


async def test_a_yes_that_comes_before_a_letter_is_not_the_answer_to_it() -> None:
    """Said after a letter was taken, it would be the answer to the next MAIL FROM."""
    early = b"250 2.0.0 queued\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n250 2.0.0 queued\r\n"
    with scripted_server({"BODY": early}) as server:
        async with mailer(server.settings()) as sender:
            first = await sender.send(LETTER, go_on)
            second = await sender.send(LETTER, go_on)

    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    # The second went over a connection of its own, in which the server has seen it.
    assert len(server.seen.mails) == 2
    assert server.seen.connections == 2


# ---- TLS -----------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def meddling(
    authority: Authority, tmp_path: Path, *, behind: bytes
) -> AsyncIterator[tuple[MailServer, list[bytes]]]:
    """A server behind a man in the middle who adds `behind` to its answer to STARTTLS."""
    heard: list[bytes] = []
    context = authority.context()
    seen = Record()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        thread.opened(writer.transport)
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-hello\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go ahead\r\n" + behind)
        await writer.drain()
        try:
            await writer.start_tls(context)
            heard.append(await reader.readline())
            writer.write(b"250-secured\r\n250 AUTH CRAM-MD5\r\n")
            heard.append(await reader.readline())
            writer.write(b"535 no\r\n")
            heard.append(await reader.readline())
        except (ConnectionError, ssl.SSLError):
            pass
        writer.transport.abort()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(serve, HOST, 0)

    with LoopThread() as thread, listening(thread, listen) as port:
        yield MailServer(port, "starttls", seen, authority.file(tmp_path)), heard


@pytest.mark.parametrize(
    "behind",
    [
        b"250-injected\r\n250 AUTH PLAIN LOGIN\r\n",
        b"250 injected\r\n235 welcome\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n",
    ],
    ids=["an offer of PLAIN", "a whole conversation"],
)
async def test_what_was_said_before_tls_counts_for_nothing_within(
    authority: Authority, tmp_path: Path, behind: bytes
) -> None:
    async with meddling(authority, tmp_path, behind=behind) as (server, heard):
        outcome = await send_one(server.settings(**LOGIN))

    # Either the handshake fails over it, or we go by what was said inside, word for word.
    assert isinstance(outcome, Unreachable)
    assert not any(line.startswith((b"AUTH PLAIN", b"AUTH LOGIN", b"MAIL")) for line in heard)


@pytest.mark.parametrize(
    "offer",
    ["250 hello", "250-hello\r\n250 XXXXXXXX", "250-hello\r\n250 STARTTLSX"],
    ids=["left out", "overwritten", "nearly"],
)
async def test_a_stripped_offer_of_tls_ends_the_conversation(
    authority: Authority, tmp_path: Path, offer: str
) -> None:
    ca_file = authority.file(tmp_path)
    script = {"EHLO": offer}
    with scripted_server(
        script, security="starttls", context=authority.context(), ca_file=ca_file
    ) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert [line.split()[0] for line in server.seen.commands] == ["EHLO"]


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "502 what", "250 ok"])
async def test_a_refused_tls_ends_the_conversation(
    authority: Authority, tmp_path: Path, answer: str
) -> None:
    ca_file = authority.file(tmp_path)
    with scripted_server(
        {"STARTTLS": answer.encode() + b"\r\n"},
        security="starttls",
        context=authority.context(),
        ca_file=ca_file,
    ) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.seen.commands)


@pytest.mark.parametrize("security", ["ssl", "starttls"])
async def test_a_certificate_that_signed_itself_gets_nothing(tmp_path: Path, security: Any) -> None:
    stranger = Authority()
    with _secured(stranger.context(), security) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert "certificate" in detail(outcome)
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.seen.commands)


def _secured(
    context: ssl.SSLContext, security: Any
) -> contextlib.AbstractContextManager[ScriptedServer]:
    return scripted_server({}, security=security, context=context, extensions=AUTH)


async def test_old_tls_is_refused(authority: Authority, tmp_path: Path) -> None:
    context = authority.context()
    with warnings.catch_warnings(action="ignore"):  # that it is old
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with scripted_server(
        {}, security="ssl", context=context, ca_file=authority.file(tmp_path)
    ) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert server.seen.commands == []


# ---- the login -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "challenge",
    [b"334 not base64!\r\n", b"334 \r\n", b"334\r\n", b"334 " + b"A" * 7000 + b"\r\n"],
)
async def test_a_senseless_challenge_is_the_servers_fault(challenge: bytes) -> None:
    with scripted_server({"AUTH": challenge}, extensions=("AUTH CRAM-MD5",)) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)


@pytest.mark.parametrize("offer", ["AUTH", "AUTH NTLM GSSAPI", "AUTH ANONYMOUS", "AUTH XOAUTH2"])
async def test_no_weaker_login_is_invented(offer: str) -> None:
    with scripted_server({}, extensions=(offer,)) as server:
        outcome = await send_one(server.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert not any(line.startswith(("AUTH", "MAIL")) for line in server.seen.commands)


async def test_a_refused_login_is_not_tried_another_way() -> None:
    with scripted_server({"AUTH": "535 5.7.8 no"}, extensions=("AUTH PLAIN LOGIN CRAM-MD5",)) as s:
        outcome = await send_one(s.settings(**LOGIN))

    assert isinstance(outcome, Unreachable)
    assert sum(line.startswith("AUTH") for line in s.seen.commands) == 1


# ---- what becomes of the mail --------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "tries"),
    [
        ({"GREETING": b"220-x\r\n" * 10_000}, 0),
        ({"GREETING": b"554 \xff\x1b[2J\r\n"}, 0),
        ({"EHLO": b"250-\x00\r\n250 \xed\xa0\x80\r\n", "MAIL": "421 go away"}, 0),
        ({"MAIL": b"\x1b[2J\r\n"}, 0),
        # From here on it may be this mail that the server cannot bear.
        ({"RCPT": b"250-x\r\n" * 10_000}, 1),
        ({"DATA": b"354 go\r\n250 queued\r\n"}, 1),
    ],
)
async def test_a_hostile_server_costs_no_mail(
    office: Desk, monkeypatch: pytest.MonkeyPatch, script: dict[str, Any], tries: int
) -> None:
    happened = {"caller": cast.ANNA, "recipient": cast.BORIS, "time": "2026-11-23T09:30:00Z"}
    office.now = cast.NOW
    await office.hear(cast.event("call.missed", happened))

    with scripted_server(script) as hostile:
        async with mailer(hostile.settings()) as sender:
            monkeypatch.setattr(office.postman, "send", sender.send)
            await office.deliver()
    [row] = await office.deliveries()
    assert (row.state, row.attempts, row.doubts) == (State.PENDING, tries, 0)
    assert row.reason.isprintable()

    with mail_server() as good:
        async with mailer(good.settings()) as sender:
            monkeypatch.setattr(office.postman, "send", sender.send)
            office.now = cast.NOW + timedelta(hours=1)
            await office.notifier.sweep()
            await office.deliver()
    [row] = await office.deliveries()
    assert row.state is State.SENT
    assert len(good.seen.mails) == 1
