"""Sending over real connections: what leaves, what comes back, and what is kept open."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.smtp_line import Waits
from notifier.adapters.smtp_pool import Habits
from notifier.core.delivery import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.core.settings import Security, Smtp
from notifier.ports import Letter
from tests.smtp_scripts import CUT, HANG, scripted_server
from tests.smtp_servers import HOST, Authority, MailServer, mail_server, until

pytestmark = pytest.mark.asyncio

LETTER = Letter(
    sender="conf@example.com",
    recipient="boris@example.org",
    content=b"From: conf@example.com\r\nTo: boris@example.org\r\nSubject: Hello\r\n\r\nBoris\r\n",
)

# No server of these tests needs longer; a hanging one is noticed after this (seconds).
SHORT = Waits(connect=5, tls=5, greeting=0.3, command=5, mail=5, rcpt=5, data=5, body=5, noop=0.3)


async def go_on() -> None:
    """Let everything pass."""


@asynccontextmanager
async def mailer(
    settings: Smtp, *, waits: Waits = SHORT, habits: Habits | None = None
) -> AsyncIterator[SmtpMailer]:
    sender = SmtpMailer(settings, waits=waits, habits=habits)
    try:
        yield sender
    finally:
        await sender.close()


async def send_one(settings: Smtp, letter: Letter = LETTER, **options: Waits | Habits) -> Outcome:
    async with mailer(settings, **options) as sender:  # type: ignore[arg-type]  # by name above
        return await sender.send(letter, go_on)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    return authority.file(tmp_path)


class TestTheThreeSecurities:
    @pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
    async def test_a_letter_arrives_with_its_envelope(
        self, security: Security, authority: Authority, ca_file: str
    ) -> None:
        with mail_server(security=security, context=authority.context(), ca_file=ca_file) as server:
            outcome = await send_one(server.settings())

        mail = server.seen.mails[0]
        assert outcome == Accepted("250 2.0.0 queued as 1")
        assert (mail.sender, mail.recipients) == (LETTER.sender, (LETTER.recipient,))
        assert mail.content == LETTER.content
        assert mail.secured is (security != "none")

    @pytest.mark.parametrize("security", ["ssl", "starttls"])
    async def test_a_server_of_an_unknown_ca_gets_nothing(
        self, security: Security, authority: Authority
    ) -> None:
        with mail_server(
            security=security, context=authority.context(), login=("conf", "right")
        ) as server:
            outcome = await send_one(with_password(server, "right"))

        assert isinstance(outcome, Unreachable)
        assert "unknown CA" in outcome.detail
        assert server.seen.logins == []

    @pytest.mark.parametrize("security", ["ssl", "starttls"])
    async def test_an_expired_certificate_is_named(
        self, security: Security, authority: Authority, ca_file: str
    ) -> None:
        context = authority.context(expired=True)
        with mail_server(security=security, context=context, ca_file=ca_file) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Unreachable)
        assert "certificate has expired" in outcome.detail

    @pytest.mark.parametrize("security", ["ssl", "starttls"])
    async def test_a_certificate_for_another_name_is_named(
        self, security: Security, authority: Authority, ca_file: str
    ) -> None:
        context = authority.context("mail.example.net")
        with mail_server(security=security, context=context, ca_file=ca_file) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Unreachable)
        assert "certificate is for another name" in outcome.detail

    async def test_without_the_offer_of_starttls_nothing_is_sent_in_the_clear(self) -> None:
        with scripted_server() as server:
            outcome = await send_one(server.settings(security="starttls"))

        assert isinstance(outcome, Unreachable)
        assert "STARTTLS is missing" in outcome.detail
        assert [line.split(" ")[0] for line in server.seen.commands] == ["EHLO"]

    async def test_a_port_without_implicit_tls_is_recognised(self) -> None:
        with scripted_server() as server:
            outcome = await send_one(server.settings(security="ssl"))

        assert isinstance(outcome, Unreachable)
        assert "does not speak TLS from the start" in outcome.detail

    async def test_an_unreadable_ca_file_is_named(self) -> None:
        with scripted_server() as server:
            outcome = await send_one(server.settings(security="ssl", ca_file="/nowhere/ca.pem"))

        assert isinstance(outcome, Unreachable)
        assert "/nowhere/ca.pem" in outcome.detail


def with_password(server: MailServer, password: str) -> Smtp:
    return server.settings(authentication="password", username="conf", password=password)


class TestLogin:
    @pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
    async def test_the_right_password_opens(
        self, security: Security, authority: Authority, ca_file: str
    ) -> None:
        with mail_server(
            security=security,
            context=authority.context(),
            ca_file=ca_file,
            login=("conf", "pässword"),
        ) as server:
            outcome = await send_one(with_password(server, "pässword"))

        assert isinstance(outcome, Accepted)
        assert server.seen.mails[0].login == "conf"

    async def test_a_wrong_password_is_tried_once_and_is_not_the_letters_fault(self) -> None:
        with mail_server(login=("conf", "right")) as server:
            outcome = await send_one(with_password(server, "wrong"))

        assert isinstance(outcome, Unreachable)
        assert "login refused: 535" in outcome.detail
        assert server.seen.logins == ["PLAIN"]

    @pytest.mark.parametrize(
        ("offered", "chosen"),
        [
            ("CRAM-MD5 LOGIN PLAIN", "AUTH PLAIN"),
            ("CRAM-MD5 LOGIN", "AUTH LOGIN"),
            ("CRAM-MD5 GSSAPI", "AUTH CRAM-MD5"),
        ],
    )
    async def test_one_method_is_chosen_from_the_offer(self, offered: str, chosen: str) -> None:
        script = {"AUTH": "535 5.7.8 no"}
        with scripted_server(script, extensions=[f"AUTH {offered}"]) as server:
            await send_one(with_password(server, "secret"))

        tried = [line for line in server.seen.commands if line.startswith("AUTH")]
        assert [line.rsplit(" ", len(line.split()) - 2)[0] for line in tried] == [chosen]

    async def test_a_server_without_password_login_is_named(self) -> None:
        with scripted_server(extensions=["AUTH GSSAPI"]) as server:
            outcome = await send_one(with_password(server, "secret"))

        assert isinstance(outcome, Unreachable)
        assert "offers no login by password" in outcome.detail

    async def test_no_password_crosses_the_network_in_the_clear(self) -> None:
        address = own_address()
        with scripted_server(extensions=["AUTH PLAIN"], host=address) as server:
            outcome = await send_one(
                msgspec.structs.replace(with_password(server, "secret"), host=address)
            )

        assert isinstance(outcome, Unreachable)
        assert "in the clear" in outcome.detail
        assert not any(line.startswith("AUTH") for line in server.seen.commands)


def own_address() -> str:
    """Give an address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(door.getsockname()[0])


