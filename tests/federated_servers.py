"""Servers as others run them, whole ones and broken ones, each on a port of 127.0.0.1.

They run in threads of their own, so that commands that run as processes can find them.
"""

import contextlib
import datetime as dt
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# How long a server that says nothing holds a connection, if nobody ends it before (seconds).
_HELD: Final = 10.0

Habit = Callable[[socket.socket], None]


def open_only(_line: socket.socket) -> None:
    """Take the connection: what clients speak there is no matter of ours."""


def speaks_http(line: socket.socket) -> None:
    """Answer as a web server does that hears TLS where it expects none."""
    line.recv(1)
    line.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")


def speaks_first(line: socket.socket) -> None:
    """Greet as a mail server does."""
    line.sendall(b"220 mail.test ESMTP\r\n")
    line.recv(1024)


def says_nothing(line: socket.socket) -> None:
    """Wait until the other side has had enough."""
    line.settimeout(_HELD)
    with contextlib.suppress(OSError):
        while line.recv(1024):
            pass


def hangs_up(line: socket.socket) -> None:
    """Hear the first word and go."""
    line.recv(1024)


def speaks_old_tls(line: socket.socket) -> None:
    """Refuse as a server does that knows no newer version than 1.1 (RFC 5246 §7.2)."""
    line.recv(4096)
    # A record of type alert, version 1.1, two bytes long: fatal, protocol_version.
    line.sendall(bytes([21, 3, 2, 0, 2, 2, 70]))


def with_tls(context: ssl.SSLContext) -> Habit:
    """Shake hands, and wait for the other side to go."""

    def shake(line: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) as safe:
            safe.recv(1)

    return shake


@contextmanager
def serving(habit: Habit) -> Iterator[int]:
    """Run a server; give its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                habit(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        # Whoever still waits for a word is not waited for.
        vars(server).update(daemon_threads=True, block_on_close=False)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def serving_all(habits: Mapping[str, Habit]) -> Iterator[dict[str, int]]:
    """Run a server for each habit; give their ports by the same names."""
    with contextlib.ExitStack() as running:
        yield {name: running.enter_context(serving(each)) for name, each in habits.items()}


@contextmanager
def nobody() -> Iterator[int]:
    """Give a port where nobody listens, and where nobody else will for as long."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        yield line.getsockname()[1]


class Authority:
    """A private CA, and the contexts of servers that have its certificates."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def file(self, folder: Path) -> Path:
        """Write its own certificate."""
        path = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def server(
        self,
        *names: str,
        begins: dt.datetime | None = None,
        ends: dt.datetime | None = None,
    ) -> ssl.SSLContext:
        """Give a context with a certificate for these names."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = self._ca.issue_cert(*names, not_before=begins, not_after=ends)
        certificate.configure_cert(context)
        return context


def signed_by_itself(name: str) -> ssl.SSLContext:
    """Give a context with a certificate that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret + certificate.public_bytes(pem))
        file.flush()
        context.load_cert_chain(file.name)
    return context
