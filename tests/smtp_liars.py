"""Mail servers that offer PIPELINING and cannot do it, each in its own way, and one that can.

They look at what one read brings: whatever a client writes in one go may come in one.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from enum import Enum, auto

from notifier.core.mail_servers import Security
from tests.smtp_scripts import USUAL
from tests.smtp_servers import HOST, LoopThread, Mail, MailServer, Record, listening

_EHLO = b"250-mail.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Lie(Enum):
    """What a server does with commands that come together."""

    NONE = auto()
    ANSWERS_THE_FIRST = auto()  # and throws the others away
    CLOSES = auto()  # before it answers any
    CLOSES_AFTER_THE_FIRST = auto()
    ANSWERS_BACKWARDS = auto()
    # These can do it before a body, and not behind one.
    FORGETS_BEHIND_A_DOT = auto()
    CLOSES_BEHIND_A_DOT = auto()  # once it has answered the body
    CLOSES_BEHIND_A_DOT_UNANSWERED = auto()
    LOOKS_FOR_A_LAST_DOT = auto()  # a body ends where the dot is the last that it has read


@dataclass(frozen=True)
class Liar(MailServer):
    """A running server. `groups` has the verbs of each read, `.` being the end of a body.

    `unfinished` has what was read where a body was expected, and its end never came.
    """

    groups: list[str] = field(default_factory=list)
    unfinished: list[bytes] = field(default_factory=list)
    slow_bodies: set[int] = field(default_factory=set)


class _Talk:
    """One connection."""

    def __init__(
        self, lie: Lie, liar: Liar, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._lie = lie
        self._liar = liar
        self._reader = reader
        self._writer = writer
        self._recipient = ""
        self._in_body = False
        self._body = b""
        self._said = b""  # and not sent yet

    async def hold(self) -> None:
        self._writer.write(b"220 mail.test ESMTP\r\n")
        stays = True
        while stays and (chunk := await self._reader.read(65536)):
            before = len(self._liar.seen.mails)
            stays = self._hear(chunk)
            if self._liar.slow_bodies & set(range(before + 1, len(self._liar.seen.mails) + 1)):
                await asyncio.sleep(0.3)
            said, self._said = self._said, b""
            self._writer.write(said)
        if self._body:
            self._liar.unfinished.append(self._body)
        await self._writer.drain()

    def _hear(self, chunk: bytes) -> bool:
        """Take in what one read has brought; say whether the connection stays open."""
        if not self._in_body:
            return self._obey(chunk, heard=[])
        self._body += chunk
        end = (b"\r\n" + self._body).find(b"\r\n.\r\n")
        last = self._lie is not Lie.LOOKS_FOR_A_LAST_DOT or self._body.endswith(b"\r\n.\r\n")
        if end < 0 or not last:
            return True
        if self._lie is Lie.LOOKS_FOR_A_LAST_DOT:
            end = len(self._body) - 3
        content, rest = self._body[:end], self._body[end + 3 :]
        self._in_body, self._body = False, b""
        self._liar.seen.mails.append(Mail("", (self._recipient,), content))
        if rest and self._lie is Lie.CLOSES_BEHIND_A_DOT_UNANSWERED:
            return False
        self._said += b"250 2.0.0 queued\r\n"
        if rest and self._lie is Lie.FORGETS_BEHIND_A_DOT:
            rest = b""
        if rest and self._lie is Lie.CLOSES_BEHIND_A_DOT:
            return False
        return self._obey(rest, heard=["."])

    def _obey(self, chunk: bytes, *, heard: list[str]) -> bool:
        """Answer the commands that came together."""
        lines = chunk.decode().splitlines()
        self._liar.groups.append(" ".join([*heard, *(line.split()[0] for line in lines)]))
        together = len(lines) > 1
        if together and self._lie is Lie.CLOSES:
            return False
        if together and self._lie in {Lie.ANSWERS_THE_FIRST, Lie.CLOSES_AFTER_THE_FIRST}:
            lines = lines[:1]
        answers = [self._answer(line) for line in lines]
        backwards = together and self._lie is Lie.ANSWERS_BACKWARDS
        self._said += b"".join(reversed(answers) if backwards else answers)
        cut = together and self._lie is Lie.CLOSES_AFTER_THE_FIRST
        return not cut and "QUIT" not in lines

    def _answer(self, line: str) -> bytes:
        verb = line.split(" ", maxsplit=1)[0]
        self._liar.seen.commands.append(verb)
        if verb == "RCPT":
            self._recipient = line[len("RCPT TO:<") : -1]
        self._in_body = verb == "DATA"
        return _EHLO if verb == "EHLO" else USUAL[verb].encode() + b"\r\n"


@contextlib.contextmanager
def liar(
    lie: Lie,
    *,
    security: Security = "none",
    context: ssl.SSLContext | None = None,
    file: str = "",
    slow_bodies: Set[int] = frozenset(),
) -> Iterator[Liar]:
    """Run a server that offers PIPELINING and does so with it.

    It thinks for a while about the bodies of these numbers, the first being 1.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.seen.opened()
        thread.opened(writer.transport)
        try:
            await _Talk(lie, server, reader, writer).hold()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over
        finally:
            server.seen.closed()
            writer.transport.abort()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(serve, HOST, 0, ssl=context)

    with LoopThread() as thread, listening(thread, listen) as port:
        server = Liar(port, security, Record(), file, slow_bodies=set(slow_bodies))
        yield server
