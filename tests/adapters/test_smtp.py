"""Sending over real connections: what leaves, and what comes of every answer."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from tests.smtp_scripts import CUT, HANG, scripted_server
from tests.smtp_sending import LETTER, go_on, mailer, quick, send_one
from tests.smtp_servers import Authority, mail_server, until

pytestmark = pytest.mark.asyncio


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
            ("RCPT", "554 5.7.1 policy", Refused("554 5.7.1 policy", policy=True)),
            ("RCPT", "552 5.2.2 full", Deferred("552 5.2.2 full")),
            ("DATA", "451 4.3.0 later", Deferred("451 4.3.0 later")),
            ("DATA", "554 5.5.1 no", Refused("554 5.5.1 no")),
            ("BODY", "452 4.3.1 disk full", Deferred("452 4.3.1 disk full")),
            ("BODY", "552 5.3.4 big", Refused("552 5.3.4 big")),
            ("BODY", "554 5.7.1 spam", Refused("554 5.7.1 spam", policy=True)),
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

    async def test_a_large_letter_arrives_whole(self, tmp_path: Path) -> None:
        authority = Authority()
        content = b"S: 1\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 30_000
        letter = msgspec.structs.replace(LETTER, content=content)
        with mail_server(
            security="ssl", context=authority.context(), ca_file=authority.file(tmp_path)
        ) as server:
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
