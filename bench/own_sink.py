"""A mail server that takes everything and keeps counts: `python -m bench.own_sink PORT`.

It stands in where Postfix's smtp-sink cannot be had, and notes when each mail was accepted.
"""

import asyncio
import sys
import threading
import time
from typing import Final, Self, cast

import uvloop

EHLO: Final = b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
END: Final = b"\r\n.\r\n"


class Accepted:
    """What has been accepted so far; only grows, so that any thread may look."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.recipients: list[str] = []
        self.sizes: list[int] = []
        self.last = b""

    def mail(self, recipient: str, content: bytes) -> None:
        self.recipients.append(recipient)
        self.sizes.append(len(content))
        self.last = content
        # Last, for whoever waits looks at the moments.
        self.moments.append(time.monotonic())


class Talk(asyncio.Protocol):
    """One connection: commands line by line, then a body up to its dot."""

    def __init__(self, accepted: Accepted) -> None:
        self._accepted = accepted
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._in_body = False
        self._recipient = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by inheritance, they only do the same.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._read += data
        while answer := self._body() if self._in_body else self._command():
            self._transport.write(answer)

    def _command(self) -> bytes:
        end = self._read.find(b"\r\n")
        if end < 0:
            return b""
        word = bytes(self._read[:4]).upper()
        if word == b"RCPT":
            self._recipient = self._read[len("RCPT TO:<") : self._read.index(b">")].decode()
        del self._read[: end + 2]
        self._in_body = word == b"DATA"
        return {b"EHLO": EHLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(
            word, b"250 2.0.0 ok\r\n"
        )

    def _body(self) -> bytes:
        end = self._read.find(END)
        if end < 0:
            return b""
        self._accepted.mail(self._recipient, bytes(self._read[:end]))
        del self._read[: end + len(END)]
        self._in_body = False
        return b"250 2.0.0 taken\r\n"


class OwnSink:
    """The server on a thread of this process: `with OwnSink(port) as sink: sink.accepted`."""

    def __init__(self, port: int) -> None:
        self.accepted = Accepted()
        self._port = port
        self._loop = uvloop.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: Talk(self.accepted), "127.0.0.1", self._port)
        )
        self._listening.set()
        self._loop.run_forever()
        server.close()


def main() -> None:
    """Listen and print the count as it grows, in smtp-sink's words."""
    with OwnSink(int(sys.argv[1])) as sink:
        while True:
            time.sleep(0.005)
            print(f"mesg={len(sink.accepted.moments)}", end="\r", flush=True)


if __name__ == "__main__":
    main()
