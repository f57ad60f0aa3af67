"""`/api/v1/federation`: with which servers people here may talk, for programs to read and set."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter
from msgspec import Meta

from notifier.admin import Admin
from notifier.admin.federation_answers import Admitted, FederationShown, ListChange, ModeChange
from notifier.core.federation.federation import Federation, Mode
from notifier.core.federation.mask_lists import LONGEST_COMMENT
from notifier.panel.problems import ANSWERS

# Described as one of two, and taken as any: who mistypes it hears which one may be meant.
_LISTS: Final = list(Federation().lists)
ListName = Annotated[str, PathParameter(description="Which list.", enum=_LISTS)]


class NewEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mask for a list, and who wanted it."""

    mask: Annotated[
        str, Meta(description="The full name of a server, or a mask such as *.example.org (R44).")
    ]
    comment: Annotated[
        str, Meta(max_length=LONGEST_COMMENT, description="Who wants it, and why.")
    ] = ""


class NewMode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes part from now on (R43)."""

    mode: Annotated[
        Mode,
        Meta(
            description="Nobody elsewhere; only servers on the whitelist; or all but those on the "
            "blacklist."
        ),
    ]


@get("/federation", responses=ANSWERS)
async def show(admin: NamedDependency[Admin]) -> FederationShown:
    """Give the mode and both lists, in their order."""
    return await admin.federation.shown()


@put("/federation/mode", responses=ANSWERS)
async def set_mode(admin: NamedDependency[Admin], data: JSONBody[NewMode]) -> ModeChange:
    """Say who takes part from now on; the lists stay as they are."""
    await admin.ensure_fit()
    return await admin.federation.set_mode(data.mode)


@post("/federation/{name:str}", status_code=200, responses=ANSWERS)
async def add(
    admin: NamedDependency[Admin], name: ListName, data: JSONBody[NewEntry]
) -> ListChange:
    """Put a mask behind the others of a list, as of today (UTC).

    One that is there stays in its place: `added` is empty then, and asking again does no harm.
    """
    await admin.ensure_fit()
    return await admin.federation.add(name, data.mask, data.comment)


@delete("/federation/{name:str}/{mask:str}", status_code=200, responses=ANSWERS)
async def remove(admin: NamedDependency[Admin], name: ListName, mask: FromPath[str]) -> ListChange:
    """Take a mask, in any spelling, off a list; 404 if it is not there."""
    await admin.ensure_fit()
    return await admin.federation.remove(name, mask)


@get("/federation/check/{host:str}", responses=ANSWERS)
async def check(admin: NamedDependency[Admin], host: FromPath[str]) -> Admitted:
    """Tell whether users of a server and of ours may call each other, and which entry decides."""
    return await admin.federation.check(host)


ROUTES = (show, set_mode, add, remove, check)
