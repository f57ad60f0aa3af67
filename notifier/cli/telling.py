"""What goes wrong at the command line: one sentence on standard error, and the exit status."""

import logging
import os
from collections.abc import Sequence
from typing import Final

import typer

from notifier import log
from notifier.adapters.embedded import EmbeddedRedisError
from notifier.adapters.folder_lock import FolderLockError
from notifier.adapters.gate import GateClosed
from notifier.adapters.settings_store import UnreadableSecret
from notifier.cli.faults import Failed
from notifier.config import ConfigError, load
from notifier.core.cleaning import clean_line
from notifier.core.settings import SettingsRefused
from notifier.lines import harmless

FAILED: Final = 1


# Faults whose text is a sentence for whoever sits at the terminal.
TOLD: Final = (
    Failed,
    ConfigError,
    GateClosed,
    SettingsRefused,
    UnreadableSecret,
    EmbeddedRedisError,
    FolderLockError,
)


def tell(fault: Exception, arguments: Sequence[str]) -> int:
    """Say on standard error what went wrong; give the exit status."""
    match fault:
        case typer.TyperException():
            typer.echo(_asked_wrongly(fault), err=True)
            return fault.exit_code
        case typer.Abort():
            typer.echo("notifier: stopped; nothing more was done.", err=True)
        case _ if isinstance(fault, TOLD):
            typer.echo(f"notifier: {clean_line(str(fault))}", err=True)
        case _:
            _trace(fault)
            typer.echo(harmless(_ours(fault, arguments)), err=True)
    return FAILED


def _asked_wrongly(fault: typer.TyperException) -> str:
    message = fault.format_message()
    if message.startswith("Usage:"):  # A group without a command: its help says it all.
        return message
    context = getattr(fault, "ctx", None)
    path = context.command_path if context else "notifier"
    sentence = " ".join(message.replace("Value error, ", "").split())
    return (
        f"{path}: {sentence.rstrip('.')}{'' if sentence.endswith('?') else '.'} See {path} --help."
    )


def _trace(fault: Exception) -> None:
    """Show where it happened to whoever asks for it with NOTIFIER_LOG_LEVEL=DEBUG."""
    config = load(os.environ)
    log.set_up(config.log, config.log_level)
    logging.getLogger("notifier").debug("failed", exc_info=fault)


def _ours(fault: Exception, arguments: Sequence[str]) -> str:
    asked = " ".join(["notifier", *arguments[:2]])
    return (
        f"{asked}: a fault of the program itself ({type(fault).__name__}: {fault}); "
        "please report it, with what NOTIFIER_LOG_LEVEL=DEBUG shows."
    )
