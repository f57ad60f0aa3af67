"""`/api/v1/network`: where clients find the server, for other services to read."""

from litestar import get
from litestar.di import NamedDependency

from notifier.admin import Admin
from notifier.core.network.listening import Ways
from notifier.panel.problems import ANSWERS


@get("/network", responses=ANSWERS)
async def show(admin: NamedDependency[Admin]) -> Ways:
    """Give where the server listens, and in `tried` what a client should try, in that order.

    As the machine of the panel sees it. Names are given as names; whoever tries one looks it up.
    """
    return await admin.network.ways(ask_dns=False)


ROUTES = (show,)
