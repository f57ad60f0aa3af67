"""What every sink can say, whoever made it."""

from typing import Protocol

import psutil


class Sink(Protocol):
    """A mail server that takes everything, in a process of its own."""

    @property
    def name(self) -> str:
        """What it is, for the conditions of a table."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""

    @property
    def pid(self) -> int:
        """Its process, for whoever asks what it costs."""

    def mails(self) -> int:
        """Give how many mails have been accepted."""

    def wait_for(self, total: int) -> float:
        """Wait until that many mails have been accepted; give when (monotonic seconds)."""


def listens(pid: int) -> bool:
    """Tell whether a process waits for connections, without making one, which would be counted."""
    lines = psutil.Process(pid).net_connections("tcp")
    return any(line.status == psutil.CONN_LISTEN for line in lines)
