"""Commands in one write: how few round trips a mail costs, whose outcome is whose, and liars."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from notifier.adapters.smtp import SmtpMailer
from notifier.adapters.smtp_habits import Habits
from notifier.core.outcomes import Accepted, Deferred, Outcome, Refused, Stopped, Unanswered
from notifier.ports.mail import Fence, Letter
from tests.smtp_liars import Lie, liar
from tests.smtp_scripts import CUT, HANG, SLOW, scripted_server
from tests.smtp_sending import LETTER, SHORT, all_accepted, go_on, mailer
from tests.smtp_servers import Authority, until

pytestmark = pytest.mark.asyncio

# As usual, but who does not answer is suspected soon.
WARY = Habits(suspect_after=0.2, help_after=0.2)
OK = "250 2.0.0 ok"


def letter(number: int) -> Letter:
    return msgspec.structs.replace(LETTER, recipient=f"p{number}@example.org")


async def send(sender: SmtpMailer, numbers: range, fence: Fence = go_on) -> list[Outcome]:
    """Send the letters of these numbers at once."""
    return await asyncio.gather(*(sender.send(letter(number), fence) for number in numbers))


async def warmed(sender: SmtpMailer) -> None:
    """Let the server show that it can do what it offers."""
    assert all_accepted(await send(sender, range(100, 103)))
    await until(lambda: sender._pool.ahead.trust.known)  # noqa: SLF001 - nobody else need know


def recipients(server: object) -> list[str]:
    return [mail.recipients[0] for mail in server.seen.mails]  # type: ignore[attr-defined]


class TestRoundTrips:
    @pytest.mark.parametrize("security", ["none", "ssl"])
    async def test_between_two_bodies_lies_one(self, security: str, tmp_path: Path) -> None:
        authority = Authority()
        tls = {
            "security": "ssl",
            "context": authority.context(),
            "file": authority.file(tmp_path),
        }
        with liar(Lie.NONE, **(tls if security == "ssl" else {})) as server:  # type: ignore[arg-type]
            async with mailer(server.settings(connections=1)) as sender:
                outcomes = await send(sender, range(10))

        assert all_accepted(outcomes)
        # The first shows that the server can, the second begins, and then each envelope comes with
        # the dot of the body before.
        assert server.groups.count(". MAIL RCPT DATA") == 8
        assert recipients(server) == [f"p{number}@example.org" for number in range(10)]

    async def test_nothing_goes_ahead_where_the_server_offers_no_pipelining(self) -> None:
        with scripted_server(extensions=["8BITMIME"]) as server:
            async with mailer(server.settings(connections=1)) as sender:
                outcomes = await send(sender, range(10))

        assert all_accepted(outcomes)
        assert server.hasty == []

    async def test_a_letter_that_the_server_cannot_take_does_not_go_ahead(self) -> None:
        large = msgspec.structs.replace(LETTER, content=b"S: 1\r\n\r\n" + b"x\r\n" * 100)
        with scripted_server(extensions=["PIPELINING", "SIZE 200"]) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                outcomes = await asyncio.gather(
                    *(sender.send(each, go_on) for each in (LETTER, large, LETTER))
                )

        assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted]
        assert len(server.seen.mails) == 3 + 2


class TestOutcomes:
    async def test_each_letter_has_its_own(self) -> None:
        script = {
            "RCPT": [*[OK] * 3, OK, "550 5.1.1 no", OK, "450 4.2.0 later", OK],
            "DATA": [*["354 go"] * 3, "354 go", "554 5.5.1 none", "354 go", "503 none", "354 go"],
            "BODY": [*[OK] * 3, "554 5.7.1 spam", "452 4.3.1 full", "250 2.0.0 as 3", OK],
        }
        with scripted_server(script) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(6))

        assert outcomes == [
            Refused("554 5.7.1 spam", policy=True),
            Refused("550 5.1.1 no", bad_address=True),
            Deferred("452 4.3.1 full"),
            Deferred("450 4.2.0 later", 300),
            Accepted("250 2.0.0 as 3"),
            Accepted(OK),
        ]
        assert server.seen.connections == 1

    async def test_a_body_wanted_for_a_refused_letter_ahead_is_not_given(self) -> None:
        script = {"RCPT": [*[OK] * 4, "550 5.1.1 nobody", OK]}
        with scripted_server(script) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(4))

        assert [type(outcome) for outcome in outcomes] == [Accepted, Refused, Accepted, Accepted]
        assert len(server.seen.mails) == 3 + 3
        assert server.seen.connections == 2

    @pytest.mark.parametrize("end", [CUT, b"what?\r\n", "421 4.3.2 closing"])
    async def test_whose_line_died_before_its_turn_goes_over_another(self, end: object) -> None:
        with scripted_server({"BODY": [OK, OK, OK, OK, end, OK]}) as server:
            async with mailer(
                server.settings(connections=1), habits=Habits(hold_off_first=0)
            ) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(6))

        wrong = [number for number, each in enumerate(outcomes) if not isinstance(each, Accepted)]
        # A body that was answered by 421 is in no doubt; the road has a rest then.
        assert wrong[0] == 1
        assert isinstance(outcomes[1], Unanswered) or "421" in str(outcomes[1])
        assert end == "421 4.3.2 closing" or wrong == [1]
        assert len(recipients(server)) == len(set(recipients(server)))

    async def test_nobody_waits_behind_a_body_that_is_not_answered(self) -> None:
        habits, waits = Habits(patience_behind=0.1), msgspec.structs.replace(SHORT, body=60)
        with scripted_server({"BODY": [OK, OK, OK, HANG, OK]}) as server:
            async with mailer(server.settings(connections=2), habits=habits, waits=waits) as sender:
                await warmed(sender)
                sendings = [asyncio.create_task(sender.send(letter(n), go_on)) for n in range(6)]
                await until(lambda: sum(sending.done() for sending in sendings) == 5)
                [hanging] = [sending for sending in sendings if not sending.done()]
                hanging.cancel()
                outcomes = await asyncio.gather(*sendings, return_exceptions=True)

        assert [type(each) for each in outcomes].count(Accepted) == 5

    async def test_the_letter_ahead_is_taken_back_from_behind_a_slow_body(self) -> None:
        habits = Habits(patience_behind=0.05)
        with scripted_server({"BODY": [OK, OK, OK, SLOW, OK]}) as server:
            async with mailer(server.settings(connections=1), habits=habits) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(4))

        assert all_accepted(outcomes)
        assert sorted(recipients(server)[3:]) == [f"p{number}@example.org" for number in range(4)]
        # It was given up with an open envelope: a line of which nobody could say how it stands.
        assert server.seen.connections == 2

    async def test_a_line_with_an_envelope_that_was_taken_back_carries_nothing_more(self) -> None:
        # All answers come at once, and nothing shows any more that one of them is nobody's.
        habits = Habits(patience_behind=0.05)
        with liar(Lie.NONE, slow_bodies={4}) as server:
            async with mailer(server.settings(connections=1), habits=habits) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(4))

        assert all_accepted(outcomes)
        assert server.unfinished == []
        assert server.seen.connections == 2


class TestFences:
    async def test_each_is_asked_after_the_body_before_was_answered(self) -> None:
        taken: list[int] = []

        async def count() -> None:
            taken.append(len(server.seen.mails))

        with scripted_server() as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                await send(sender, range(6), count)

        assert taken == [3, 4, 5, 6, 7, 8]

    async def test_a_no_to_a_letter_ahead_keeps_its_body_here(self) -> None:
        asked: list[int] = []

        async def stop_the_third() -> str | None:
            asked.append(1)
            return "cancelled" if len(asked) == 3 else None

        with scripted_server() as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                outcomes = await send(sender, range(6), stop_the_third)

        assert [number for number in range(6) if outcomes[number] == Stopped("cancelled")] == [2]
        assert recipients(server)[3:] == [f"p{number}@example.org" for number in (0, 1, 3, 4, 5)]


class TestCancelling:
    async def test_a_letter_ahead_may_go_without_harm_to_the_one_before(self) -> None:
        with scripted_server({"BODY": [OK, OK, OK, SLOW, OK]}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                sendings = [asyncio.create_task(sender.send(letter(n), go_on)) for n in range(4)]
                await until(lambda: server.hanging == 1)
                sendings[1].cancel()
                outcomes = await asyncio.gather(*sendings, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [
            Accepted,
            asyncio.CancelledError,
            Accepted,
            Accepted,
        ]
        assert recipients(server)[3:] == [f"p{number}@example.org" for number in (0, 2, 3)]

    async def test_a_letter_may_go_without_harm_to_the_one_ahead(self) -> None:
        with scripted_server({"BODY": [OK, OK, OK, HANG, OK]}) as server:
            async with mailer(server.settings(connections=1)) as sender:
                await warmed(sender)
                sendings = [asyncio.create_task(sender.send(letter(n), go_on)) for n in range(4)]
                await until(lambda: server.hanging == 1)
                sendings[0].cancel()
                outcomes = await asyncio.gather(*sendings, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes[1:]] == [Accepted] * 3
        assert len(recipients(server)) == len(set(recipients(server))) == 3 + 4


class TestLiars:
    @pytest.mark.parametrize(
        "lie",
        [lie for lie in Lie if lie is not Lie.CLOSES_BEHIND_A_DOT_UNANSWERED],
        ids=lambda lie: lie.name.lower(),
    )
    async def test_nothing_is_lost_or_doubled_by_finding_one_out(self, lie: Lie) -> None:
        with liar(lie) as server:
            async with mailer(server.settings(connections=3), habits=WARY) as sender:
                outcomes = await send(sender, range(30))

        assert all_accepted(outcomes)
        assert sorted(recipients(server)) == sorted(f"p{n}@example.org" for n in range(30))
        assert all(mail.content.startswith(LETTER.content) for mail in server.seen.mails)

    @pytest.mark.parametrize(
        "lie",
        [
            Lie.ANSWERS_THE_FIRST,
            Lie.CLOSES,
            Lie.CLOSES_AFTER_THE_FIRST,
            Lie.ANSWERS_BACKWARDS,
        ],
        ids=lambda lie: lie.name.lower(),
    )
    async def test_one_that_was_found_out_is_spoken_to_one_by_one(self, lie: Lie) -> None:
        with liar(lie) as server:
            async with mailer(server.settings(connections=3), habits=WARY) as sender:
                await send(sender, range(10))
                before = list(server.groups)
                await send(sender, range(10, 20))

        assert sum(" " in group for group in before) == 1
        assert not any(" " in group for group in server.groups[len(before) :])

    @pytest.mark.parametrize(
        "lie",
        [Lie.FORGETS_BEHIND_A_DOT, Lie.CLOSES_BEHIND_A_DOT, Lie.LOOKS_FOR_A_LAST_DOT],
        ids=lambda lie: lie.name.lower(),
    )
    async def test_one_that_cannot_read_on_gets_nothing_more_behind_a_body(self, lie: Lie) -> None:
        waits = msgspec.structs.replace(SHORT, noop=0.2)
        with liar(lie) as server:
            async with mailer(server.settings(connections=1), habits=WARY, waits=waits) as sender:
                await send(sender, range(10))
                outcomes = await send(sender, range(10, 20))

        assert all_accepted(outcomes)
        assert not any(group.startswith(". MAIL") for group in server.groups)
        # Its envelopes still come in one write: that it can do.
        assert server.groups.count("MAIL RCPT DATA") == 20
        # One letter was followed by something, on trial.
        assert sum(mail.content != LETTER.content for mail in server.seen.mails) <= 1

    async def test_one_that_answers_no_body_with_something_behind_leaves_one_in_doubt(self) -> None:
        with liar(Lie.CLOSES_BEHIND_A_DOT_UNANSWERED) as server:
            async with mailer(server.settings(connections=3), habits=WARY) as sender:
                outcomes = await send(sender, range(30))

        # Nobody can know of this one; that it is only one is what can be done.
        assert sum(isinstance(outcome, Unanswered) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 29
        assert sorted(recipients(server)) == sorted(f"p{n}@example.org" for n in range(30))

    async def test_a_server_that_takes_its_time_is_not_taken_for_one_for_ever(self) -> None:
        with scripted_server({"RCPT": [SLOW, OK]}) as server:
            async with mailer(server.settings(connections=1), habits=WARY) as sender:
                outcome = await sender.send(LETTER, go_on)

        assert isinstance(outcome, Accepted)
        assert len(server.seen.mails) == 1
