"""Wakes workers through Celery: a hint carries a kind and ids, never a person (P6)."""

from collections.abc import Sequence

from kombu.exceptions import OperationalError

from notifier import log
from notifier.core.notice import Kind
from workers.app import app


class CeleryWake:
    """Sends `notifier.deliver` tasks."""

    def deliver(self, kind: Kind, ids: Sequence[str]) -> None:
        """Hint that these deliveries are ready; what no hint reaches, the sweep finds."""
        try:
            app.send_task(
                "notifier.deliver",
                kwargs={"kind": str(kind), "deliveries": list(ids)},
                queue="mail",
            )
        except OperationalError as fault:
            log.waiting_for("broker", str(fault))
