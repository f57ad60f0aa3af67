"""A table of the settings, and the values that several of them have."""

from typing import Annotated

import msgspec
from msgspec import Meta

from notifier.core.people import BadAddress, parse_address

Port = Annotated[int, Meta(ge=1, le=65535)]
Line = Annotated[str, Meta(max_length=1000)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the settings; a name that is not known is refused, not ignored."""


def check_address(name: str, text: str) -> None:
    """Raise ValueError if `text` is something else than nothing or one mail address."""
    if not text:
        return
    try:
        parse_address(text)
    except BadAddress as fault:
        raise ValueError(f"`{name}` is {text!r}, not a mail address: {fault}") from None
