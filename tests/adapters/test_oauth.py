"""Tokens instead of passwords: a real endpoint over TLS, and a real mail server that takes them."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_check import check
from notifier.adapters.token_endpoint import LONGEST_ANSWER, NoToken
from notifier.core.mail_servers import Smtp
from notifier.core.outcomes import Accepted, Unreachable
from tests.smtp_scripts import scripted_server
from tests.smtp_sending import LETTER, all_accepted, go_on, mailer, own_address, send_one
from tests.smtp_servers import Authority, mail_server
from tests.token_servers import HANG, TokenServer, http, refused, token_server

pytestmark = pytest.mark.asyncio

SECRET = "hush-client"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    return authority.file(tmp_path)


def login(endpoint: TokenServer, ca_file: str = "", **changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "authentication": "oauth2",
        "username": "conf@example.com",
        "token_url": endpoint.url,
        "client_id": "notifier",
        "client_secret": SECRET,
        "scope": "https://mail.example.com/.default",
        "ca_file": ca_file,
    }
    return usual | changes


class Clock:
    """A clock that a test moves (seconds)."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TestTheLogin:
    async def test_a_letter_goes_over_tls_with_a_token(
        self, authority: Authority, ca_file: str
    ) -> None:
        with (
            token_server(authority.context()) as endpoint,
            mail_server(
                security="starttls", context=authority.context(), tokens=endpoint.good
            ) as server,
        ):
            outcome = await send_one(server.settings(**login(endpoint, ca_file)))

        assert isinstance(outcome, Accepted)
        assert server.seen.logins == ["XOAUTH2 conf@example.com token-1"]
        assert server.seen.mails[0].login == "conf@example.com"
        assert endpoint.asked == [
            {
                "grant_type": "client_credentials",
                "client_id": "notifier",
                "client_secret": SECRET,
                "scope": "https://mail.example.com/.default",
            }
        ]

    async def test_many_connections_share_one_token(self) -> None:
        with token_server(None) as endpoint, mail_server(tokens=endpoint.good) as server:
            async with mailer(server.settings(**login(endpoint), connections=5)) as sender:
                outcomes = await asyncio.gather(*(sender.send(LETTER, go_on) for _ in range(20)))

        assert all_accepted(outcomes)
        assert len(endpoint.asked) == 1
        assert server.seen.connections > 1

    async def test_a_token_that_was_withdrawn_is_replaced_once(self) -> None:
        withdrawn = {"access_token": "withdrawn", "expires_in": 3600}
        with token_server(None, withdrawn) as endpoint, mail_server(tokens=endpoint.good) as server:
            outcome = await send_one(server.settings(**login(endpoint)))

        assert isinstance(outcome, Accepted)
        assert [login.split()[-1] for login in server.seen.logins] == ["withdrawn", "token-2"]

    async def test_a_login_that_stays_refused_is_nobodys_mails_fault(self) -> None:
        with token_server(None) as endpoint, mail_server(tokens=()) as server:
            outcome = await send_one(server.settings(**login(endpoint)))

        assert isinstance(outcome, Unreachable)
        assert outcome.detail.startswith("login refused: 535 5.7.8")
        assert len(endpoint.asked) == 2
        assert len(server.seen.logins) == 2

    async def test_a_server_that_cannot_check_at_the_moment_is_asked_once(self) -> None:
        answers = {"AUTH": "454 4.7.0 later"}
        with (
            token_server(None) as endpoint,
            scripted_server(answers, extensions=["AUTH XOAUTH2"]) as server,
        ):
            outcome = await send_one(server.settings(**login(endpoint)))

        assert outcome == Unreachable("login refused: 454 4.7.0 later")
        assert len(endpoint.asked) == 1

    async def test_a_server_without_xoauth2_gets_no_token(self) -> None:
        with (
            token_server(None) as endpoint,
            scripted_server(extensions=["AUTH PLAIN LOGIN"]) as server,
        ):
            outcome = await send_one(server.settings(**login(endpoint)))

        assert isinstance(outcome, Unreachable)
        assert "no login by XOAUTH2 here (it offers: plain, login)" in outcome.detail
        assert endpoint.asked == []

    async def test_a_token_never_crosses_the_network_in_the_clear(self) -> None:
        address = own_address()
        with (
            token_server(None) as endpoint,
            scripted_server(extensions=["AUTH XOAUTH2"], host=address) as server,
        ):
            outcome = await send_one(server.settings(host=address, **login(endpoint)))

        assert isinstance(outcome, Unreachable)
        assert "the token would cross the network in the clear" in outcome.detail
        assert endpoint.asked == []


class TestTheLifeOfAToken:
    @pytest.mark.parametrize(
        ("life", "good_until"),
        [(3600, 3300.0), (7200, 6900.0), (60, 54.0), ("100", 90.0), (None, 270.0)],
    )
    async def test_it_is_renewed_before_its_end(self, life: Any, good_until: float) -> None:
        clock = Clock()
        answer = {"access_token": "first"} | ({} if life is None else {"expires_in": life})
        with token_server(None, answer) as endpoint:
            tokens = Tokens(Smtp(**login(endpoint)), clock=clock)

            taken = [await tokens.current()]
            for clock.now in (good_until - 1, good_until):
                taken.append(await tokens.current())

        assert taken == ["first", "first", "token-2"]

    async def test_those_who_ask_at_one_time_wait_for_one_answer(self) -> None:
        with token_server(None) as endpoint:
            tokens = Tokens(Smtp(**login(endpoint)))

            taken = await asyncio.gather(*(tokens.current() for _ in range(10)))

        assert set(taken) == {"token-1"}
        assert len(endpoint.asked) == 1

    async def test_who_gives_up_waiting_takes_the_answer_from_nobody(self) -> None:
        with token_server(None) as endpoint:
            tokens = Tokens(Smtp(**login(endpoint)))
            impatient = asyncio.create_task(tokens.current())
            patient = asyncio.create_task(tokens.current())
            await asyncio.sleep(0)
            impatient.cancel()

            assert await patient == "token-1"

        assert len(endpoint.asked) == 1

    async def test_dropping_an_old_token_leaves_a_newer_one(self) -> None:
        with token_server(None) as endpoint:
            tokens = Tokens(Smtp(**login(endpoint)))
            await tokens.current()
            tokens.drop("older")

            assert await tokens.current() == "token-1"


