"""Taking: how ready deliveries are asked for, to hint workers at them, and what the answer says."""

from collections.abc import Sequence
from typing import Final

from notifier.adapters import keys
from notifier.adapters.doorbell import KEPT_SECONDS, LEAVE, LOOK
from notifier.adapters.lua_scripts import Call, Part
from notifier.core.notice import Kind
from notifier.ports.ledger import Hint

# How long a hint may be on its way to a worker before it counts as lost.
HINT_LEASE_SECONDS: Final = 60
# Few hints are in flight: the ledger is the queue, so that what is urgent can overtake. Four tasks'
# worth: each task that ends hints at as many again; at a hundred mails a second a reminder waits
# for one second behind them.
MOST_HINTED: Final = 100

# At a limited rate no more is hinted at than leaves within so long.
RATE_SECONDS: Final = 2

# A worker at the door is rung for so many deliveries, as a hint names.
ONE_BELL: Final = 25
# So many are left to each that was rung: it claims until nothing is ready, and what were hinted at
# meanwhile would wait for its end. A step of a long list; those behind it wake the others.
LEFT_TO_ONE: Final = 250


def taking(*, limit: int, roads: int, rate: int, ring: bool = True) -> Call:
    """Give the call that takes up to `limit` deliveries, the most urgent first.

    None while enough are hinted or no road works, and few at a limited rate: claims would wait in
    workers. With `ring` workers that wait at the door are told to look for themselves, and only
    what is too much for them is taken.
    """
    most = min(MOST_HINTED, RATE_SECONDS * rate) if rate else MOST_HINTED
    touched = [keys.READY, keys.HINTED, keys.ROADS, keys.PASS, keys.DOOR, keys.SETTINGS]
    bounds: list[Part] = [limit, most, HINT_LEASE_SECONDS, keys.delivery(""), roads]
    told = LOOK if ring else LEAVE
    return "take", touched, [*bounds, keys.bell(""), KEPT_SECONDS, ONE_BELL, LEFT_TO_ONE, told]


def hints(flat: Sequence[bytes]) -> list[Hint]:
    """Give the deliveries that were taken."""
    texts = [each.decode() for each in flat]
    rows = zip(texts[::3], texts[1::3], texts[2::3], strict=True)
    return [Hint(delivery=i, kind=Kind(kind), suspect=crashes != "") for i, kind, crashes in rows]
