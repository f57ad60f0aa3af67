"""Mail servers for tests that say what a script tells them: refuse, hang, cut, talk nonsense."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from notifier.core.mail_servers import Security
from tests.smtp_servers import HOST, LoopThread, Mail, MailServer, Record, listening

# What a script can do instead of a reply. Bytes are sent as they are.
HANG: Final = object()  # never answer
CUT: Final = object()  # close the connection
DEAF: Final = object()  # read nothing for a while, then go on
SLOW: Final = object()  # answer as usual, after a while

Answer = object
USUAL: Final[dict[str, str]] = {
    "GREETING": "220 mail.test ESMTP",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "BODY": "250 2.0.0 queued",
    "NOOP": "250 2.0.0 ok",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


class _Cut(Exception):
    """The script closes the connection here."""


class _Conversation:
    """One connection of a scripted server."""

    def __init__(
        self, script: "_Script", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ):
        self._script = script
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()
        self._sender = ""
        self._options: tuple[str, ...] = ()
        self._recipients: list[str] = []
        self._secured = writer.get_extra_info("sslcontext") is not None

    async def hold(self) -> None:
        try:
            await self._answer("GREETING")
            while True:
                await self._hear(await self._line())
        except (_Cut, ConnectionError, EOFError, ssl.SSLError):
            self._writer.transport.abort()

    async def _line(self) -> str:
        while b"\n" not in self._buffer:
            await self._read()
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer[:] = rest
        return line.rstrip(b"\r").decode()

    async def _read(self) -> None:
        received = await self._reader.read(65536)
        if not received:
            raise EOFError
        self._buffer += received

    async def _hear(self, line: str) -> None:
        verb = line.split(" ", maxsplit=1)[0].upper()
        self._script.seen.commands.append(line)
        if self._buffer and "PIPELINING" not in self._script.extensions:
            self._script.hasty.append(line)
        if verb == "EHLO":
            await self._answer("EHLO")
            return
        said = await self._answer(verb)
        taken = said[:1] in {"2", "3"}
        if verb == "MAIL" and taken:
            address, *options = line[len("MAIL FROM:") :].split(" ")
            self._sender, self._options, self._recipients = address[1:-1], tuple(options), []
        elif verb == "RCPT" and taken:
            self._recipients.append(line[len("RCPT TO:") :][1:-1])
        elif verb == "DATA" and said.startswith("354"):
            await self._take_body()
        elif verb == "STARTTLS" and taken:
            assert self._script.context is not None
            await self._writer.start_tls(self._script.context)
            self._secured = True
        elif verb == "QUIT":
            raise _Cut

    async def _take_body(self) -> None:
        if "BODY_BEGUN" in self._script.answers:
            await self._read()
            await self._answer("BODY_BEGUN")
        while (end := (b"\r\n" + self._buffer).find(b"\r\n.\r\n")) < 0:
            await self._read()
        stuffed = (b"\r\n" + self._buffer)[: end + 2]
        del self._buffer[: end + 3]
        content = stuffed.replace(b"\r\n..", b"\r\n.")[2:]
        mail = Mail(self._sender, tuple(self._recipients), content, self._options, self._secured)
        self._script.seen.mails.append(mail)
        await self._answer("BODY")

    async def _answer(self, verb: str) -> str:
        answer = self._script.answer(verb)
        if answer is CUT:
            raise _Cut
        if answer is DEAF:
            self._script.hung.append(verb)
            await asyncio.sleep(0.3)
            return ""
        if answer is SLOW:
            self._script.hung.append(verb)
            await asyncio.sleep(0.3)
            answer = USUAL[verb]
        if answer is HANG:
            self._script.hung.append(verb)
            await self._reader.read()  # until the other side has had enough
            raise _Cut
        if isinstance(answer, bytes):
            self._writer.write(answer)
            return ""
        said = str(answer)
        self._writer.write(said.encode() + b"\r\n")
        if said.startswith("421"):
            await self._writer.drain()
            self._writer.close()
            raise _Cut
        return said


class _Script:
    """What a scripted server answers: per verb one answer, or a list of which the last stays."""

    def __init__(
        self,
        answers: Mapping[str, Answer],
        extensions: Sequence[str],
        context: ssl.SSLContext | None,
    ) -> None:
        self.seen = Record()
        self.hung: list[str] = []  # where it has not answered
        self.hasty: list[str] = []  # commands that came before their turn, without PIPELINING
        self.context = context
        self.extensions = extensions
        lines = ["mail.test", *extensions]
        hello = [f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines]
        self.answers: dict[str, list[Answer]] = {
            verb: list(answer) if isinstance(answer, list) else [answer]
            for verb, answer in ({**USUAL, "EHLO": "\r\n".join(hello)} | dict(answers)).items()
        }

    def answer(self, verb: str) -> Answer:
        left = self.answers.get(verb, ["502 5.5.2 what"])
        return left.pop(0) if len(left) > 1 else left[0]


@dataclass(frozen=True)
class ScriptedServer(MailServer):
    """A running scripted server; `hasty` holds commands that came too early."""

    hasty: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    script: dict[str, list[Answer]] = field(default_factory=dict)

    @property
    def hanging(self) -> int:
        """How often it has not answered."""
        return len(self.hung)

    def say(self, **answers: Answer) -> None:
        """Answer so from now on, and as usual to what is not named."""
        usual = {verb: USUAL[verb] for verb in USUAL if verb in self.script}
        self.script.update({verb: [answer] for verb, answer in (usual | answers).items()})


@contextlib.contextmanager
def scripted_server(
    answers: Mapping[str, Answer] | None = None,
    *,
    security: Security = "none",
    extensions: Sequence[str] = ("PIPELINING", "8BITMIME", "SIZE 1000000"),
    context: ssl.SSLContext | None = None,
    ca_file: str = "",
    host: str = HOST,
    port: int = 0,
) -> Iterator[ScriptedServer]:
    """Run a server that says what `answers` tells it to, verb by verb (see USUAL).

    An answer is a reply, bytes sent as they are, HANG, CUT, DEAF, SLOW, or a list of these, one for
    each time the verb comes. The verbs also are GREETING, BODY (after its dot) and BODY_BEGUN.
    """
    starttls = ("STARTTLS",) if security == "starttls" else ()
    script = _Script(answers or {}, (*extensions, *starttls), context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script.seen.opened()
        thread.opened(writer.transport)
        try:
            await _Conversation(script, reader, writer).hold()
        except asyncio.CancelledError:
            pass  # the server is closed; a cancelled handler would be reported as an error
        finally:
            script.seen.closed()
            writer.transport.abort()

    async def listen() -> asyncio.Server:
        tls = context if security == "ssl" else None
        return await asyncio.start_server(serve, host, port, ssl=tls)

    with LoopThread() as thread, listening(thread, listen) as bound:
        yield ScriptedServer(
            bound, security, script.seen, ca_file, script.hasty, script.hung, script.answers
        )
