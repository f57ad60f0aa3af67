"""Whatever a mail server answers, and where: what the ledger makes of it, and how often it is sent.

Each server does wrong once and right ever after, so that the end of each delivery is seen as well.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters.smtp_line import Waits
from notifier.core.delivery import Delivery, State
from notifier.core.mail_servers import Security
from notifier.core.notice import Kind
from tests.adapters.desk import Desk
from tests.cast import BORIS, CHEN, NOW
from tests.faults.events import invitation
from tests.faults.letters import opened
from tests.faults.posting import posting
from tests.smtp_scripts import CUT, HANG, USUAL, ScriptedServer, scripted_server
from tests.smtp_sending import SHORT, quick
from tests.smtp_servers import NAME, Authority, mail_server

asynchronous = pytest.mark.asyncio

LOGIN: dict[str, Any] = {
    "authentication": "password",
    "username": "conf@example.com",
    "password": "s3cret",
}

# How long until the next try, in seconds, with the fifth by which it is spread.
SYSTEM = (12, 18)  # the road is closed: looked at again soon
FIRST = (48, 72)  # this mail was put off for the first time
GREYLIST = (300, 300)
DOUBT = (900, 900)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the server says once, and what is written of the delivery then."""

    says: dict[str, object]
    state: State = State.PENDING
    attempts: int = 0
    waits: tuple[int, int] | None = None
    reason: str = ""
    suppressed: bool = False
    bodies: int = 0  # how many bodies have crossed the wire, taken or not
    doubts: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    patience: Waits = SHORT


def put_off(waits: tuple[int, int], **changes: Any) -> Case:
    """Later, and this mail is what it is about."""
    return Case(attempts=1, waits=waits, **changes)


def closed(**changes: Any) -> Case:
    """Nothing gets through at the moment: no try is counted."""
    return Case(waits=SYSTEM, **changes)


def refused(**changes: Any) -> Case:
    return Case(state=State.FAILED, attempts=1, **changes)


def taken(reply: str | bytes) -> Case:
    return Case(says={"BODY": reply}, state=State.SENT, bodies=1)


def in_doubt(**changes: Any) -> Case:
    return Case(state=State.UNKNOWN, waits=DOUBT, bodies=1, doubts=1, **changes)


GOES = "421 4.3.2 shutting down"
NOBODY = "550 5.1.1 no such user"
POLICY = "554 5.7.1 looks like spam"

