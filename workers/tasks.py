"""The tasks: each calls one method of the notifier."""

from notifier.adapters.heartbeats import beat_heart
from notifier.wiring import Parts
from workers.app import app
from workers.child import child


@app.task(name="notifier.deliver")
def deliver(kind: str, deliveries: list[str]) -> None:
    """Send what is still owed of these deliveries; `kind` is for whoever looks at Flower."""
    del kind
    own = child()
    own.run(own.parts.notifier.deliver(deliveries))
    own.linger()


async def _look(parts: Parts) -> None:
    await parts.lookout.look()


@app.task(name="notifier.tick")
def tick() -> None:
    """Look at the clock: due reminders, lost hints, leases that ran out. Any number may run."""
    own = child()
    own.run(_look(own.parts))
    own.run(own.parts.notifier.tick())
    own.run(beat_heart(own.parts.client, "worker"))
    own.linger()