class TestTheRoad:
    async def test_a_refused_port_is_named(self) -> None:
        with socket.socket() as door:
            door.bind((HOST, 0))
            port = door.getsockname()[1]

        outcome = await send_one(Smtp(host=HOST, port=port, security="none"))

        assert outcome == Unreachable(f"{HOST} port {port} refused the connection")

    async def test_an_unknown_host_is_named(self) -> None:
        outcome = await send_one(Smtp(host="mail.nowhere.invalid", security="none"))

        assert isinstance(outcome, Unreachable)
        assert "DNS: the host 'mail.nowhere.invalid' is not known" in outcome.detail

    @pytest.mark.parametrize("host", ["", "a..b", "x" * 70])
    async def test_a_host_that_is_no_name_is_unreachable(self, host: str) -> None:
        outcome = await send_one(Smtp(host=host, security="none"))

        assert isinstance(outcome, Unreachable)

    @pytest.mark.parametrize(
        "greeting", ["421 4.3.2 busy", "554 5.7.1 go away", HANG, CUT, b"hi\r\n"]
    )
    async def test_a_server_that_does_not_greet_is_unreachable(self, greeting: object) -> None:
        with scripted_server({"GREETING": greeting}) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Unreachable)
        assert server.seen.commands == []

    @pytest.mark.parametrize("answer", ["421 4.3.2 busy", "502 what", CUT, b"hi\r\n"])
    async def test_a_server_that_does_not_know_ehlo_is_unreachable(self, answer: object) -> None:
        with scripted_server({"EHLO": answer}) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Unreachable)
        assert "EHLO" in outcome.detail

    @pytest.mark.parametrize("answer", ["421 4.3.2 busy", "454 4.7.0 later", HANG, CUT])
    async def test_a_login_without_a_yes_is_unreachable(self, answer: object) -> None:
        with scripted_server({"AUTH": answer}, extensions=["AUTH PLAIN"]) as server:
            outcome = await send_one(with_password(server, "x"), waits=quick("command"))

        assert isinstance(outcome, Unreachable)
        assert "login" in outcome.detail


