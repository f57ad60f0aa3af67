"""What the mailer keeps open, when it lets go, and how it treats a server in trouble."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvloop

from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.smtp_habits import Habits
from notifier.core.mail_servers import Security, Smtp
from notifier.core.outcomes import Accepted, Deferred, Outcome, Unreachable
from tests.smtp_scripts import CUT, DEAF, HANG, scripted_server
from tests.smtp_sending import LETTER, all_accepted, go_on, mailer
from tests.smtp_servers import Authority, mail_server, until

# As usual, but a server in trouble is tried again soon.
SOON = Habits(hold_off_first=0.05, hold_off_longest=0.2)


async def send(sender: SmtpMailer, count: int = 1) -> list[Outcome]:
    """Send so many letters at once."""
    return await asyncio.gather(*(sender.send(LETTER, go_on) for _ in range(count)))


@pytest.mark.asyncio
class TestKeeping:
    async def test_many_letters_go_over_one_connection(self) -> None:
        with mail_server() as server:
            async with mailer(server.settings()) as sender:
                outcomes = [outcome for _ in range(20) for outcome in await send(sender)]

        assert all_accepted(outcomes)
        assert len(server.seen.mails) == 20
        assert server.seen.connections == 1

    async def test_no_more_connections_are_open_than_allowed(self) -> None:
        with mail_server() as server:
            async with mailer(server.settings(connections=3)) as sender:
                outcomes = await send(sender, 60)

        assert all_accepted(outcomes)
        assert len(server.seen.mails) == 60
        assert server.seen.connections == server.seen.most_open == 3

    async def test_a_connection_is_renewed_after_its_share_of_letters(self) -> None:
        with scripted_server() as server:
            habits = Habits(renew_after_mails=5)
            async with mailer(server.settings(connections=1), habits=habits) as sender:
                outcomes = await send(sender, 12)

        assert all_accepted(outcomes)
        assert server.seen.connections == 3
        assert server.seen.most_open == 1
        assert server.seen.commands.count("QUIT") == 3

    async def test_a_connection_is_renewed_when_it_is_old(self) -> None:
        with scripted_server() as server:
            async with mailer(server.settings(), habits=Habits(renew_after=0)) as sender:
                await send(sender)
                await send(sender)

        assert server.seen.connections == 2

    async def test_an_idle_connection_is_let_go(self) -> None:
        with scripted_server() as server:
            async with mailer(server.settings(), habits=Habits(leave_after_idle=0.05)) as sender:
                await send(sender)
                await until(lambda: server.seen.open == 0)

        assert server.seen.commands[-1] == "QUIT"

    async def test_one_refused_letter_costs_no_connection(self) -> None:
        script = {"RCPT": ["550 5.1.1 no", "250 ok"], "DATA": ["554 no valid recipients", "354 go"]}
        with scripted_server(script) as server:
            async with mailer(server.settings()) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert all_accepted(outcomes)
        assert server.seen.connections == 1
        # The envelope of the refused letter must not become part of the next one.
        assert server.seen.commands.count("RSET") == 1
        assert len(server.seen.mails) == 1

    async def test_leave_is_taken_at_the_end(self) -> None:
        with scripted_server() as server:
            sender = SmtpMailer(server.settings(connections=2))
            await send(sender, 2)
            await sender.close()
            await until(lambda: server.seen.open == 0)
            afterwards = await sender.send(LETTER, go_on)

        assert server.seen.commands.count("QUIT") == 2
        assert isinstance(afterwards, Unreachable)

    async def test_closing_a_mailer_that_never_sent_is_harmless(self) -> None:
        sender = SmtpMailer(Smtp(host="mail.nowhere.invalid"))

        await sender.close()

        assert isinstance(await sender.send(LETTER, go_on), Unreachable)


@pytest.mark.asyncio
class TestDoubt:
    async def test_a_rested_connection_is_asked_before_it_is_used(self) -> None:
        with scripted_server() as server:
            async with mailer(server.settings(), habits=Habits(ask_after_idle=0)) as sender:
                await send(sender)
                await send(sender)

        assert server.seen.commands.count("NOOP") == 1
        assert server.seen.connections == 1

    @pytest.mark.parametrize("answer", [CUT, HANG, "421 4.4.2 idle", "500 what", b"nonsense\r\n"])
    async def test_a_rested_connection_without_a_good_answer_is_replaced(
        self, answer: object
    ) -> None:
        with scripted_server({"NOOP": answer}) as server:
            async with mailer(
                server.settings(connections=1), habits=Habits(ask_after_idle=0)
            ) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert all_accepted(outcomes)
        assert server.seen.connections == 2

    @pytest.mark.parametrize("answer", [CUT, "421 4.4.2 idle", "452 4.3.2 enough for one session"])
    async def test_a_rested_connection_that_dies_at_mail_is_replaced_once(
        self, answer: object
    ) -> None:
        with scripted_server({"MAIL": ["250 ok", answer, "250 ok"]}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert all_accepted(outcomes)
        assert server.seen.connections == 2
        assert len(server.seen.mails) == 2

    async def test_the_second_connection_is_the_last_try(self) -> None:
        with scripted_server({"MAIL": ["250 ok", CUT]}) as server:
            async with mailer(server.settings()) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert isinstance(outcomes[0], Unreachable)
        assert server.seen.connections == 2

    async def test_what_dies_after_mail_is_not_tried_twice(self) -> None:
        with scripted_server({"RCPT": ["250 ok", CUT, "250 ok"]}) as server:
            async with mailer(server.settings()) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert isinstance(outcomes[0], Deferred)
        assert server.seen.connections == 1

    async def test_a_connection_that_the_server_closed_meanwhile_is_not_used(self) -> None:
        goodbye = b"250 2.0.0 queued\r\n421 4.4.2 you idle too long\r\n"
        with scripted_server({"BODY": [goodbye, "250 ok"]}) as server:
            async with mailer(server.settings()) as sender:
                await send(sender)
                outcomes = await send(sender)

        assert all_accepted(outcomes)
        assert server.seen.connections == 2
        assert len(server.seen.mails) == 2


@pytest.mark.asyncio
class TestCancelling:
    @pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
    async def test_a_cancelled_send_leaves_nothing_behind(self, verb: str) -> None:
        usual = {"GREETING": "220 hi", "EHLO": "250 hi", "DATA": "354 go"}.get(verb, "250 ok")
        with scripted_server({verb: [HANG, usual]}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                sending = asyncio.create_task(sender.send(LETTER, go_on))
                await until(lambda: server.hanging == 1)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                outcomes = await send(sender, 3)

        assert all_accepted(outcomes)
        assert server.seen.connections == 2
        assert len(server.seen.mails) == (4 if verb == "BODY" else 3)

    async def test_a_cancelled_fence_sends_no_body(self) -> None:
        looking = asyncio.Event()

        async def look_for_ever() -> None:
            looking.set()
            await asyncio.Event().wait()

        with scripted_server() as server:
            async with mailer(server.settings()) as sender:
                sending = asyncio.create_task(sender.send(LETTER, look_for_ever))
                await looking.wait()
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                await until(lambda: server.seen.open == 0)

        assert server.seen.mails == []

    async def test_the_rest_of_a_cancelled_body_does_not_leave(self) -> None:
        # More than the network takes at once: the final dot is still in our own buffer.
        content = b"Subject: long\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 400_000
        letter = msgspec.structs.replace(LETTER, content=content)
        with scripted_server({"BODY_BEGUN": DEAF}, extensions=[]) as server:
            async with mailer(server.settings()) as sender:
                sending = asyncio.create_task(sender.send(letter, go_on))
                await until(lambda: server.hanging == 1)
                sending.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await sending
                await until(lambda: server.seen.open == 0)

        assert server.seen.mails == []

    async def test_who_waits_for_a_connection_may_go_without_harm(self) -> None:
        with scripted_server({"BODY": [HANG, "250 ok"]}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                sendings = [asyncio.create_task(sender.send(LETTER, go_on)) for _ in range(4)]
                await until(lambda: server.hanging == 1)
                # The first gives its place to the second, which goes at the same moment.
                sendings[0].cancel()
                sendings[1].cancel()
                outcomes = await asyncio.gather(*sendings, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [
            asyncio.CancelledError,
            asyncio.CancelledError,
            Accepted,
            Accepted,
        ]


@pytest.mark.asyncio
class TestTrouble:
    async def test_a_server_in_trouble_is_left_alone(self) -> None:
        with scripted_server({"GREETING": "421 4.3.2 not now"}) as server:
            async with mailer(server.settings(connections=4)) as sender:
                outcomes = await send(sender, 50)
                outcomes += await send(sender, 50)

        assert server.seen.connections <= 4
        assert {type(outcome) for outcome in outcomes} == {Unreachable}
        assert "421 4.3.2 not now" in str(outcomes[-1])

    @pytest.mark.parametrize("answer", ["421 4.3.2 not now", "550 5.7.1 not your address"])
    async def test_a_server_that_takes_no_sender_is_left_alone(self, answer: str) -> None:
        with scripted_server({"MAIL": answer}) as server:
            async with mailer(server.settings(connections=4)) as sender:
                for _ in range(20):
                    outcomes = await send(sender, 5)

        assert server.seen.connections <= 5
        assert answer in str(outcomes[-1])

    async def test_the_pauses_grow(self) -> None:
        with scripted_server({"GREETING": CUT}) as server:
            async with mailer(server.settings(), habits=SOON) as sender:
                loop = asyncio.get_running_loop()
                ends = loop.time() + 1
                while loop.time() < ends:
                    await sender.send(LETTER, go_on)
                    await asyncio.sleep(0.001)

        # At 0, 0.05, 0.15, 0.35 s and then every 0.2 s.
        assert 4 <= server.seen.connections <= 8

    async def test_it_resumes_by_itself(self) -> None:
        with scripted_server({"GREETING": ["421 no", CUT, "421 no", "220 yes"]}) as server:
            async with mailer(server.settings(connections=3), habits=SOON) as sender:

                async def send_until_accepted() -> None:
                    while not isinstance(await sender.send(LETTER, go_on), Accepted):  # noqa: ASYNC110 - as a worker does
                        await asyncio.sleep(0.01)

                async with asyncio.timeout(10):
                    await asyncio.gather(*(send_until_accepted() for _ in range(20)))

        assert len(server.seen.mails) == 20
        assert server.seen.connections <= 3 + 3

    async def test_while_it_is_tried_again_nobody_else_knocks(self) -> None:
        with scripted_server({"GREETING": ["421 no", HANG]}) as server:
            async with mailer(server.settings(), habits=SOON) as sender:
                await send(sender)
                await asyncio.sleep(0.06)  # the pause, by the clock
                probe = asyncio.create_task(sender.send(LETTER, go_on))
                await until(lambda: server.hanging == 1)
                outcomes = await send(sender, 10)
                probe.cancel()
                await asyncio.gather(probe, return_exceptions=True)

        assert {type(outcome) for outcome in outcomes} == {Unreachable}
        assert server.seen.connections == 2

    async def test_a_server_that_wants_fewer_connections_gets_fewer(self) -> None:
        with scripted_server({"GREETING": ["220 a", "220 b", "421 4.7.0 too many"]}) as server:
            async with mailer(server.settings(connections=6)) as sender:
                outcomes = await send(sender, 40)

        # Whoever knocked in vain goes with those that were let in.
        assert all_accepted(outcomes)
        assert len(server.seen.mails) == 40
        assert server.seen.connections <= 7

    async def test_who_has_lost_the_thread_gets_a_new_connection(self) -> None:
        with scripted_server({"RCPT": ["503 5.5.1 MAIL first", "250 ok"]}) as server:
            async with mailer(server.settings()) as sender:
                first = await sender.send(LETTER, go_on)
                second = await sender.send(LETTER, go_on)

        assert isinstance(first, Deferred)
        assert isinstance(second, Accepted)
        assert server.seen.connections == 2

    async def test_a_refused_recipient_is_no_trouble(self) -> None:
        with scripted_server({"RCPT": "550 5.1.1 no", "DATA": "554 no"}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                outcomes = await send(sender, 10)

        assert not any(isinstance(outcome, Unreachable) for outcome in outcomes)
        assert server.seen.connections == 1


@pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
def test_it_runs_on_the_loop_of_the_workers(security: Security, tmp_path: Path) -> None:
    authority = Authority()
    content = b"Subject: long\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 5_000
    letter = msgspec.structs.replace(LETTER, content=content)

    async def send_all(settings: Smtp) -> list[Outcome]:
        async with mailer(settings) as sender:
            return await asyncio.gather(*(sender.send(letter, go_on) for _ in range(20)))

    with (
        mail_server(
            security=security,
            context=authority.context(),
            ca_file=authority.file(tmp_path),
            login=("conf", "secret"),
        ) as server,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        login: dict[str, Any] = {"authentication": "password", "username": "conf"}
        settings = server.settings(connections=2, password="secret", **login)
        outcomes = runner.run(send_all(settings))

    assert all_accepted(outcomes)
    assert [mail.content for mail in server.seen.mails] == [content] * 20
    assert server.seen.connections == 2


@pytest.mark.asyncio
async def test_whoever_waits_hears_at_once_that_nothing_gets_through() -> None:
    # The line opens, works, and fails in the middle: the others wait for it to come back.
    with scripted_server({"BODY": ["250 2.0.0 queued", "421 4.3.2 closing"]}) as server:
        async with mailer(server.settings(connections=1)) as sender, asyncio.timeout(5):
            outcomes = await asyncio.gather(*(sender.send(LETTER, go_on) for _ in range(10)))

    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Unreachable) for outcome in outcomes) == 9
