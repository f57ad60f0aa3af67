"""The chaos from the command line: `python -m tests.chaos --seconds 60 --seed 4711`."""

import argparse
import secrets
import sys

from tests.chaos.run import Run, run


def main() -> int:
    """Run once and print what was found; 1 if a promise was broken."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--seconds", type=float, default=60, help="how long the nemesis is at work")
    asked.add_argument("--seed", type=int, help="what it does; left out: something new")
    given = asked.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    print(f"seed {seed}, {given.seconds:g} s", flush=True)
    done = run(seconds=given.seconds, seed=seed)
    print(table(done))
    return 1 if done.verdict.wrong else 0


def table(done: Run) -> str:
    """Give everything that was counted, and what is wrong."""
    faults = [(f"fault: {name}", number) for name, number in sorted(done.faults.items())]
    ended = [("parts that ended by themselves", len(done.gave_up))]
    rows = [*done.verdict.rows, *ended, *faults, ("seed", done.seed)]
    lines = [f"  {name:40} {found}" for name, found in rows]
    wrong = [f"WRONG: {each}" for each in done.verdict.wrong]
    return "\n".join([*lines, *(done.gave_up), *wrong])


if __name__ == "__main__":
    sys.exit(main())
