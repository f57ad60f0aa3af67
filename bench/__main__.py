"""`make bench`, or `python -m bench [--quick] [NAME …]`: measure, print, and keep the figures."""

import argparse
import sys
from collections.abc import Callable
from typing import Final

from rich.console import Console

from bench import due, index, intake, latency, lateness, long_list, memory, report, road, start_up
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
    "index": index.measure,
    "due": due.measure,
    "lateness": lateness.measure,
    "peers": comparing.measure,
}


def main() -> int:
    """Measure what is asked for; exit with 1 if a promise was not kept."""
    asked = _parser().parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    machine = described()
    kept = True
    for name in asked.names or MEASUREMENTS:
        sys.stderr.write(f"{name} …\n")
        result = MEASUREMENTS[name](QUICK if asked.quick else FULL)
        report.show(result, console)
        if not asked.quick:
            report.keep(result, machine)
        kept = kept and all(figure.kept is not False for figure in result.figures)
    return 0 if kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument(
        "--quick", action="store_true", help="small numbers, once, and nothing is kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
