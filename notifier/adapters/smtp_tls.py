"""What every handshake on the way to a mail server checks."""

import ssl
from pathlib import Path

from notifier.adapters.smtp_stages import Stage, fail


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Give what every handshake checks: the system's authorities and the private one, and the name.

    Reads files; raises Unopened when the private CA cannot be read.
    """
    context = ssl.create_default_context()
    if ca_file:
        try:
            _check_regular(ca_file)
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ValueError) as fault:  # ssl.SSLError is an OSError; NUL is in no path
            fail(
                Stage.TLS,
                f"the file of the private CA, {ca_file!r}, cannot be read: {fault}",
                "give a PEM file that this process may read",
            )
    return context


def _check_regular(path: str) -> None:
    """Refuse to read what is no file: a pipe would hold us up for ever."""
    if Path(path).exists() and not Path(path).is_file():
        raise OSError("it is no regular file")