FAULTS: list[tuple[object, str]] = [
    (
        refused(400, error="invalid_client", error_description=f"{SECRET}\x01 has\nexpired"),
        "answered 400 invalid_client (… has expired); check client_id and client_secret",
    ),
    (refused(401, error="invalid_scope"), "answered 401 invalid_scope; check scope"),
    (http(500, b"oops"), "answered 500; check token_url"),
    (http(302, b"", "Location: http://127.0.0.1:1/"), "answered 302; check token_url"),
    (http(200, b"<html>"), "gave an answer that is not JSON; check that token_url"),
    (http(200, b"[1]"), "gave an answer that is not JSON"),
    (http(200, b"[" * 60_000), "gave an answer that is not JSON"),
    (http(200, b'{"token": 1}'), "gave an answer without access_token"),
    (http(200, b'{"access_token": 5}'), "gave an answer without access_token"),
    (http(200, b'{"access_token": "a\\u0001auth=x"}'), "gave a token that no login can carry"),
    (http(200, b'{"access_token": "' + b"a" * 9000 + b'"}'), "a token that no login can carry"),
    (http(200, b" " * (2 * LONGEST_ANSWER)), f"answered with more than {LONGEST_ANSWER} bytes"),
    (b"SSH-2.0-OpenSSH\r\n\r\n", "cannot be reached"),
    (b"", "cannot be reached"),
]


class TestAnEndpointInTrouble:
    @pytest.mark.parametrize(("answer", "said"), FAULTS, ids=[each[1][:40] for each in FAULTS])
    async def test_it_is_told_in_a_sentence(self, answer: object, said: str) -> None:
        with token_server(None, answer) as endpoint, pytest.raises(NoToken) as caught:
            await Tokens(Smtp(**login(endpoint))).current()

        sentence = f"{caught.value.cause}; {caught.value.advice}"
        assert said in sentence
        assert sentence.startswith(f"the token endpoint {endpoint.url} ")
        assert SECRET not in sentence

    async def test_one_that_says_nothing_is_not_waited_for_without_end(self) -> None:
        with token_server(None, HANG) as endpoint, pytest.raises(NoToken) as caught:
            await Tokens(Smtp(**login(endpoint)), wait=0.3).current()

        sentence = f"{caught.value.cause}; {caught.value.advice}"
        assert "gave no token within 0.3 s; check token_url" in sentence
        assert sentence.startswith(f"the token endpoint {endpoint.url} ")

    async def test_one_that_is_away_closes_the_road_for_everybody(self) -> None:
        with token_server(None) as gone:
            pass
        with scripted_server(extensions=["AUTH XOAUTH2"]) as server:
            outcome = await send_one(server.settings(**login(gone)))

        assert isinstance(outcome, Unreachable)
        assert f"the token endpoint {gone.url} cannot be reached" in outcome.detail

    async def test_one_of_an_unknown_ca_never_hears_the_secret(self, authority: Authority) -> None:
        with (
            token_server(authority.context()) as endpoint,
            pytest.raises(NoToken, match="its certificate comes from an unknown CA"),
        ):
            await Tokens(Smtp(**login(endpoint))).current()

        assert endpoint.asked == []

    async def test_the_next_one_asks_again(self) -> None:
        with token_server(None, http(503, b"")) as endpoint:
            tokens = Tokens(Smtp(**login(endpoint)))
            with pytest.raises(NoToken):
                await tokens.current()

            assert await tokens.current() == "token-2"


class TestCheckingTheConnection:
    async def test_the_token_is_a_stage_of_its_own(self) -> None:
        with token_server(None) as endpoint, mail_server(tokens=endpoint.good) as server:
            report = await check(server.settings(**login(endpoint)))

        names = [step.name for step in report.steps]
        details = {step.name: step.detail for step in report.steps}
        assert report.ok
        assert names[names.index("token") :] == ["token", "AUTH", "MAIL FROM"]
        assert details["token"] == f"from {endpoint.url}, lives 3600 s"
        assert details["AUTH"] == "XOAUTH2"

    async def test_a_refused_client_ends_at_the_token(self) -> None:
        no = refused(401, error="invalid_client")
        with token_server(None, no) as endpoint, mail_server(tokens=()) as server:
            report = await check(server.settings(**login(endpoint)))

        assert report.steps[-1].name == "token"
        assert report.message == (
            f"invalid server: the token endpoint {endpoint.url} answered 401 invalid_client; "
            "check client_id and client_secret; a secret may have expired"
        )

    @pytest.mark.parametrize("echo", ["token-1", "token-2"])
    async def test_neither_secret_nor_token_is_ever_told(
        self, echo: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        answers = {"AUTH": ["535 5.7.8 what is token-1", "535 5.7.8 what is token-2"]}
        caplog.set_level(logging.DEBUG)
        with (
            token_server(None) as endpoint,
            scripted_server(answers, extensions=["AUTH XOAUTH2"]) as server,
        ):
            report = await check(server.settings(**login(endpoint)))

        told = f"{report} {caplog.text}"
        assert "login refused: 535 5.7.8 what is …" in report.message
        assert echo not in told
        assert SECRET not in told
