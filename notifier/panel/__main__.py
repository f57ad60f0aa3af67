"""`python -m notifier.panel`: the panel without the command line's weight."""

import os
import sys

from notifier.config import ConfigError, load
from notifier.panel import main

if __name__ == "__main__":
    try:
        sys.exit(main(load(os.environ)))
    except ConfigError as error:
        sys.exit(str(error))
