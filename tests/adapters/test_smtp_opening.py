"""The way to a mail server: names, ports, the three securities, certificates, logins."""

import socket
from pathlib import Path

import msgspec
import pytest

from notifier.core.mail_servers import Security, Smtp
from notifier.core.outcomes import Accepted, Unreachable
from tests.smtp_scripts import CUT, HANG, scripted_server
from tests.smtp_sending import LETTER, own_address, quick, send_one
from tests.smtp_servers import HOST, Authority, MailServer, mail_server

pytestmark = pytest.mark.asyncio


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
            outcome = await send_one(server.settings(), waits=quick("greeting"))

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
