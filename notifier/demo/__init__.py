"""`notifier demo`: the life of some conferences, played before the reader's eyes on real parts."""

import asyncio
import logging
import os
import sys
from pathlib import Path

from notifier.adapters.embedded import EmbeddedRedisError
from notifier.adapters.folder_lock import FolderLockError
from notifier.adapters.gate import GateClosed
from notifier.config import ConfigError
from notifier.demo.house import Wishes, house
from notifier.demo.performance import perform
from notifier.supervisor import PortTakenError, StartError

__all__ = ["main"]

FAILURES = (
    ConfigError,
    EmbeddedRedisError,
    FolderLockError,
    GateClosed,
    PortTakenError,
    StartError,
)


def main(once: bool, data: Path | None = None, port: int | None = None) -> int:
    """Play the whole demonstration; 0 if all came as promised, else 1.

    `once` ends it after the play, else it stays up until Ctrl-C.
    `data` keeps everything there; left out, a temporary folder goes with the end.
    `port` is the panel's; left out, the usual one or else any that is free.
    """
    # aiosmtpd warns about its own old names at every login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    wishes = Wishes(once=once, data=data, port=port)
    try:
        return asyncio.run(perform(wishes, house(wishes, environ=os.environ)))
    except FAILURES as error:
        sys.stderr.write(f"{error}\n")
        return 1
