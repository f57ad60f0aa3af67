"""*Check connection* against servers that are right, and wrong in every way (R29, R30)."""

import socket
from pathlib import Path

import pytest

from notifier.adapters.smtp_check import CheckReport, check, sender_warnings
from notifier.core.mail_servers import Security, Smtp
from tests.smtp_scripts import CUT, HANG, scripted_server
from tests.smtp_servers import HOST, Authority, mail_server


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    return authority.file(tmp_path)


def names(report: CheckReport) -> list[str]:
    return [step.name for step in report.steps]


@pytest.mark.asyncio
class TestARightServer:
    @pytest.mark.parametrize(
        ("security", "steps"),
        [
            ("ssl", ["DNS", "TCP", "TLS", "greeting", "EHLO", "AUTH", "MAIL FROM"]),
            ("starttls", ["DNS", "TCP", "greeting", "TLS", "EHLO", "AUTH", "MAIL FROM"]),
            ("none", ["DNS", "TCP", "greeting", "EHLO", "AUTH", "MAIL FROM"]),
        ],
    )
    async def test_every_step_is_taken(
        self, security: Security, steps: list[str], authority: Authority, ca_file: str
    ) -> None:
        context, login = authority.context(), ("conf", "secret")
        with mail_server(
            security=security, context=context, ca_file=ca_file, login=login
        ) as server:
            report = await check(
                server.settings(authentication="password", username="conf", password="secret")
            )

        assert report.message == "successfully connected"
        assert report.ok
        assert names(report) == steps
        assert all(step.ok and step.seconds >= 0 for step in report.steps)
        assert server.seen.mails == []

    async def test_the_certificate_and_the_extensions_are_shown(
        self, authority: Authority, ca_file: str
    ) -> None:
        with mail_server(security="ssl", context=authority.context(), ca_file=ca_file) as server:
            report = await check(server.settings())

        details = {step.name: step.detail for step in report.steps}
        assert details["TLS"].startswith("certificate for localhost, 127.0.0.1, valid until ")
        assert details["greeting"].startswith("220 localhost")
        assert "pipelining" in details["EHLO"]
        assert details["DNS"] == "127.0.0.1" or "::1" in details["DNS"]

    async def test_no_login_is_tried_where_none_is_wanted(self) -> None:
        with scripted_server(extensions=["AUTH PLAIN"]) as server:
            report = await check(server.settings())

        assert report.ok
        assert [line.split(" ")[0] for line in server.seen.commands] == [
            "EHLO",
            "MAIL",
            "RSET",
            "QUIT",
        ]