def quick(phase: str) -> Waits:
    """Give waits of which the one for `phase` is over at once."""
    return msgspec.structs.replace(SHORT, **{phase: 0.2})


@pytest.fixture(params=[True, False], ids=["pipelined", "one by one"])
def extensions(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return ("PIPELINING", "8BITMIME") if request.param else ("8BITMIME",)


class TestReplies:
    @pytest.mark.parametrize(
        ("verb", "reply", "expected"),
        [
            ("MAIL", "421 4.3.2 bye", Unreachable("the answer to MAIL FROM was: 421 4.3.2 bye")),
            ("RCPT", "421 4.3.2 bye", Unreachable("the answer to RCPT TO was: 421 4.3.2 bye")),
            ("DATA", "421 4.3.2 bye", Unreachable("the answer to DATA was: 421 4.3.2 bye")),
            ("BODY", "421 4.3.2 bye", Unreachable("the answer to the message was: 421 4.3.2 bye")),
            ("MAIL", "550 5.7.1 no", Unreachable("the answer to MAIL FROM was: 550 5.7.1 no")),
            ("MAIL", "552 5.3.4 big", Refused("552 5.3.4 big")),
            ("RCPT", "450 4.2.0 greylisted", Deferred("450 4.2.0 greylisted", 300)),
            ("RCPT", "550 5.1.1 nobody", Refused("550 5.1.1 nobody", bad_address=True)),
            ("RCPT", "554 5.7.1 policy", Refused("554 5.7.1 policy")),
            ("RCPT", "552 5.2.2 full", Deferred("552 5.2.2 full")),
            ("DATA", "451 4.3.0 later", Deferred("451 4.3.0 later")),
            ("DATA", "554 5.5.1 no", Refused("554 5.5.1 no")),
            ("BODY", "452 4.3.1 disk full", Deferred("452 4.3.1 disk full")),
            ("BODY", "552 5.3.4 big", Refused("552 5.3.4 big")),
            ("BODY", "554 5.7.1 spam", Refused("554 5.7.1 spam")),
            ("BODY", "251 2.0.0 elsewhere", Accepted("251 2.0.0 elsewhere")),
            ("BODY", "200 fine", Accepted("200 fine")),
            (
                "RCPT",
                "550-5.1.1 nobody\r\n550-5.1.1 of that name\r\n550 5.1.1 here",
                Refused("550 5.1.1 nobody of that name here", bad_address=True),
            ),
        ],
    )
    async def test_a_reply_has_its_outcome(
        self, verb: str, reply: str, expected: Outcome, extensions: tuple[str, ...]
    ) -> None:
        with scripted_server({verb: reply}, extensions=extensions) as server:
            outcome = await send_one(server.settings())

        assert outcome == expected
        assert server.hasty == []

    @pytest.mark.parametrize("answer", [HANG, CUT, b"\x00\xff what\r\n", b"250-a\r\n550 b\r\n"])
    @pytest.mark.parametrize(
        ("verb", "phase", "expected"),
        [
            ("MAIL", "mail", Unreachable),
            ("RCPT", "rcpt", Deferred),
            ("DATA", "data", Deferred),
            ("BODY", "body", Unanswered),
        ],
    )
    async def test_no_definite_reply_means_unknown_only_after_the_dot(
        self,
        verb: str,
        phase: str,
        expected: type[Outcome],
        answer: object,
        extensions: tuple[str, ...],
    ) -> None:
        with scripted_server({verb: answer}, extensions=extensions) as server:
            outcome = await send_one(server.settings(), waits=quick(phase))

        assert isinstance(outcome, expected)
        assert len(server.seen.mails) == (1 if verb == "BODY" else 0)

    async def test_a_cut_within_the_body_is_unknown(self) -> None:
        with scripted_server({"BODY_BEGUN": CUT}) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Unanswered)

    async def test_an_answer_that_never_ends_is_cut_off(self) -> None:
        with scripted_server({"BODY": b"250-" + b"x" * 100_000}) as server:
            outcome = await send_one(server.settings())

        assert outcome == Unanswered(
            "no definite answer to the message: the server's reply does not end"
        )

    async def test_a_body_wanted_for_nobody_is_not_given(self) -> None:
        with scripted_server({"RCPT": ["550 5.1.1 nobody", "250 ok"]}) as server:
            async with mailer(server.settings()) as sender:
                first = await sender.send(LETTER, go_on)
                second = await sender.send(LETTER, go_on)

        assert first == Refused("550 5.1.1 nobody", bad_address=True)
        assert isinstance(second, Accepted)
        assert len(server.seen.mails) == 1
        assert server.seen.connections == 2


