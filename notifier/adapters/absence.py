"""A Redis that is away, in the words of the ports.

Apart from the connection: whoever only wants a client would carry all that the ports speak of.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from notifier.adapters.connection import RedisError, is_away
from notifier.ports.ledger import LedgerAway
from notifier.reaching.faults import reason


@contextmanager
def answering() -> Iterator[None]:
    """Raise LedgerAway where Redis is away; what we asked wrongly travels on as it is."""
    try:
        yield
    except RedisError as fault:
        told = away(fault)
        if told is fault:
            raise
        raise told from fault


def away(fault: RedisError) -> Exception:
    """Give LedgerAway for what says that Redis is away; any other fault as it is."""
    return LedgerAway(reason(fault)) if is_away(fault) else fault
