"""The verdict: what was published, what the ledger says, and what arrived."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from notifier.adapters import keys
from tests.accounts import Arrived, deliveries, differing, doubled, doubts
from tests.chaos.stories import Kinds, Story

# Final, or left to a person after a second doubt.
OVER: Final = {"sent", "failed", "superseded", "expired", "skipped", "unknown"}


@dataclass
class Verdict:
    """What was found; `wrong` is empty if every promise was kept."""

    rows: list[tuple[str, object]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def count(self, name: str, found: object) -> None:
        self.rows.append((name, found))

    def forbid(self, name: str, found: Sequence[object]) -> None:
        """Count what must not be."""
        self.count(name, len(found))
        if found:
            self.wrong.append(f"{name}: {list(found)[:5]}")


def judge(
    told: Sequence[Story], published: set[str], arrived: Sequence[Arrived], client: Any
) -> Verdict:
    """Hold everything against everything."""
    verdict = Verdict()
    _events(verdict, published, client)
    rows = deliveries(client)
    _ledger(verdict, rows, arrived)
    _people(verdict, told, rows, arrived)
    _doubles(verdict, rows, arrived)
    return verdict


def _events(verdict: Verdict, published: set[str], client: Any) -> None:
    """Claim P1: what was acknowledged was applied, once each."""
    applied = {each.decode() for each in client.zrange(keys.SEEN, 0, -1)}
    counted = int(client.hget(keys.COUNTERS, "events_applied") or 0)
    verdict.count("events published", len(published))
    verdict.count("events applied", len(applied))
    verdict.forbid("events lost", sorted(published - applied))
    verdict.forbid("events applied twice", range(max(0, counted - len(applied))))
    verdict.forbid("events rejected", client.xrange(keys.REJECTED))


def _ledger(
    verdict: Verdict, rows: Mapping[str, Mapping[str, str]], arrived: Sequence[Arrived]
) -> None:
    """Claim P2: every delivery has come to one end, and what is called sent was sent."""
    states = Counter(row["state"] for row in rows.values())
    verdict.count("deliveries", ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    verdict.forbid("unfinished", [id_ for id_, row in rows.items() if row["state"] not in OVER])
    ids = {each.delivery for each in arrived}
    sent = {id_ for id_, row in rows.items() if row["state"] == "sent"}
    verdict.forbid("called sent, never arrived", sorted(sent - ids))
    verdict.forbid("arrived, not in the ledger", sorted(ids - rows.keys()))
    failed = [(id_, row.get("why")) for id_, row in rows.items() if row["state"] == "failed"]
    verdict.forbid("failed", failed)


def _people(
    verdict: Verdict,
    told: Sequence[Story],
    rows: Mapping[str, Mapping[str, str]],
    arrived: Sequence[Arrived],
) -> None:
    """Hold what each person was told against what is right, by the oracle."""
    lost, never, left = [], [], []
    heard = _heard(arrived)
    in_doubt = {row["to"] for row in rows.values() if row["state"] == "unknown"}
    for story in told:
        for address, right in story.right.items():
            kinds = heard.get(address, Counter())
            if frozenset(kinds) in right and set(kinds.values()) <= {1}:
                continue
            if address in in_doubt:
                left.append(address)
            elif _too_little(kinds, right):
                lost.append((address, *kinds))
            else:
                never.append((address, *kinds.elements()))
    verdict.forbid("told nothing or too little", lost)
    verdict.forbid("told though never to be told", never)
    verdict.count("left in doubt to a person", len(left))


def _heard(arrived: Iterable[Arrived]) -> dict[str, Counter[str]]:
    """Give for each address how many different mails of each kind came."""
    once = {each.message_id: each.told for each in arrived}
    heard: dict[str, Counter[str]] = defaultdict(Counter)
    for told in once.values():
        heard[told.recipient][told.kind] += 1
    return heard


def _too_little(kinds: Counter[str], right: frozenset[Kinds]) -> bool:
    once = set(kinds.values()) <= {1}
    return once and any(frozenset(kinds) < each for each in right)


def _doubles(
    verdict: Verdict, rows: Mapping[str, Mapping[str, str]], arrived: Sequence[Arrived]
) -> None:
    """Claim P3: a mail came twice only where a doubt was counted, and then the very same one."""
    verdict.count("mails accepted", len(arrived))
    doubted = Counter({id_: int(row.get("doubts") or 0) for id_, row in rows.items()})
    copies = Counter(each.delivery for each in arrived)
    verdict.count("doubts", doubts(rows.values()))
    verdict.count("doubled", doubled(arrived))
    beyond = [id_ for id_, number in copies.items() if number - 1 > doubted[id_]]
    verdict.forbid("doubled without a doubt", beyond)
    verdict.forbid("doubled with another date", sorted(differing(arrived)))
