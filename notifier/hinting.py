"""Hinting: which deliveries a worker is told of together, and which by themselves."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from notifier.core.notice import Kind
from notifier.ports.ledger import Hint

# Deliveries that one hint names: enough to share the cost of a task, few enough to stay urgent.
HINT_SIZE: Final = 25


def bundled(hints: Sequence[Hint]) -> Iterable[tuple[Kind, list[str]]]:
    """Give what each task is to be told: many ids of one kind, but each suspect by itself."""
    for kind, group in groupby(sorted(hints, key=_by_kind), key=_by_kind):
        together = list(group)
        ids = [hint.delivery for hint in together if not hint.suspect]
        for at in range(0, len(ids), HINT_SIZE):
            yield kind, ids[at : at + HINT_SIZE]
        for hint in together:
            if hint.suspect:
                yield kind, [hint.delivery]


def _by_kind(hint: Hint) -> Kind:
    return hint.kind
