"""`notifier`, and `python -m notifier`: the command line."""

import sys

from notifier.cli import run


def main() -> int:
    """Do what the command line asks; give the exit status: 0, 1 (it failed), 2 (asked wrongly)."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
