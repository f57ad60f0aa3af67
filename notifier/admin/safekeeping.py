"""Whether the ledger is the latest there is, and whether its outcomes are exported."""

from collections.abc import AsyncIterator
from typing import Any, Final

from notifier.adapters import keys
from notifier.adapters.connection import AsyncClient
from notifier.adapters.lookout import Lookout, Sight
from notifier.adapters.places import BEGINNING, moment, unix_time
from notifier.admin.look import Look

# Outcomes that wait for longer than this to be exported do not get there.
LATE_SECONDS: Final = 60


async def safekeeping(client: AsyncClient) -> AsyncIterator[Look]:
    """Look at quarantine and export; nothing is changed."""
    # redis-py types an answer as the union of what every protocol could say.
    untyped: Any = client
    sight = await Lookout(client).sight()
    yield _quarantine(sight)
    noted = await untyped.get(keys.EXPORTED)
    exported = noted.decode() if noted else BEGINNING
    newer = await untyped.xrange(keys.LOG, f"({exported}", "+", count=1)
    now, _micros = await untyped.time()
    yield _export(exported, newer[0][0].decode() if newer else None, now=now)


def _quarantine(sight: Sight) -> Look:
    if sight.quarantine:
        return Look(
            name="quarantine",
            status="fail",
            found=f"no mail leaves: {sight.quarantine.reason}",
            advice="see what would leave: notifier resume --dry-run; then: notifier resume",
        )
    if not sight.open:
        return Look(
            name="quarantine",
            status="warn",
            found="no part has looked at this Redis since it was started, so no mail leaves yet",
            advice="start a listener or a worker on a machine that knows this ledger",
        )
    return Look(name="quarantine", status="ok", found="this is the latest state that is known")


def _export(exported: str, waiting: str | None, *, now: int) -> Look:
    if waiting is not None and now - unix_time(waiting) > LATE_SECONDS:
        return Look(
            name="export",
            status="warn",
            found=f"outcomes since {moment(waiting):%Y-%m-%d %H:%M} UTC are in no export",
            advice="see that a listener runs and can write to NOTIFIER_DATA; its log says more",
        )
    if exported == BEGINNING:
        return Look(name="export", status="ok", found="nothing has come to an end yet")
    return Look(
        name="export", status="ok", found=f"complete up to {moment(exported):%Y-%m-%d %H:%M} UTC"
    )