class TestTheFence:
    async def test_a_no_keeps_the_body_here(self, extensions: tuple[str, ...]) -> None:
        async def cancelled() -> str:
            return "cancelled"

        with scripted_server(extensions=extensions) as server:
            async with mailer(server.settings()) as sender:
                outcome = await sender.send(LETTER, cancelled)

        assert outcome == Stopped("cancelled")
        assert server.seen.mails == []

    async def test_it_is_asked_only_when_the_server_wants_the_body(self) -> None:
        asked: list[str] = []

        async def ask() -> None:
            asked.append(server.seen.commands[-1])

        with scripted_server(
            {"RCPT": ["550 5.1.1 no", "250 ok"], "DATA": ["503 no", "354 go"]}
        ) as server:
            async with mailer(server.settings()) as sender:
                await sender.send(LETTER, ask)
                await sender.send(LETTER, ask)

        assert asked == ["DATA"]

    async def test_an_exception_in_it_travels_up_and_closes_the_connection(self) -> None:
        async def broken() -> str:
            raise LookupError("the ledger is away")

        with scripted_server() as server:
            async with mailer(server.settings()) as sender:
                with pytest.raises(LookupError):
                    await sender.send(LETTER, broken)
                outcome = await sender.send(LETTER, go_on)

        assert isinstance(outcome, Accepted)
        assert [mail.content for mail in server.seen.mails] == [LETTER.content]

    async def test_a_cut_while_it_looks_sends_nothing_and_is_no_doubt(self) -> None:
        async def look_long() -> None:
            await until(lambda: server.seen.open == 0)
            await asyncio.sleep(0.05)  # the end of the connection reaches us, too

        with scripted_server({"DATA": b"354 go ahead\r\n421 4.4.2 too slow\r\n"}) as server:
            async with mailer(server.settings()) as sender:
                outcome = await sender.send(LETTER, go_on)

        assert isinstance(outcome, Deferred)
        assert server.seen.mails == []


