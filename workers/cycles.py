"""Cycles: how often Python looks for objects that hold one another and nobody else."""

import gc
from typing import Final

# New objects after which the newest are looked through: some ten letters' worth, 2 MB at most that
# nobody needs any more. By default it is 700, which a batch of events makes several times over
# without any rubbish in it: a tenth of a listener's time.
FRESH: Final = 10_000


def spare_what_is_loaded() -> None:
    """Leave alone what a process has loaded by now, which stays until its end.

    Each look through everything would take 30 ms, and would copy the pages that workers share.
    """
    gc.freeze()
    gc.set_threshold(FRESH, *gc.get_threshold()[1:])
