"""Cursors of HSCAN, SSCAN and ZSCAN that are kept: each holds in the process that gave it only.

A Redis that is started again puts its tables into another order, and a cursor from before would
pass over some of them. So a cursor is kept with its process (`run_id`), and elsewhere the walk
begins anew: what was done already is found done.
"""

from typing import Any, Literal

from notifier.remembering import BEGINNING


async def walked(
    client: Any,
    command: Literal["hscan", "sscan", "zscan"],
    key: str,
    cursor: str,
    *,
    count: int,
    match: str | None = None,
) -> tuple[Any, str]:
    """Give some of a table from `cursor` on, and the next cursor (BEGINNING: that was all).

    With `match` only those among them whose names are of this pattern.
    """
    number, _, given_by = cursor.partition("@")
    while True:
        # One connection, so that one process answers both; a full Redis would refuse a transaction.
        pipeline = client.pipeline(transaction=False)
        pipeline.info("server")
        getattr(pipeline, command)(key, cursor=int(number), match=match, count=count)
        server, (following, found) = await pipeline.execute()
        process = str(server["run_id"])
        if number == BEGINNING or given_by == process:
            return found, f"{following}@{process}" if int(following) else BEGINNING
        number = BEGINNING


def beginning(name: object) -> str:
    """Give a cursor at the beginning that tells a walk of this name from others."""
    return f"{BEGINNING}@{name}"
