"""Wakes workers through Celery: a hint carries a kind and ids, never a person (P6)."""

from collections.abc import Sequence
from typing import Final

from kombu.exceptions import OperationalError

from notifier import log
from notifier.core.notice import Kind
from workers.app import app

# As much as Celery itself would show (characters).
SHOWN: Final = 1024


class CeleryWake:
    """Sends `notifier.deliver` tasks."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Hint that these deliveries are ready; what no hint reaches, the sweep finds."""
        told = {"kind": str(kind), "deliveries": list(ids)}
        try:
            app.send_task(
                "notifier.deliver",
                kwargs=told,
                queue="mail",
                # What Flower shows. Celery's own way to find it takes 50 µs for 25 ids.
                argsrepr="()",
                kwargsrepr=repr(told)[:SHOWN],
            )
        except OperationalError as fault:
            log.waiting_for("broker", str(fault))
