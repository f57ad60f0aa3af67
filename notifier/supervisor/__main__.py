"""`python -m notifier.supervisor`: what `notifier up` becomes, without the command line's weight.

Everything but these options comes from the environment, see `notifier/config.py`.
"""

import argparse
import os
import sys
from pathlib import Path

from notifier.config import ConfigError, load
from notifier.supervisor.ports import PortTakenError
from notifier.supervisor.running import settings_from, up
from notifier.supervisor.supervisor import Supervisor


def main(arguments: list[str]) -> int:
    """Bring everything up as asked; the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        supervisor = Supervisor(
            load(os.environ),
            environ=os.environ,
            workers=asked.workers,
            prepare=settings_from(asked.settings, environ=os.environ) if asked.settings else None,
        )
    except (ConfigError, PortTakenError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return up(supervisor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="notifier up")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="apply this TOML file first")
    parser.add_argument("--workers", type=int, metavar="N", help="sending processes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
