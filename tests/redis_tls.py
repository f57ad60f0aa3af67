"""Redis servers that speak TLS only, with certificates of a CA of their own."""

import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trustme

from tests.redis_servers import PrivateRedis, free_port

NAME: Final = "localhost"


@dataclass(frozen=True)
class TlsRedis:
    """A running server: where it listens for TLS, and the file of its CA."""

    server: PrivateRedis
    port: int
    ca_file: Path

    @property
    def url(self) -> str:
        return f"rediss://{NAME}:{self.port}/0"


class Authority:
    """A private CA that lays its files into one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ca = trustme.CA()
        self.file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def options(self, *names: str, expired: bool = False) -> dict[str, str]:
        """Give the lines of redis.conf for a server with a certificate for these names."""
        ended = dt.datetime(2020, 1, 1, tzinfo=dt.UTC) if expired else None
        made = self._ca.issue_cert(*(names or (NAME, "127.0.0.1")), not_after=ended)
        made.private_key_pem.write_to_path(str(self._folder / "key.pem"))
        made.cert_chain_pems[0].write_to_path(str(self._folder / "certificate.pem"))
        return {
            "tls-cert-file": str(self._folder / "certificate.pem"),
            "tls-key-file": str(self._folder / "key.pem"),
            "tls-ca-cert-file": str(self.file),
            # Who the clients are is said by passwords.
            "tls-auth-clients": "no",
        }


@contextmanager
def redis_with_tls(folder: Path, *names: str, expired: bool = False) -> Iterator[TlsRedis]:
    """Run a server whose certificate is for `names` (usual: this machine's).

    The embedded server was built without TLS; `make test` installs one that has it.
    """
    port, authority = free_port(), Authority(folder)
    options = authority.options(*names, expired=expired) | {"tls-port": str(port)}
    with PrivateRedis(program=program_with_tls(), options=options) as server:
        yield TlsRedis(server, port, authority.file)


def program_with_tls() -> Path:
    """Give a server program on this machine that was built with TLS."""
    for folder in (*os.environ["PATH"].split(os.pathsep), "/usr/bin", "/usr/local/bin"):
        for name in ("redis-server", "valkey-server"):
            program = Path(folder) / name
            if program.is_file() and _knows_tls(program):
                return program
    raise AssertionError("no Redis server with TLS is installed; `make test` installs one")


def _knows_tls(program: Path) -> bool:
    """Whether it stumbles over the second of two lines of configuration, not over the first."""
    lines = b"tls-cert-file certificate.pem\nno-such-thing yes\n"
    said = subprocess.run([program, "-"], input=lines, capture_output=True, check=False)
    return b">>> 'no-such-thing" in said.stdout + said.stderr
