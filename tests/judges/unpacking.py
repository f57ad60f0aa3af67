"""A mail as a file for programs that unpack mails, and what they say."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def filed(mail: bytes) -> Iterator[Path]:
    """Give a file that holds the mail, in a folder of its own.

    It has the line ends of Unix, as mail servers there keep it: ripmime reads by blocks, and takes
    a CRLF of which each half is in another block for an empty line.
    """
    with tempfile.TemporaryDirectory(prefix="judges-") as folder:
        file = Path(folder) / "mail.eml"
        file.write_bytes(mail.replace(b"\r\n", b"\n"))
        yield file


def run(*command: str | Path) -> bytes:
    """Give what a program prints; its exit status says less than its words."""
    return subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout
