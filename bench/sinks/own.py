"""The sink of our own: `with own(port, security="starttls", delay_milliseconds=20) as sink:`."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import trustme

from bench.sinks import server, taken
from bench.sinks.counts import Counts
from bench.waiting import wait_until

AUTHORITY: Final = "authority.pem"

Security = Literal["none", "starttls", "ssl"]


@dataclass(frozen=True)
class OwnSink:
    """A running sink, and what it has noted."""

    name: str
    port: int
    pid: int
    folder: Path
    counts: Counts

    @property
    def ca_file(self) -> Path:
        """The authority that signed its certificate, where it speaks TLS."""
        return self.folder / AUTHORITY

    def mails(self) -> int:
        return self.counts["mails"]

    def connections(self) -> int:
        return self.counts["connections"]

    def wait_for(self, total: int) -> float:
        return wait_until(lambda: self.mails() >= total, what=f"{total} mails")

    def taken(self, since: int = 0) -> list[taken.Mail]:
        """Give the mails noted so far, those aside that had been noted at `since`."""
        noted, journal = self.counts["noted"], self.folder / server.JOURNAL
        found: list[taken.Mail] = []

        def written() -> bool:
            found[:] = taken.read(journal)
            return len(found) >= noted

        wait_until(written, what="the journal", poll_seconds=server.GATHERING)
        return found[since:]

    def last(self) -> bytes:
        """Give the latest mail, as it came over the wire, without its dot."""
        self.taken()
        return (self.folder / server.LAST).read_bytes()


@contextlib.contextmanager
def own(
    port: int,
    *,
    security: Security = "none",
    delay_milliseconds: float = 0,
    noting: str = "",
) -> Iterator[OwnSink]:
    """Run one: each answer after a delay, and only mails noted to addresses that begin so."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        counts = Counts.made(folder / server.COUNTS)
        if security != "none":
            _certify(folder)
        asked = [sys.executable, "-m", "bench.sinks.server", "--port", str(port)]
        asked += ["--folder", name, "--security", security, "--noting", noting]
        asked += ["--delay-milliseconds", str(delay_milliseconds)]
        process = subprocess.Popen(asked)
        try:
            _wait_for(process, counts)
            told = "a sink of our own"
            yield OwnSink(told, port, process.pid, folder, counts)
        finally:
            process.terminate()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], counts: Counts) -> None:
    wait_until(
        lambda: bool(counts["listening"]) or process.poll() is not None, what="the sink to listen"
    )
    if process.poll() is not None:
        raise RuntimeError("the sink of our own could not be started; why stands above")


def _certify(folder: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(folder / AUTHORITY))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / server.CERTIFICATE))
