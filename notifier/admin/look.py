"""One look of the doctor: what was looked at, how it is, and what to do about it."""

from typing import Literal

import msgspec


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at: how it is, what was found, and what to do about it."""

    name: str
    status: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""
