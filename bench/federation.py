"""Long lists of federation: what a decision costs, beside a look at one mask after the other.

Every server is asked about once, as the first person from there would be: nothing is remembered of
it. In the same run the list is scanned as it stands, so the ratio holds on any machine.
"""

import gc
import itertools
import random
import string
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from bench.figures import Goal, Result, Samples, quantile
from bench.machine import quiet
from bench.scale import Scale
from notifier.core.federation.federation import Federation, judged, masks
from notifier.core.federation.masks import MOST_STARS, covers, normalised

# At the median (microseconds).
DECISION: Final = Goal("≤", 50)

HOME: Final = "conf.example.com"
# Servers that are asked about in a turn, and those of them for which the list is scanned.
ASKED: Final = 400
SCANNED: Final = 20

# What a list of so many entries looks like, and the servers that are asked about: half of them
# covered, wherever on the list.
_List = Callable[[int], tuple[list[str], list[str]]]


def measure(scale: Scale) -> Result:
    """Ask long lists of every shape about servers that they cover, and about others."""
    samples = Samples()
    for _turn in range(scale.turns):
        samples.add(*quiet())
        for name, made in SHAPES.items():
            _ask(name, *made(scale.entries), samples)
    return Result(
        name="federation",
        title=f"A decision over a list of {scale.entries} entries",
        conditions=[
            "mode blacklist, one process; every server is asked about once, half are covered",
            "made ready: once for the settings in force, by the first who asks; not in a decision",
            "plain: the list is gone through mask by mask, its pieces known already",
            "nested, three letters, many pieces: lists that nobody has, made to be slow",
        ],
        figures=samples.figures(),
    )


def _ask(shape: str, listed: Sequence[str], servers: Sequence[str], samples: Samples) -> None:
    """Ask about every server, and scan the list for some of them; both must say the same."""
    policy = Federation(mode="blacklist", blacklist=tuple(listed))
    samples.add(f"{shape}: made ready in", 1e3 * _timed(lambda: policy.heeded), "ms")
    normalised.cache_clear()
    some = servers[:: max(1, len(servers) // SCANNED)]
    found: dict[str, str | None] = {}
    gc.collect()
    took = [_timed(partial(_decide, each, policy, found)) for each in servers]
    _scan(some[0], policy)  # its pieces are known from now on
    plain = [_timed(partial(_compare, each, policy, found)) for each in some]
    decision, scan = quantile(took, 0.5), quantile(plain, 0.5)
    samples.add(f"{shape}: decision", 1e6 * decision, "µs", DECISION)
    samples.add(f"{shape}: decision, p99", 1e6 * quantile(took, 0.99), "µs")
    samples.add(f"{shape}: plain", 1e6 * scan, "µs")
    samples.add(f"{shape}: plain / decision", scan / decision, "×")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _decide(server: str, policy: Federation, found: dict[str, str | None]) -> None:
    entry = judged(server, policy, home=HOME).entry
    found[server] = entry.mask if entry else None


def _compare(server: str, policy: Federation, found: dict[str, str | None]) -> None:
    if _scan(server, policy) != found[server]:
        raise RuntimeError(f"a decision about {server} is not what a plain look says")


def _scan(server: str, policy: Federation) -> str | None:
    name = normalised(server)
    return next((each for each in masks(policy.blacklist) if covers(each, name)), None)


def _alternating(covered: Sequence[str], others: Sequence[str]) -> list[str]:
    return [each for pair in zip(covered, others, strict=True) for each in pair]


def _numbers(entries: int) -> list[int]:
    """Give the places of those of a list that are asked about: all over it."""
    return [at * entries // (ASKED // 2) for at in range(ASKED // 2)]


def _of(mask: str, covered: str, other: str) -> _List:
    """Make a list whose entries differ by a number only."""

    def made(entries: int) -> tuple[list[str], list[str]]:
        numbers = _numbers(entries)
        servers = _alternating(
            [covered.format(each) for each in numbers], [other.format(each) for each in numbers]
        )
        return [mask.format(each) for each in range(entries)], servers

    return made


def _as_usual(entries: int) -> tuple[list[str], list[str]]:
    """Most are names, some are domains with everything below, few are masks of other shapes."""
    forms = ["conf.customer{}.example"] * 7 + ["*.customer{}.example"] * 2 + ["v*.customer{}.*"]
    listed = [forms[each % 10].format(each) for each in range(entries)]
    servers = [f"conf.customer{each}.example" for each in _numbers(entries)]
    return listed, _alternating(
        servers, [f"conf.other{each}.example" for each in range(ASKED // 2)]
    )


def _nested(entries: int) -> tuple[list[str], list[str]]:
    """Every way to begin is the beginning of the next one, and so with the ends."""
    side = int(entries**0.5)
    pairs = itertools.product(range(side, 0, -1), range(side, 0, -1))
    listed = [f"{'a' * first}*{'b' * last}" for first, last in pairs]
    covered = [f"{'a' * side}{at}{'b' * side}" for at in range(ASKED // 2)]
    return listed, _alternating(covered, [f"{each}c" for each in covered])


def _three_letters(entries: int) -> tuple[list[str], list[str]]:
    """Masks of as many stars as are taken, all over the same three letters."""
    ways = itertools.islice(itertools.product("abc", repeat=MOST_STARS - 1), entries)
    listed = [f"*{'*'.join(each)}*" for each in ways]
    covered = [f"{'cab' * (5 + at % 20)}.{at}" for at in range(ASKED // 2)]
    others = [f"{'cbabc'[: at % 5]}{at}.{'cab' * (at % 4)}" for at in range(ASKED // 2)]
    return listed, _alternating(covered, others)


def _many_pieces(entries: int) -> tuple[list[str], list[str]]:
    """Masks of as many stars as are taken with two letters between them, and names of 240 signs."""
    chance = random.Random(44)

    def letters(count: int) -> str:
        return "".join(chance.choices(string.ascii_lowercase, k=count))

    pieces = [[letters(2) for _ in range(MOST_STARS - 1)] for _ in range(entries)]
    names = [".".join(letters(55) for _ in range(4)) for _ in range(ASKED // 2)]
    covered = [
        f"{name}.{''.join(pieces[at])}" for at, name in zip(_numbers(entries), names, strict=True)
    ]
    listed = [f"*{'*'.join(each)}*" for each in pieces]
    return listed, _alternating(covered, [f"{each}.{'0' * 18}" for each in names])


SHAPES: Final[dict[str, _List]] = {
    "as usual": _as_usual,
    "names": _of("customer{}.example", "customer{}.example", "other{}.example"),
    "*.NAME": _of("*.customer{}.example", "v.customer{}.example", "v.other{}.example"),
    "NAME.*": _of("customer{}.*", "customer{}.example", "other{}.example"),
    "*.NAME.*": _of("*.customer{}.*", "v.customer{}.example", "v.other{}.example"),
    "v*.NAME.*.example": _of(
        "v*.customer{}.*.example", "v1.customer{}.a.example", "v1.customer{}x.example"
    ),
    "v*a*NAME*z": _of("v*a*c{}*z", "v1.a.b.c{}.xyz", "v1.a.b.d{}.xyz"),
    "nested": _nested,
    "three letters": _three_letters,
    "many pieces": _many_pieces,
}
