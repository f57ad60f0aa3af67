"""`python -m notifier.demo`: the demonstration without the command line around it."""

import argparse
import sys
from pathlib import Path

from notifier.demo import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="notifier demo")
    parser.add_argument("--once", action="store_true", help="play, check, print, and end")
    parser.add_argument("--data", type=Path, help="keep everything in this folder")
    parser.add_argument("--port", type=int, help="the panel's port")
    asked = parser.parse_args()
    sys.exit(main(asked.once, asked.data, asked.port))
