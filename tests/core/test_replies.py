"""The table of replies, row by row."""

import pytest

from notifier.core.replies import (
    GREYLIST_SECONDS,
    LONGEST_HINT_SECONDS,
    Judgement,
    Phase,
    Reply,
    Verdict,
    judge,
)

AFTER_MAIL = (Phase.RCPT, Phase.DATA, Phase.BODY)


def reply(line: str) -> Reply:
    code, _, text = line.partition(" ")
    return Reply(int(code), text)


@pytest.mark.parametrize("phase", Phase)
def test_a_server_that_goes_away_is_never_the_mails_fault(phase: Phase) -> None:
    judgement = judge(phase, reply("421 4.3.2 shutting down"))

    assert judgement == Judgement(Verdict.SYSTEM)


@pytest.mark.parametrize("line", ["200 ok", "250 2.0.0 queued as 1", "251 will forward", "299"])
def test_any_2yz_after_the_dot_takes_the_mail(line: str) -> None:
    judgement = judge(Phase.BODY, reply(line))

    assert judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("phase", "line", "expected"),
    [
        (Phase.OPENING, "220 hello", Verdict.ACCEPTED),
        (Phase.OPENING, "554 5.7.1 no service for you", Verdict.SYSTEM),
        (Phase.OPENING, "450 come back", Verdict.SYSTEM),
        (Phase.HELLO, "502 what", Verdict.SYSTEM),
        (Phase.LOGIN, "535 5.7.8 wrong", Verdict.SYSTEM),
        (Phase.LOGIN, "454 4.7.0 not now", Verdict.SYSTEM),
        (Phase.MAIL, "250 ok", Verdict.ACCEPTED),
        (Phase.MAIL, "550 5.7.1 not your address", Verdict.SYSTEM),
        (Phase.MAIL, "452 4.3.1 disk full", Verdict.SYSTEM),
        (Phase.MAIL, "552 5.3.4 too large", Verdict.REFUSED),
        (Phase.MAIL, "500 5.3.4 too large", Verdict.REFUSED),
        (Phase.RCPT, "250 ok", Verdict.ACCEPTED),
        (Phase.RCPT, "251 will forward", Verdict.ACCEPTED),
        (Phase.RCPT, "552 too many", Verdict.LATER),
        (Phase.RCPT, "552 5.2.2 mailbox full", Verdict.LATER),
        (Phase.RCPT, "552 5.3.4 too large", Verdict.REFUSED),
        (Phase.RCPT, "503 bad sequence", Verdict.LATER),
        (Phase.RCPT, "530 5.7.0 log in first", Verdict.SYSTEM),
        (Phase.RCPT, "550 5.1.8 bad sender", Verdict.SYSTEM),
        (Phase.DATA, "354 go ahead", Verdict.ACCEPTED),
        (Phase.DATA, "250 ok", Verdict.SENSELESS),
        (Phase.DATA, "451 4.3.0 not now", Verdict.LATER),
        (Phase.DATA, "554 no valid recipients", Verdict.REFUSED),
        (Phase.BODY, "354 go ahead", Verdict.SENSELESS),
        (Phase.BODY, "552 too much", Verdict.REFUSED),
        (Phase.BODY, "552 5.2.2 mailbox full", Verdict.LATER),
        (Phase.BODY, "554 5.7.1 spam", Verdict.REFUSED),
        (Phase.BODY, "554 5.2.252 SendAsDenied", Verdict.SYSTEM),
        (Phase.BODY, "550 5.7.60 no right to send as this sender", Verdict.SYSTEM),
        (Phase.BODY, "451 4.7.500 server busy", Verdict.LATER),
        (Phase.BODY, "999 what", Verdict.SENSELESS),
    ],
)
def test_phase_and_codes_decide(phase: Phase, line: str, expected: Verdict) -> None:
    judgement = judge(phase, reply(line))

    assert judgement.verdict is expected


@pytest.mark.parametrize("phase", AFTER_MAIL)
@pytest.mark.parametrize("enhanced", ["5.1.1", "5.1.2", "5.1.3", "5.1.10"])
def test_an_address_where_nobody_lives_is_told_apart(phase: Phase, enhanced: str) -> None:
    judgement = judge(phase, reply(f"550 {enhanced} nobody here"))

    assert judgement == Judgement(Verdict.REFUSED, bad_address=True)


@pytest.mark.parametrize(
    "line", ["554 5.7.1 policy", "550 5.7.26 unauthenticated", "554 spam", "552 5.7.0 content"]
)
def test_a_refusal_by_policy_is_marked_and_says_nothing_about_the_address(line: str) -> None:
    assert judge(Phase.BODY, reply(line)) == Judgement(Verdict.REFUSED, policy=True)


@pytest.mark.parametrize(
    "line",
    ["550 no such user", "550 5.1.0 hm", "552 5.3.4 size", "550 5.1.100"],
)
def test_a_refusal_for_another_reason_says_nothing_about_the_address(line: str) -> None:
    judgement = judge(Phase.RCPT, reply(line))

    assert judgement == Judgement(Verdict.REFUSED)


def test_an_enhanced_code_that_contradicts_the_code_is_not_believed() -> None:
    judgement = judge(Phase.RCPT, reply("450 5.1.1 nobody here, maybe"))

    assert judgement.verdict is Verdict.LATER


@pytest.mark.parametrize(
    ("phase", "line", "seconds"),
    [
        (Phase.RCPT, "450 4.2.0 busy", GREYLIST_SECONDS),
        (Phase.RCPT, "451 4.7.1 try again in 20 minutes", 1200),
        (Phase.RCPT, "450 Greylisted, try again in 60 seconds", GREYLIST_SECONDS),
        (Phase.BODY, "451 4.7.1 grey listed for 10 min", 600),
        (Phase.BODY, "450 Graylisting in action", GREYLIST_SECONDS),
        (Phase.BODY, "451 retry after 90s please", 90),
        (Phase.BODY, "451 please wait 2 hours", 7200),
        (Phase.BODY, "451 come back in 00:04:59", 299),
        (Phase.BODY, "451 try again in 999999 hours", LONGEST_HINT_SECONDS),
        (Phase.BODY, "432 4.3.2 sender thread limit exceeded", 60),
        (Phase.BODY, "451 4.3.0 try later", None),
        (Phase.RCPT, "452 4.5.3 too many recipients", None),
    ],
)
def test_a_server_may_say_how_long_to_wait(phase: Phase, line: str, seconds: int | None) -> None:
    judgement = judge(phase, reply(line))

    assert judgement == Judgement(Verdict.LATER, retry_after_seconds=seconds)


def test_a_refusal_gives_no_time_to_wait() -> None:
    judgement = judge(Phase.RCPT, reply("550 5.7.1 greylisted for 5 minutes"))

    assert judgement.retry_after_seconds is None


@pytest.mark.parametrize("phase", Phase)
def test_every_reply_has_a_meaning(phase: Phase) -> None:
    verdicts = {judge(phase, Reply(code, "")).verdict for code in [*range(200, 600), 0, 999]}

    assert Verdict.ACCEPTED in verdicts
    assert Verdict.SYSTEM in verdicts


def test_a_reply_is_shown_as_it_came() -> None:
    assert str(reply("250 2.0.0 queued as 7")) == "250 2.0.0 queued as 7"
    assert str(Reply(250, "")) == "250"
