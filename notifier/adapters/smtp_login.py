"""Logging in to a mail server: by password, or by a token (XOAUTH2)."""

import asyncio
import ipaddress
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import aiosmtplib
from aiosmtplib.auth import auth_xoauth2_encode

from notifier.adapters.oauth import Tokens
from notifier.adapters.smtp_stages import Stage, fail, reason, shown
from notifier.adapters.smtp_words import login_advice
from notifier.adapters.token_endpoint import NoToken
from notifier.core.mail_servers import Smtp

# In this order of preference. Exactly one is tried: servers that lock an account after three wrong
# passwords would otherwise be reached by one wrong password.
LOGIN_METHODS: Final = ("plain", "login", "cram-md5")

_TOKEN_ADVICE: Final = "check username, and that this client may send as it"

Told = Callable[[Stage, str], None]


async def log_in(
    smtp: Smtp, client: aiosmtplib.SMTP, tokens: Tokens, *, wait: float, told: Told
) -> None:
    """Log in as the settings say, once; raise Unopened. `told` hears by which method."""
    if smtp.authentication == "none":
        return
    if client.get_transport_info("sslcontext") is None and not _is_local(client):
        secret = "password" if smtp.authentication == "password" else "token"
        fail(
            Stage.AUTH,
            f"login refused by us: the {secret} would cross the network in the clear",
            "choose security ssl or starttls",
        )
    if smtp.authentication == "password":
        told(Stage.AUTH, await _by_password(smtp, client, wait))
    else:
        told(Stage.AUTH, await _by_token(smtp, client, tokens, wait=wait, told=told))


async def _by_password(smtp: Smtp, client: aiosmtplib.SMTP, wait: float) -> str:
    """Log in by the one method that suits; give its name."""
    method = next((name for name in LOGIN_METHODS if name in client.server_auth_methods), None)
    if method is None:
        _not_offered(client, "by password")
    by_method = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    refusal = await _refusal(by_method[method](smtp.username, smtp.password), wait)
    if refusal is not None:
        said = _without_password(shown(refusal), smtp)
        fail(Stage.AUTH, f"login refused: {said}", login_advice(refusal.code))
    return method.upper()


async def _by_token(
    smtp: Smtp, client: aiosmtplib.SMTP, tokens: Tokens, *, wait: float, told: Told
) -> str:
    """Log in by a token. One that is refused may have been withdrawn: a fresh one, once."""
    if "xoauth2" not in client.server_auth_methods:
        _not_offered(client, "by XOAUTH2")
    for last in (False, True):
        token = await _token(tokens)
        told(Stage.TOKEN, tokens.described)
        refusal = await _refusal(client.auth_xoauth2(smtp.username, token), wait)
        if refusal is None:
            return "XOAUTH2"
        tokens.drop(token)
        if refusal.code != 535 or last:
            said = _without_token(shown(refusal), smtp.username, token)
            fail(Stage.AUTH, f"login refused: {said}", _TOKEN_ADVICE)
    raise AssertionError("the second refusal is the last")


async def _token(tokens: Tokens) -> str:
    try:
        return await tokens.current()
    except NoToken as fault:
        fail(Stage.TOKEN, fault.cause, fault.advice)


async def _refusal(
    login: Awaitable[object], wait: float
) -> aiosmtplib.SMTPResponseException | None:
    """Give the server's no, or None for its yes; raise Unopened where it says neither."""
    try:
        async with asyncio.timeout(wait):
            await login
    except aiosmtplib.SMTPResponseException as refusal:
        return refusal
    except (aiosmtplib.SMTPException, OSError) as fault:
        fail(Stage.AUTH, f"login unanswered ({reason(fault)})", "check username and password")
    return None


def _without_password(said: str, smtp: Smtp) -> str:
    """Give a reply to a login; some servers quote what they were given, plain or in base64."""
    plain = smtp.password.encode()
    login = b"\0%b\0%b" % (smtp.username.encode(), plain)
    return _without(said, smtp.password, *(b64encode(each).decode() for each in (plain, login)))


def _without_token(said: str, username: str, token: str) -> str:
    return _without(said, token, auth_xoauth2_encode(username, token).decode())


def _without(said: str, *secrets: str) -> str:
    for secret in filter(None, secrets):
        said = said.replace(secret, "…")
    return said


def _not_offered(client: aiosmtplib.SMTP, how: str) -> NoReturn:
    offered = ", ".join(client.server_auth_methods) or "none"
    cause = f"the server offers no login {how} here (it offers: {offered})"
    fail(Stage.AUTH, cause, "choose another security or port, or another authentication")


def _is_local(client: aiosmtplib.SMTP) -> bool:
    """Tell whether the other end is this machine, by its address and not by its name."""
    peer = client.get_transport_info("peername")
    return ipaddress.ip_address(peer[0].partition("%")[0]).is_loopback
