"""The machine that measured: what it is, and whether it is quiet enough."""

import importlib.metadata
import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from notifier.adapters.embedded import find_server

LIBRARIES: Final = ("celery", "redis", "aiosmtplib", "uvloop", "msgspec", "icalendar", "Jinja2")

# A machine counts as quiet when its cores were busy for less than this share of the time (percent).
QUIET: Final = 12.0
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 5.0


def described() -> dict[str, str]:
    """Say on what was measured: the machine, the versions, the day."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "system": _system(),
        "Python": platform.python_version(),
        "Redis": ".".join(map(str, find_server().version)),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
        "notifier": _revision(),
    }


def quiet() -> tuple[str, float, str]:
    """Wait until the machine has little else to do; give how busy it still was, as a sample."""
    end = time.monotonic() + PATIENCE_SECONDS
    busy = psutil.cpu_percent(LOOK_SECONDS)
    while busy > QUIET and time.monotonic() < end:
        busy = psutil.cpu_percent(LOOK_SECONDS)
    return "load of the machine before a turn", busy, "%"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {platform.release()}"
    except OSError:
        return f"{platform.system()} {platform.release()}"


def _revision() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return importlib.metadata.version("notifier")
    return said.stdout.strip()
