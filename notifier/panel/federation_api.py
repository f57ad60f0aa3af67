"""`/api/v1/federation`: with which servers people here may talk, for programs to read and set."""

from litestar import get
from litestar.di import NamedDependency

from notifier.admin import Admin
from notifier.admin.federating import FederationShown


@get("/federation")
async def show(admin: NamedDependency[Admin]) -> FederationShown:
    """Give the mode and both lists, in their order."""
    return await admin.federation.shown()


ROUTES = (show,)
