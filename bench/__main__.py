"""`make bench`, or `python -m bench [--quick] [NAME …]`: measure, print, and keep the figures."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Final

from rich.console import Console

from bench import (
    due,
    federation,
    flames,
    growth,
    index,
    intake,
    latency,
    lateness,
    long_list,
    memory,
    report,
    road,
    soak,
    start_up,
    webinar,
    wires,
)
from bench.figures import Result
from bench.machine import described
from bench.peers import comparing
from bench.scale import FULL, QUICK, Scale

MEASUREMENTS: Final[dict[str, Callable[[Scale], Result]]] = {
    "start_up": start_up.measure,
    "memory": memory.measure,
    "intake": intake.measure,
    "long_list": long_list.measure,
    "latency": latency.measure,
    "road": road.measure,
    "webinar": webinar.measure,
    "wires": wires.measure,
    "index": index.measure,
    "due": due.measure,
    "federation": federation.measure,
    "lateness": lateness.measure,
    "growth": growth.measure,
    "flames": flames.measure,
    "peers": comparing.measure,
    "soak": soak.measure,
}


def main() -> int:
    """Measure what is asked for; exit with 1 if a promise was not kept."""
    asked = _asked()
    console = Console(width=None if sys.stdout.isatty() else 120)
    machine = described()
    kept = True
    for name in asked.names or MEASUREMENTS:
        sys.stderr.write(f"{name} …\n")
        began = time.monotonic()
        result = MEASUREMENTS[name](QUICK if asked.quick else FULL)
        sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
        report.show(result, console)
        if not asked.quick:
            report.keep(result, machine)
        kept = kept and all(figure.kept is not False for figure in result.figures)
    return 0 if kept else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = ", ".join(MEASUREMENTS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{known}; if none: all, an hour")
    parser.add_argument(
        "--quick", action="store_true", help="small numbers, once, and nothing is kept"
    )
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"nothing is called {', '.join(unknown)}; there is {known}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
