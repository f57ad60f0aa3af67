"""Everything is killed, frozen and cut for a few seconds, and every promise is kept.

The long form, with a new seed each time, is `make chaos`.
"""

import pytest

from tests.chaos.run import run

SEED = 4711
SECONDS = 10.0


@pytest.mark.slow
def test_chaos_forgets_nobody_and_doubles_nothing_beyond_its_doubts() -> None:
    done = run(seconds=SECONDS, seed=SEED)

    assert done.verdict.wrong == [], done.verdict.rows
    assert done.faults.total() > SECONDS / 2