CASES = {
    # The server goes away (RFC 5321 §3.8): whatever was asked, it is not the mail's fault.
    "421 to the greeting": closed(says={"GREETING": GOES}, reason="421"),
    "421 to EHLO": closed(says={"EHLO": GOES}, reason="421"),
    "421 to the login": closed(says={"AUTH": GOES}, reason="421", settings=LOGIN),
    "421 to MAIL": closed(says={"MAIL": GOES}, reason="421"),
    "421 to RCPT": closed(says={"RCPT": GOES}, reason="421"),
    "421 to DATA": closed(says={"DATA": GOES}, reason="421"),
    "421 after the dot": closed(says={"BODY": GOES}, reason="421", bodies=1),
    # Greylisting: whoever comes back too early begins again.
    "450 to RCPT": put_off(GREYLIST, says={"RCPT": "450 4.2.0 greylisted"}, reason="450"),
    "451 to RCPT": put_off(GREYLIST, says={"RCPT": "451 4.7.1 come back later"}, reason="451"),
    "451 after the dot": put_off(
        GREYLIST, says={"BODY": "451 4.7.1 Greylisting in action"}, reason="451", bodies=1
    ),
    "a server that says when": put_off(
        GREYLIST, says={"BODY": "451 4.7.1 try again in 300 seconds"}, reason="451", bodies=1
    ),
    "a server that says later": put_off(
        (1200, 1200), says={"RCPT": "450 4.7.1 try again in 20 minutes"}, reason="450"
    ),
    "432 of Exchange": put_off(
        (60, 72), says={"RCPT": "432 4.3.2 STOREDRV; sender thread limit exceeded"}, reason="432"
    ),
    "452 to RCPT": put_off(FIRST, says={"RCPT": "452 4.2.2 mailbox full"}, reason="452"),
    "451 to DATA": put_off(FIRST, says={"DATA": "451 4.3.0 not now"}, reason="451"),
    # Nobody lives there: that is remembered. Anything else says nothing about the address.
    "550 5.1.1 to RCPT": refused(says={"RCPT": NOBODY}, reason="550 5.1.1", suppressed=True),
    "550 5.1.1 after the dot": refused(
        says={"BODY": NOBODY}, reason="550 5.1.1", suppressed=True, bodies=1
    ),
    "550 5.1.10 to RCPT": refused(
        says={"RCPT": "550 5.1.10 domain takes no mail"}, reason="550 5.1.10", suppressed=True
    ),
    "550 bare": refused(says={"RCPT": "550 no"}, reason="550 no"),
    "554 5.7.1 to RCPT": refused(says={"RCPT": POLICY}, reason="554 5.7.1"),
    "554 5.7.1 after the dot": refused(says={"BODY": POLICY}, reason="554 5.7.1", bodies=1),
    # 552 says "later" to RCPT (RFC 5321 §4.5.3.1.10), and is meant after the dot.
    "552 to RCPT": put_off(FIRST, says={"RCPT": "552 too many"}, reason="552"),
    "552 5.2.2 to RCPT": put_off(FIRST, says={"RCPT": "552 5.2.2 full"}, reason="552"),
    "552 after the dot": refused(says={"BODY": "552 too much mail data"}, reason="552", bodies=1),
    "552 5.2.2 after the dot": put_off(
        FIRST, says={"BODY": "552 5.2.2 mailbox full"}, reason="552", bodies=1
    ),
    "552 to MAIL": refused(says={"MAIL": "552 5.3.4 too large"}, reason="552"),
    # Any 2yz after the dot is a promise.
    "250": taken("250 2.0.0 queued"),
    "250 bare": taken("250"),
    "250 in lines": taken("250-2.0.0 queued\r\n250 2.0.0 as 4711"),
    "251 after the dot": taken("251 will forward"),
    "200 after the dot": taken("200 fine"),
    "299 after the dot": taken("299 whatever"),
    "251 to RCPT": Case(says={"RCPT": "251 will forward"}, state=State.SENT, bodies=1),
    # No definite answer to a whole body: nobody knows, and so it is said.
    "garbage after the dot": in_doubt(says={"BODY": b"what?\r\n"}),
    "354 after the dot": in_doubt(says={"BODY": "354 go ahead"}),
    "999 after the dot": in_doubt(says={"BODY": "999 no such code"}),
    "two minds after the dot": in_doubt(says={"BODY": b"250-fine\r\n550 no\r\n"}),
    "silence after the dot": in_doubt(says={"BODY": HANG}, patience=quick("body")),
    "a cut after the dot": in_doubt(says={"BODY": CUT}),
    # Before the body is whole, or even asked for, nothing can have been taken.
    "silence to the greeting": closed(says={"GREETING": HANG}, patience=quick("greeting")),
    "silence to MAIL": closed(says={"MAIL": HANG}, patience=quick("mail")),
    "silence to RCPT": put_off(FIRST, says={"RCPT": HANG}, patience=quick("rcpt")),
    "silence to DATA": put_off(FIRST, says={"DATA": HANG}, patience=quick("data")),
    "a cut at DATA": put_off(FIRST, says={"DATA": CUT}),
    "garbage to EHLO": closed(says={"EHLO": b"\x00\xff\r\n"}),
    "garbage to RCPT": put_off(FIRST, says={"RCPT": b"\x16\x03\x01what\r\n"}),
    # Not let in: nobody's mail is to blame, and none fails for it.
    "535": closed(says={"AUTH": "535 5.7.8 wrong password"}, reason="535", settings=LOGIN),
    "454 to the login": closed(says={"AUTH": "454 4.7.0 not now"}, reason="454", settings=LOGIN),
    "530 to MAIL": closed(says={"MAIL": "530 5.7.0 log in first"}, reason="530"),
    "550 to our sender": closed(says={"MAIL": "550 5.7.1 not yours"}, reason="550"),
    "554 to the greeting": closed(says={"GREETING": "554 no service"}, reason="554"),
}


@contextmanager
def serving(case: Case, *extensions: str) -> Iterator[ScriptedServer]:
    """A server that says these things once, and what is usual ever after."""
    offers = (*extensions, "8BITMIME", "AUTH PLAIN")
    hello = [f"250{'-' if line != offers[-1] else ' '}{line}" for line in ("mail.test", *offers)]
    usual: dict[str, object] = {**USUAL, "EHLO": "\r\n".join(hello)}
    script = {verb: [answer, usual[verb]] for verb, answer in case.says.items()}
    with scripted_server(script, extensions=offers) as server:
        yield server


