"""Addresses that are none, or hold commands: one person hears nothing, everybody else does."""

import pytest

from notifier.core.delivery import State
from notifier.core.people import Person
from tests.cast import BORIS, CHEN, HOME
from tests.faults.events import Said, buried, invitation
from tests.faults.letters import calendar, opened
from tests.faults.posting import posting
from tests.smtp_servers import mail_server

pytestmark = pytest.mark.asyncio

UNUSABLE = {
    "two": "a@x.org, b@y.org",
    "two, as some clients part them": "a@x.org; b@y.org",
    "a command": "a@x.org\r\nRCPT TO:<eve@evil.org>",
    "a command behind a line feed": "a@x.org\nRCPT TO:<eve@evil.org>",
    "a parameter": "a@x.org> NOTIFY=SUCCESS",
    "in brackets": "<a@x.org>",
    "with a name": "Eve <a@x.org>",
    "with a remark": "a(remark)@x.org",
    "by a route": "@relay.org:a@x.org",
    "by percent": "a%x.org",
    "by a bang": "x.org!a",
    "of 300 characters": "a" * 290 + "@x.org",
    "with a long name": "a" * 65 + "@x.org",
    "without a domain": "a@",
    "without a name": "@x.org",
    "with two signs": "a@b@x.org",
    "with a blank": "a b@x.org",
    "with a NUL": "a\0@x.org",
    "with a turn of direction": "a\u202e@x.org",
    "with dots": "a..b@x.org",
    "of a machine": "a@[127.0.0.1]",
    "of no domain": "a@-x-.org",
}


def person_with(address: str, *, field: str, number: int) -> Said:
    told: Said = {"id": f"eve{number}@{HOME}", "name": "Eve", field: address}
    return told | {"id": f"#mailto:{address}"} if field == "id" else told


@pytest.mark.parametrize("field", ["email", "directory_email", "id"])
async def test_fault_16_only_those_with_the_addresses_fail(redis_url: str, field: str) -> None:
    eves = [
        person_with(each, field=field, number=number)
        for number, each in enumerate(UNUSABLE.values())
    ]

    with mail_server() as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(BORIS, *eves, CHEN))
            await office.deliver()

            wrong = [row for row in await office.deliveries() if row.recipient.name == "Eve"]
            assert [(row.state, row.reason, row.attempts) for row in wrong] == [
                (State.FAILED, "address", 0)
            ] * len(UNUSABLE)
            assert await buried(office) == []
        assert sorted(mail.recipients for mail in server.seen.mails) == [
            ("boris@example.org",),
            ("chen@example.cn",),
        ]


@pytest.mark.parametrize("nothing", ["", "   "])
async def test_fault_16_an_empty_address_is_none(redis_url: str, nothing: str) -> None:
    silent = {"id": f"eve@{HOME}", "name": "Eve", "email": nothing}

    with mail_server() as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(BORIS, silent))
            await office.deliver()

            rows = {row.recipient.name: row for row in await office.deliveries()}
            assert (rows["Eve"].state, rows["Eve"].reason) == (State.SKIPPED, "no_mailbox")
        assert [mail.recipients for mail in server.seen.mails] == [("boris@example.org",)]


@pytest.mark.parametrize("utf8", [False, True], ids=["ASCII", "SMTPUTF8"])
async def test_fault_17_a_domain_of_other_letters_is_sent_by_its_ascii_name(
    redis_url: str, utf8: bool
) -> None:
    with mail_server(smtputf8=utf8) as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(Person(email="user@exämple.org", name="Úna")))
            await office.deliver()

            assert [row.state for row in await office.deliveries()] == [State.SENT]
        [mail] = server.seen.mails
    letter = opened(mail.content)
    assert mail.recipients == ("user@xn--exmple-cua.org",)
    assert letter["To"].addresses[0].addr_spec == "user@xn--exmple-cua.org"
    assert calendar(letter)["ATTENDEE"] == "mailto:user@xn--exmple-cua.org"


async def test_fault_17_a_name_of_other_letters_is_sent_where_the_server_takes_it(
    redis_url: str,
) -> None:
    with mail_server(smtputf8=True) as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(Person(email="üser@x.org", name="Úna"), BORIS))
            await office.deliver()

            assert [row.state for row in await office.deliveries()] == [State.SENT] * 2
        una = next(mail for mail in server.seen.mails if "boris" not in mail.recipients[0])
    assert una.recipients == ("üser@x.org",)
    assert "SMTPUTF8" in una.options
    # As it is, not as an encoded word, which nobody reads in an address (RFC 6532).
    assert "<üser@x.org>".encode() in una.content


async def test_fault_17_elsewhere_it_fails_by_itself(redis_url: str) -> None:
    with mail_server(smtputf8=False) as server:
        async with posting(redis_url, server) as office:
            await office.hear(invitation(Person(email="üser@x.org", name="Úna"), BORIS))
            await office.deliver()

            rows = {row.recipient.name: row for row in await office.deliveries()}
            assert rows["Úna"].state is State.FAILED
            assert rows["Úna"].reason.startswith("smtputf8_required")
            assert rows["Úna"].attempts == 1
            # Nobody said that there is no such mailbox: another server may take it.
            assert await office.suppressions.of(["üser@x.org"]) == {}
        assert [mail.recipients for mail in server.seen.mails] == [("boris@example.org",)]
