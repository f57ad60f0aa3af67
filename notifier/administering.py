"""An `Admin` over the parts of one process, for the command line and the panel alike."""

from collections.abc import Sequence

from notifier.adapters.dns import Dns
from notifier.admin import Admin, Erasing
from notifier.admin.resuming import Resumption
from notifier.admin.tracing import Hand
from notifier.core.notice import Kind
from notifier.wiring import Parts, utc_now


class NoWake:
    """Wakes nobody: what is put into the queue, the sweep finds within a second."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Let it lie."""


def admin_over(parts: Parts, *, hand: Hand) -> Admin:
    """Give who can look and decide, with what these parts are made of; `hand` is for the log."""
    return Admin(
        client=parts.client,
        memory=parts.memory,
        ledger=parts.ledger,
        settings=parts.settings,
        dns=Dns(parts.config.dns),
        shelf=parts.shelf,
        suppressions=parts.suppressions,
        erasing=Erasing(
            client=parts.client,
            suppressions=parts.suppressions,
            export=parts.export_files,
            settle=parts.recorder.settle,
        ),
        clock=utc_now,
        resumption=Resumption(
            client=parts.client,
            ledger=parts.ledger,
            lookout=parts.lookout,
            files=parts.export_files,
        ),
        hand=hand,
    )