@asynchronous
@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_fault_39_a_reply_is_written_down_as_what_it_means_and_tried_again_if_it_may_be(
    redis_url: str, case: Case, extensions: tuple[str, ...]
) -> None:
    with serving(case, *extensions) as server:
        async with posting(redis_url, server, waits=case.patience, **case.settings) as office:
            await office.hear(invitation(BORIS))
            await office.deliver()
            row = await only(office)
            suppressed = await office.suppressions.of(["boris@example.org"])
            bodies = len(server.seen.mails)
            await tried_again(office)
            end = await only(office)

    assert (row.state, row.attempts, row.doubts) == (case.state, case.attempts, case.doubts)
    assert case.reason in row.reason
    assert wait_of(row, case.waits)
    assert bool(suppressed) is case.suppressed
    assert bodies == case.bodies
    # What was put off is sent once the server takes it; what has ended stays as it ended.
    assert end.state is (State.SENT if case.waits else case.state)
    assert (end.attempts, end.doubts) == (case.attempts, case.doubts)
    letters = [opened(mail.content) for mail in server.seen.mails]
    assert len(letters) == case.bodies + bool(case.waits)
    # Whoever got it twice can see that it is one mail.
    assert len({(letter["Message-ID"], letter["Date"]) for letter in letters}) <= 1


async def only(office: Desk) -> Delivery:
    [row] = [row for row in await office.deliveries() if row.kind == Kind.INVITATION]
    return row


def wait_of(row: Delivery, waits: tuple[int, int] | None) -> bool:
    """Whether the next try comes when it should."""
    if waits is None or row.not_before is None:
        return waits is None and row.not_before is None
    return waits[0] <= (row.not_before - NOW).total_seconds() <= waits[1]


async def tried_again(office: Desk) -> None:
    """Let the time of whatever waits come, until nothing does; a closed road takes a few tries."""
    async with asyncio.timeout(10):
        while waiting := await office.client.zrange("notifier:later", 0, -1):
            for each in waiting:
                await office.client.zadd("notifier:later", {each: 0}, xx=True)
            await asyncio.sleep(0.06)
            await office.notifier.sweep()
            await office.deliver()


# ---- doors that do not open ----------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@asynchronous
async def test_fault_39_without_starttls_nothing_leaves_and_nothing_fails(redis_url: str) -> None:
    with scripted_server() as server:
        changes = {"security": "starttls", "host": NAME, **LOGIN}
        async with posting(redis_url, server, **changes) as office:
            await office.hear(invitation(BORIS))
            await office.deliver()
            row = await only(office)

    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert "STARTTLS" in row.reason
    # Neither the password nor the sender was said in the clear.
    assert {line.split()[0] for line in server.seen.commands} <= {"EHLO", "QUIT"}


@asynchronous
@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("flaw", ["of somebody else", "expired", "by nobody we know"])
async def test_fault_39_behind_a_bad_certificate_nothing_leaves_and_nothing_fails(
    redis_url: str, authority: Authority, tmp_path: Path, security: Security, flaw: str
) -> None:
    context = {
        "of somebody else": authority.context("mail.evil.org"),
        "expired": authority.context(expired=True),
        "by nobody we know": Authority().context(),
    }[flaw]
    file = authority.file(tmp_path)

    with scripted_server(security=security, context=context, ca_file=file) as server:
        async with posting(redis_url, server, **LOGIN) as office:
            await office.hear(invitation(BORIS))
            await office.deliver()
            row = await only(office)

    assert (row.state, row.attempts) == (State.PENDING, 0)
    assert "certificate" in row.reason
    assert {line.split()[0] for line in server.seen.commands} <= {"EHLO", "STARTTLS"}


@asynchronous
async def test_fault_39_behind_a_good_certificate_it_leaves(
    redis_url: str, authority: Authority, tmp_path: Path
) -> None:
    file = authority.file(tmp_path)

    with mail_server(security="starttls", context=authority.context(), ca_file=file) as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(BORIS))
            await office.deliver()

            assert (await only(office)).state is State.SENT
    assert [mail.secured for mail in server.seen.mails] == [True]


@asynchronous
async def test_fault_39_an_address_where_nobody_lives_is_not_tried_a_second_time(
    redis_url: str,
) -> None:
    with scripted_server({"RCPT": [NOBODY, "250 ok"]}) as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(BORIS))
            await office.deliver()
            await office.hear(invitation(BORIS, id="another"), invitation(CHEN, id="another"))
            await office.deliver()

            rows = await office.deliveries()
    assert [mail.recipients for mail in server.seen.mails] == [("chen@example.cn",)]
    assert sorted((row.recipient.name, row.attempts) for row in rows) == [
        ("Boris Petit", 0),
        ("Boris Petit", 1),
        ("Chen Li", 0),
    ]
