"""The court: all judges are there before the first question, and are dismissed after the last."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.judges.foreigner import EVERYBODY
from tests.judges.libical import PYTHON
from tests.judges.node import MODULES

PROGRAMS: Final = ("node", "perl", "spamassassin", "mshow", "ripmime")
LIBICAL: Final = "import gi; gi.require_version('ICalGLib', '3.0')"


@pytest.fixture(scope="session", autouse=True)
def court() -> Iterator[None]:
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    if not MODULES.is_dir():
        absent.append("the packages of package-lock.json")
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", LIBICAL], check=False).returncode:
        absent.append("gir1.2-ical-3.0 for the Python of the system")
    if absent:
        pytest.skip(f"`make test-tools` installs what is missing: {', '.join(absent)}")
    yield
    for foreigner in EVERYBODY:
        foreigner.dismiss()