@pytest.mark.asyncio
class TestAnInvalidServer:
    async def test_an_unknown_host(self) -> None:
        report = await check(Smtp(host="mail.nowhere.invalid", sender_address="a@b.org"))

        assert names(report) == ["DNS"]
        assert report.message.startswith(
            "invalid server: DNS: the host 'mail.nowhere.invalid' is not known"
        )

    async def test_no_host(self) -> None:
        report = await check(Smtp())

        assert report.message == (
            "invalid server: no mail server is set; set the host of the mail server"
        )

    async def test_a_refused_port(self) -> None:
        with socket.socket() as door:
            door.bind((HOST, 0))
            port = door.getsockname()[1]

        report = await check(Smtp(host=HOST, port=port))

        assert names(report) == ["DNS", "TCP"]
        assert report.message == (
            f"invalid server: {HOST} port {port} refused the connection; "
            "check the port, and that the server runs"
        )

    async def test_a_port_that_does_not_answer(self) -> None:
        with socket.socket() as door:
            door.bind((HOST, 0))
            door.listen(0)
            crowd = fill_backlog(door)
            report = await check(Smtp(host=HOST, port=door.getsockname()[1]), timeout=0.3)
            for each in crowd:
                each.close()

        assert names(report) == ["DNS", "TCP"]
        assert "timeout" in report.message

    @pytest.mark.parametrize("fault", ["expired", "another name", "unknown CA"])
    @pytest.mark.parametrize("security", ["ssl", "starttls"])
    async def test_a_bad_certificate(
        self, security: Security, fault: str, authority: Authority, ca_file: str
    ) -> None:
        wrong_names = ["mail.example.net"] if fault == "another name" else []
        context = authority.context(*wrong_names, expired=fault == "expired")
        with mail_server(security=security, context=context) as server:
            trusted = "" if fault == "unknown CA" else ca_file
            report = await check(server.settings(ca_file=trusted))

        assert report.message.startswith("invalid server: certificate of localhost: ")
        assert fault in report.message
        assert report.steps[-1].name == "TLS"
        assert not report.ok

    async def test_starttls_is_missing(self) -> None:
        with scripted_server() as server:
            report = await check(server.settings(security="starttls"))

        assert report.message.startswith("invalid server: STARTTLS is missing")
        assert report.steps[-1].name == "TLS"

    async def test_a_port_for_the_other_kind_of_tls(
        self, authority: Authority, ca_file: str
    ) -> None:
        with (
            mail_server(security="ssl", context=authority.context(), ca_file=ca_file) as implicit,
            mail_server(security="starttls", context=authority.context()) as explicit,
        ):
            silent = await check(implicit.settings(security="starttls"), timeout=0.3)
            babble = await check(explicit.settings(security="ssl"))

        assert "check port and security" in silent.message
        assert "does not speak TLS from the start; choose security starttls" in babble.message

    @pytest.mark.parametrize(
        ("reply", "advice"),
        [
            ("535 5.7.8 wrong", "check username and password"),
            ("534 5.7.9 stronger", "OAuth2"),
            ("538 5.7.11 encrypt", "choose security ssl or starttls"),
            ("454 4.7.0 later", "try again later"),
            ("500 what", "rights of this account"),
        ],
    )
    async def test_a_refused_login(self, reply: str, advice: str) -> None:
        with scripted_server({"AUTH": reply}, extensions=["AUTH PLAIN"]) as server:
            report = await check(
                server.settings(authentication="password", username="conf", password="secret")
            )

        assert report.message.startswith(f"invalid server: login refused: {reply}; ")
        assert advice in report.message
        assert report.steps[-1].name == "AUTH"
        assert "secret" not in str(report)

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            ("553 5.7.1 not yours", "conf@example.com was refused: 553 5.7.1 not yours"),
            (CUT, "no answer to the sender address: the connection was cut"),
            (HANG, "no answer to the sender address: no answer within 0.3 s"),
        ],
    )
    async def test_a_refused_sender(self, answer: object, cause: str) -> None:
        with scripted_server({"MAIL": answer}) as server:
            report = await check(server.settings(), timeout=0.3)

        assert report.message.startswith("invalid server: ")
        assert cause in report.message
        assert report.steps[-1].name == "MAIL FROM"

    @pytest.mark.parametrize(
        ("greeting", "cause"),
        [
            ("554 5.7.1 not you", "the server greeted us with 554 5.7.1 not you; "),
            (b"SSH-2.0-OpenSSH\r\n", "Malformed SMTP response line: SSH-2.0-OpenSSH; "),
            (CUT, "the server closed the connection before its greeting"),
            (HANG, "timeout: the server did not greet us within 0.3 s; "),
        ],
    )
    async def test_no_greeting(self, greeting: object, cause: str) -> None:
        with scripted_server({"GREETING": greeting}) as server:
            report = await check(server.settings(), timeout=0.3)

        assert cause in report.message
        assert report.steps[-1].name == "greeting"

    async def test_no_sender(self) -> None:
        with scripted_server() as server:
            report = await check(server.settings(sender_address=""))

        assert report.message == "invalid server: no sender address is set; set the sender address"

    async def test_an_unreadable_ca_file(self) -> None:
        report = await check(Smtp(host=HOST, ca_file="/nowhere/ca.pem"))

        assert "'/nowhere/ca.pem', cannot be read" in report.message


def fill_backlog(door: socket.socket) -> list[socket.socket]:
    """Connect until the listener takes no more, so that the next one hears nothing."""
    crowd = []
    for _ in range(8):
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(door.getsockname())
        crowd.append(each)
    return crowd


class TestTheSenderAddress:
    @pytest.mark.parametrize(
        ("host", "username", "sender"),
        [
            ("smtp.example.com", "", "conf@example.com"),
            ("mx.provider.net", "conf@example.com", "conf@example.com"),
            ("mx.provider.net", "Office@Example.com", "conf@example.com"),
            ("mx.provider.net", "conf", "conf@example.com"),
            ("localhost", "", "conf@example.com"),
            ("10.0.0.7", "", "conf@example.com"),
            ("smtp.example.com", "", ""),
        ],
    )
    def test_one_that_fits_login_or_host_is_silent(
        self, host: str, username: str, sender: str
    ) -> None:
        smtp = Smtp(
            host=host,
            authentication="password" if username else "none",
            username=username,
            sender_address=sender,
        )

        assert sender_warnings(smtp) == ()

    @pytest.mark.parametrize("username", ["", "other@elsewhere.org", "other"])
    def test_one_that_fits_neither_is_warned_about(self, username: str) -> None:
        smtp = Smtp(
            host="mx.provider.net",
            authentication="password" if username else "none",
            username=username,
            sender_address="conf@example.com",
        )

        assert "belongs neither to the login nor to the host" in sender_warnings(smtp)[0]
