"""The auditor: whatever happens, the keys of the ledger agree with each other."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from notifier.adapters import keys
from notifier.core.delivery import FINAL, Delivery, State
from tests.faults.house import Books

QUEUES: Final = (keys.READY, keys.LATER, keys.HINTED)
CLAIMED: Final = frozenset({State.SENDING, State.IN_DATA})


def faults_of(books: Books) -> list[str]:
    """Say everything about the ledger that cannot be right."""
    return [
        *(fault for row in books.rows.values() for fault in _misplaced(row, books.queues)),
        *_strangers(books.rows, books.queues),
        *_miscounted(books.rows, books.counters),
    ]


def _misplaced(row: Delivery, places: dict[str, set[str]]) -> Iterator[str]:
    """A delivery that waits stands in exactly one queue, one that is claimed has a lease (P2)."""
    queues = [key for key in QUEUES if row.id in places[key]]
    leased = row.id in places[keys.LEASES]
    if leased is not (row.state in CLAIMED):
        yield f"{row.state} {row.kind} {row.id}: {'a' if leased else 'no'} lease"
    if len(queues) != (1 if _waits(row) else 0):
        yield f"{row.state} {row.kind} {row.id}: stands in {queues or 'no queue'}"


def _waits(row: Delivery) -> bool:
    """A second doubt waits for a person, in no queue."""
    return row.state is State.PENDING or (row.state is State.UNKNOWN and row.not_before is not None)


def _strangers(rows: dict[str, Delivery], places: dict[str, set[str]]) -> Iterator[str]:
    for key, members in places.items():
        for each in members - rows.keys():
            yield f"{key} holds {each}, which is no delivery"


def _miscounted(rows: dict[str, Delivery], counters: dict[str, int]) -> Iterator[str]:
    """Each total was raised in the same step as what it counts."""
    if counters.get("deliveries_planned", 0) != len(rows):
        yield f"{counters.get('deliveries_planned', 0)} planned, but there are {len(rows)}"
    states = Counter(row.state for row in rows.values())
    ended = sum(counters.get(f"deliveries_{state}", 0) for state in FINAL)
    resent = counters.get("deliveries_resent", 0)
    final = sum(states[state] for state in FINAL)
    # A person's wish leads out of a final state, or out of a doubt.
    if not final <= ended <= final + resent:
        yield f"{ended} were counted as ended and {resent} as resent, but {final} have ended"
    doubts = sum(row.doubts for row in rows.values())
    if counters.get("deliveries_unknown", 0) != doubts:
        yield f"{counters.get('deliveries_unknown', 0)} doubts were counted, {doubts} are written"
