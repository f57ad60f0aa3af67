"""The processes of a notifier: which is which, what they cost, and what they hold at most."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

MEGABYTE: Final = 1_000_000

# What tells the parts apart in their command lines.
_PARTS: Final = {
    "redis-server": "Redis",
    "workers.listen": "listener",
    "flower": "Flower",
    "notifier.panel": "panel",
    " beat ": "beat",
    " worker ": "worker",
    " up ": "supervisor",
    "notifier.supervisor": "supervisor",
}
CHILD: Final = "worker, child"


def named(processes: Iterable[psutil.Process]) -> dict[str, psutil.Process]:
    """Give them by the part that they play; several of one are numbered from the second on."""
    found: dict[str, psutil.Process] = {}
    for process in processes:
        try:
            name = _part(process)
        except psutil.NoSuchProcess:
            continue  # ended meanwhile, perhaps not waited for yet
        if name in found:
            name = f"{name}, child"
        alike = sum(each.startswith(name) for each in found)
        found[f"{name} {alike + 1}" if alike else name] = process
    return found


def cpu_seconds(processes: Iterable[psutil.Process]) -> dict[str, float]:
    """Give the time of a processor that each part has had so far, its children together.

    The system counts in hundredths of a second: measure over many mails.
    """
    taken: dict[str, float] = {}
    for name, process in named(processes).items():
        times = process.cpu_times()
        part = CHILD if name.startswith(CHILD) else name
        taken[part] = taken.get(part, 0.0) + times.user + times.system
    return taken


def peak_rss(process: psutil.Process) -> float:
    """Give the most memory that a process ever held at once, shared pages included (bytes).

    Where the system does not tell, what it holds now.
    """
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return float(process.memory_info().rss)
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return float(peaks[0]) * 1024


def _part(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    return next((part for mark, part in _PARTS.items() if mark in line), "guard")
