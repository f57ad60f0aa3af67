"""A token endpoint for tests (RFC 6749 §4.4), over real TLS, that can also lie, hang and babble."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from tests.smtp_servers import HOST, NAME, LoopThread, listening

# What an endpoint can do instead of giving a token. Bytes are sent as they are.
HANG: Final = object()

Answer = object


@dataclass
class TokenServer:
    """A running endpoint: the tokens it gave are the good ones; `answers` come first."""

    port: int = 0
    scheme: str = "https"
    life: float = 3600
    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{NAME}:{self.port}/token"

    def answer(self) -> Answer:
        if self.answers:
            return self.answers.pop(0)
        token = f"token-{len(self.asked)}"
        self.good.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.life}


def http(status: int, content: bytes, *headers: str) -> bytes:
    """Give an answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} so", f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def refused(status: int, **fields: Any) -> bytes:
    """Give an answer that says no in JSON."""
    return http(status, json.dumps(fields).encode(), "Content-Type: application/json")


@contextlib.contextmanager
def token_server(context: ssl.SSLContext | None, *answers: Answer) -> Iterator[TokenServer]:
    """Run an endpoint that gives these answers, then good ones."""
    server = TokenServer(scheme="https" if context else "http", answers=list(answers))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        thread.opened(writer.transport)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            form = parse_qs((await reader.readexactly(length)).decode())
            server.asked.append({name: values[0] for name, values in form.items()})
            answer = server.answer()
            if answer is HANG:
                await reader.read()
                return
            said = answer if isinstance(answer, bytes) else refused(200, **_mapping(answer))
            writer.write(said)
            await writer.drain()
        except (asyncio.CancelledError, ConnectionError, EOFError):
            pass
        finally:
            writer.close()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(serve, HOST, 0, ssl=context)

    with LoopThread() as thread, listening(thread, listen) as bound:
        server.port = bound
        yield server


def _mapping(answer: Answer) -> dict[str, Any]:
    assert isinstance(answer, dict)
    return answer
