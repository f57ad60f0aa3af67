"""A wall clock that a test sets: for processes started with `environment`, and for them alone."""

import subprocess
import time
from pathlib import Path
from typing import Final

_SOURCE: Final = Path(__file__).with_suffix(".c")


class ShiftedClock:
    """A clock in `folder`: right until it is set; monotonic clocks never move."""

    def __init__(self, folder: Path) -> None:
        self._library = folder / "shifted_clock.so"
        self._seconds = folder / "shifted_clock"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", _SOURCE, "-o", self._library],
            check=True,
        )
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to live by this clock."""
        return {"LD_PRELOAD": str(self._library), "SHIFTED_CLOCK": str(self._seconds)}

    def set(self, seconds: float, *, rate: float = 0.0) -> None:
        """Set the clock so many seconds ahead of the truth, or behind.

        With a `rate` it runs too fast from now on: by 0.01, a second in a hundred.
        """
        draft = self._seconds.with_suffix(".draft")
        draft.write_text(f"{seconds:.6f} {rate:.6f} {time.monotonic():.6f}")
        # In one step: a reader never sees an empty file, which would mean the truth.
        draft.replace(self._seconds)
