"""One run: a house, its stories, its nemesis, the calm after it, and the verdict."""

import random
import shutil
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.accounts import read_mail
from tests.chaos.house import House, house
from tests.chaos.nemesis import Nemesis
from tests.chaos.publisher import Publisher
from tests.chaos.stories import Story, reminded, stories
from tests.chaos.verdict import Verdict, judge
from tests.settling import looking, settle

# Stories begun in a second: two cores bear twice as many.
STORIES_PER_SECOND: Final = 4
# One of so many is about a reminder that is due meanwhile.
REMINDING: Final = 8
# The first reminder is due when the invitations to it have been applied (seconds).
FIRST_REMINDER: Final = 3.0
# A part that starts anew needs this long to be seen at work on a busy machine (seconds).
PATIENCE: Final = 5.0
CALM_SECONDS: Final = 180


@dataclass(frozen=True)
class Run:
    """What came of one run."""

    seed: int
    verdict: Verdict
    faults: Counter[str]
    gave_up: list[str]


def run(*, seconds: float, seed: int) -> Run:
    """Torment a notifier for so many seconds, as `seed` says, and judge it."""
    chance = random.Random(seed)
    # The logs of all parts; they are kept where something went wrong.
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    with house(folder) as opened:
        publisher = Publisher(opened.to_redis.port, random.Random(seed))
        told = _before(opened, publisher, chance, seconds)
        nemesis = Nemesis(opened, chance)
        during = list(stories(round(seconds * STORIES_PER_SECOND), chance))
        telling = publisher.tell(during, seconds=seconds)
        nemesis.torment(seconds)
        opened.calm()
        _after(opened, telling)
        with looking(opened.redis.url) as client:
            arrived = [read_mail(each) for each in list(opened.seen.mails)]
            verdict = judge([*told, *during], publisher.published, arrived, client)
            verdict.count("events acknowledged, doubles too", publisher.acknowledged)
    if not verdict.wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return Run(seed, verdict, nemesis.done, opened.gave_up)


def _before(
    opened: House, publisher: Publisher, chance: random.Random, seconds: float
) -> list[Story]:
    """Invite, while all is well, to what will be reminded of in the midst of the chaos."""
    told = [
        reminded(f"reminded-{number}", chance, due_in=chance.uniform(FIRST_REMINDER, seconds))
        for number in range(max(1, round(seconds * STORIES_PER_SECOND / REMINDING)))
    ]
    publisher.tell(told, seconds=0).join()
    with looking(opened.redis.url) as client:
        settle(client, seconds=CALM_SECONDS, patience=PATIENCE)
    return told


def _after(opened: House, telling: threading.Thread) -> None:
    """Wait for the publisher, and until everything that is owed has been paid."""
    telling.join(CALM_SECONDS)
    assert not telling.is_alive(), "the publisher finds no Redis"
    with looking(opened.redis.url) as client:
        settle(client, seconds=CALM_SECONDS, patience=PATIENCE)
