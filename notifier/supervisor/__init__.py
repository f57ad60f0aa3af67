"""`notifier up`: every part on one machine, watched over by one light process."""

from notifier.supervisor.ports import PortTakenError
from notifier.supervisor.roles import ROLES, Filling, Role, command, filling, named
from notifier.supervisor.running import settings_from, up
from notifier.supervisor.supervisor import StartError, Supervisor

__all__ = [
    "ROLES",
    "Filling",
    "PortTakenError",
    "Role",
    "StartError",
    "Supervisor",
    "command",
    "filling",
    "named",
    "settings_from",
    "up",
]
