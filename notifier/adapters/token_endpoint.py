"""Asking a token endpoint by client credentials (RFC 6749 §4.4), and reading what it answers."""

import asyncio
import re
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec

from notifier.adapters.smtp_stages import Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.adapters.smtp_words import tls_fault
from notifier.core.cleaning import clean_line
from notifier.core.mail_servers import MailServer

# A token and its description are a few kilobytes. Bounds what an endpoint can make us keep (bytes).
LONGEST_ANSWER: Final = 65_536
# RFC 4954 §4: a line with AUTH may be 12,288 octets; in base64 the token takes a third more.
LONGEST_TOKEN: Final = 8_192

# The life of a token whose answer does not tell it (seconds).
UNTOLD_LIFE_SECONDS: Final = 300.0

# RFC 6750 §2.1; \x01, a space or a line end would end the token and begin something else.
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
# RFC 6749 §5.2: one word such as `invalid_client`.
_WORD: Final = re.compile(r"[\w.-]{1,60}")
_KEPT_TEXT: Final = 200

_FAULT_FIELDS: Final = ("error", "error_description")
_ASKED: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}
_CHECK_URL: Final = "check that token_url is the token endpoint, not a page for people"
_ADVICE: Final = {
    "invalid_client": "check client_id and client_secret; a secret may have expired",
    "unauthorized_client": "allow this client the client-credentials grant",
    "invalid_scope": "check scope",
}


class NoToken(Exception):
    """No token could be had: the exact cause, and what to do."""

    def __init__(self, cause: str, advice: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.advice = advice


class Token(msgspec.Struct, frozen=True):
    """What the endpoint gave, and how long it lives (seconds)."""

    text: str
    life: float

    def __repr__(self) -> str:
        return f"Token(life={self.life:g})"


class TokenEndpoint:
    """Where the tokens of one login come from."""

    def __init__(self, server: MailServer, *, wait: float) -> None:
        self._server = server
        self._wait = wait

    @property
    def where(self) -> str:
        """Its URL as far as it may be shown: without its query."""
        parts = urlsplit(self._server.token_url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    async def token(self) -> Token:
        """Ask for a token; raise NoToken."""
        try:
            async with asyncio.timeout(self._wait):
                status, content = await self._ask()
        except TimeoutError:
            cause = f"{self._named} gave no token within {self._wait:g} s"
            raise NoToken(cause, "check token_url, and the network of this machine") from None
        return self._read(status, content)

    async def _ask(self) -> tuple[int, bytes]:
        """Give status and body; raise NoToken if the endpoint cannot be talked with."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._server.client_id,
            "client_secret": self._server.client_secret,
        }
        if self._server.scope:
            form["scope"] = self._server.scope
        try:
            tls = await asyncio.to_thread(tls_context, self._server.ca_file)
        except Unopened as fault:
            raise NoToken(fault.cause, fault.advice) from None
        try:
            async with (
                # Nothing from the environment (proxies, .netrc), and nobody sends us elsewhere.
                httpx.AsyncClient(verify=tls, trust_env=False, timeout=self._wait) as client,
                client.stream("POST", self._server.token_url, data=form, headers=_ASKED) as answer,
            ):
                return answer.status_code, await self._bounded(answer)
        except httpx.TimeoutException:
            raise TimeoutError from None
        except httpx.HTTPError as fault:
            raise NoToken(*self._unreached(fault)) from None

    async def _bounded(self, answer: httpx.Response) -> bytes:
        content = b""
        # Raw: a few compressed bytes could unpack to a gigabyte.
        async for chunk in answer.aiter_raw():
            content += chunk
            if len(content) > LONGEST_ANSWER:
                cause = f"{self._named} answered with more than {LONGEST_ANSWER} bytes"
                raise NoToken(cause, _CHECK_URL)
        return content

    def _read(self, status: int, content: bytes) -> Token:
        """Take the token out of an answer."""
        fields = _fields(content)
        if status != 200:
            raise NoToken(f"{self._named} answered {status}{self._said(fields)}", _advice(fields))
        if fields is None:
            raise NoToken(f"{self._named} gave an answer that is not JSON", _CHECK_URL)
        text = fields.get("access_token")
        if not isinstance(text, str) or not text:
            raise NoToken(f"{self._named} gave an answer without access_token", _CHECK_URL)
        if not _TOKEN.fullmatch(text) or len(text) > LONGEST_TOKEN:
            raise NoToken(f"{self._named} gave a token that no login can carry", _CHECK_URL)
        return Token(text, _life(fields.get("expires_in")))

    @property
    def _named(self) -> str:
        return f"the token endpoint {self.where}"

    def _unreached(self, fault: httpx.HTTPError) -> tuple[str, str]:
        """Give cause and advice for an endpoint with which one cannot talk."""
        origin: BaseException | None = fault
        while origin is not None and not isinstance(origin, ssl.SSLError):
            origin = origin.__cause__ or origin.__context__
        if isinstance(origin, ssl.SSLError):
            return tls_fault(origin, self.where)
        said = self._blotted(clean_line(str(fault), _KEPT_TEXT)) or type(fault).__name__
        cause = f"{self._named} cannot be reached ({said})"
        return cause, "check token_url, and the network of this machine"

    def _said(self, fields: dict[str, Any] | None) -> str:
        """Give what the endpoint says is wrong (RFC 6749 §5.2), short, without our secret."""
        error, description = (str((fields or {}).get(name) or "") for name in _FAULT_FIELDS)
        word = error if _WORD.fullmatch(error) else ""
        text = self._blotted(clean_line(description, 2 * _KEPT_TEXT))[:_KEPT_TEXT]
        return self._blotted(f" {word}" * bool(word)) + f" ({text})" * bool(text)

    def _blotted(self, text: str) -> str:
        return text.replace(self._server.client_secret, "…") if self._server.client_secret else text


def _advice(fields: dict[str, Any] | None) -> str:
    return _ADVICE.get(str((fields or {}).get("error")), "check token_url, client_id and scope")


def _fields(content: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None


def _life(told: Any) -> float:
    """Give how long a token lives: some endpoints tell it as a text, some not at all."""
    try:
        return max(0.0, min(float(told), 30 * 86_400.0))
    except (TypeError, ValueError):
        return UNTOLD_LIFE_SECONDS