class TestTheBody:
    @pytest.mark.parametrize(
        "body",
        [
            b".\r\n",
            b"a\r\n.\r\nb\r\n",
            b"..\r\n.a\r\n...\r\n",
            b"x" * 900 + b"\r\n",
            b"\r\n\r\n",
            bytes(range(32, 127)) * 7 + b"\r\n",
        ],
    )
    @pytest.mark.parametrize("real", [True, False])
    async def test_it_arrives_byte_by_byte(self, body: bytes, real: bool) -> None:
        letter = msgspec.structs.replace(LETTER, content=b"Subject: dots\r\n\r\n" + body)
        with mail_server() if real else scripted_server() as server:
            outcome = await send_one(server.settings(), letter)

        assert isinstance(outcome, Accepted)
        assert [mail.content for mail in server.seen.mails] == [letter.content]

    @pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n"])
    async def test_odd_line_ends_smuggle_nothing(self, end: bytes) -> None:
        smuggled = b"MAIL FROM:<evil@example.com>\r\n"
        letter = msgspec.structs.replace(LETTER, content=b"S: 1\r\n\r\nhello" + end + smuggled)
        with scripted_server() as server:
            outcome = await send_one(server.settings(), letter)

        assert isinstance(outcome, Accepted)
        assert [mail.content for mail in server.seen.mails] == [
            b"S: 1\r\n\r\nhello\r\n.\r\n" + smuggled
        ]
        assert not any("evil" in line for line in server.seen.commands)

    async def test_a_last_line_without_an_end_gets_one(self) -> None:
        letter = msgspec.structs.replace(LETTER, content=b"S: 1\r\n\r\nhello")
        with scripted_server() as server:
            await send_one(server.settings(), letter)

        assert server.seen.mails[0].content == b"S: 1\r\n\r\nhello\r\n"

    async def test_a_large_letter_arrives_whole(self, authority: Authority, ca_file: str) -> None:
        content = b"S: 1\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 30_000
        letter = msgspec.structs.replace(LETTER, content=content)
        with mail_server(security="ssl", context=authority.context(), ca_file=ca_file) as server:
            outcome = await send_one(server.settings(), letter)

        assert isinstance(outcome, Accepted)
        assert server.seen.mails[0].content == content

    async def test_what_is_too_large_for_the_server_stays_here(self) -> None:
        with scripted_server(extensions=["SIZE 50"]) as server:
            outcome = await send_one(server.settings())

        assert outcome == Refused(f"too_large: {len(LETTER.content)} bytes, the server takes 50")
        assert not any(line.startswith("MAIL") for line in server.seen.commands)

    @pytest.mark.parametrize("size", ["SIZE", "SIZE 0"])
    async def test_a_server_without_a_limit_takes_any_size(self, size: str) -> None:
        with scripted_server(extensions=[size]) as server:
            outcome = await send_one(server.settings())

        assert isinstance(outcome, Accepted)
        assert server.seen.mails[0].options == (f"SIZE={len(LETTER.content)}",)


class TestAddresses:
    @pytest.mark.parametrize(
        "recipient",
        [
            "",
            "boris",
            "a@x.org\r\nRCPT TO:<evil@x.org>",
            "a@x.org> SIZE=1",
            "a b@x.org",
            "a@b@",
            "a@x.org, b@y.org",
            f"{'a' * 64}@{'b' * 200}.org",
        ],
    )
    async def test_what_is_no_address_reaches_no_server(self, recipient: str) -> None:
        letter = msgspec.structs.replace(LETTER, recipient=recipient)
        with scripted_server() as server:
            outcome = await send_one(server.settings(), letter)

        assert isinstance(outcome, Refused)
        assert outcome.bad_address
        assert not any(line.startswith(("MAIL", "RCPT")) for line in server.seen.commands)

    async def test_letters_beyond_ascii_before_the_at_need_a_server_that_takes_them(self) -> None:
        letter = msgspec.structs.replace(LETTER, recipient="üser@example.org")
        with mail_server() as plain, mail_server(smtputf8=True) as modern:
            refused = await send_one(plain.settings(), letter)
            accepted = await send_one(modern.settings(), letter)

        assert isinstance(refused, Refused)
        assert refused.reply.startswith("smtputf8_required")
        assert not refused.bad_address
        assert isinstance(accepted, Accepted)
        assert modern.seen.mails[0].recipients == ("üser@example.org",)

    async def test_eight_bit_letters_are_announced_or_kept(self) -> None:
        letter = msgspec.structs.replace(LETTER, content=b"S: 1\r\n\r\n\xc3\xbc\r\n")
        with scripted_server() as modern, scripted_server(extensions=[]) as old:
            accepted = await send_one(modern.settings(), letter)
            refused = await send_one(old.settings(), letter)

        assert isinstance(accepted, Accepted)
        assert "BODY=8BITMIME" in modern.seen.mails[0].options
        assert isinstance(refused, Refused)

    async def test_the_empty_sender_is_a_sender(self) -> None:
        letter = msgspec.structs.replace(LETTER, sender="")
        with scripted_server() as server:
            outcome = await send_one(server.settings(), letter)

        assert isinstance(outcome, Accepted)
        assert server.seen.mails[0].sender == ""
