"""Decodes JSON and says what is wrong with it, and where."""

import re
from typing import Any, Final

import msgspec

# A wrong value is quoted in the reason, and may be an event long (characters).
MAX_REASON: Final = 1000

# A fault that opens with the field's name is about that field: msgspec's words for one that is
# missing, and our own where a value looks at several fields.
_ABOUT_FIELD: Final = re.compile(r"(?:Object missing required field )?`([\w\[\]]+)`")
_PATH: Final = re.compile(r"(.*) - at `\$(.*)`", re.DOTALL)


class Rejected(ValueError):
    """Bytes that are not an event; carries the reason and the path of the wrong field."""

    def __init__(self, reason: str, path: str = "") -> None:
        self.reason = reason if len(reason) <= MAX_REASON else reason[: MAX_REASON - 1] + "…"
        self.path = path
        super().__init__(f"{path}: {self.reason}" if path else self.reason)


def check_utf8(raw: bytes) -> None:
    """Refuse bytes that are no text: a decoder looks only at the fields that it knows."""
    try:
        raw.decode()
    except UnicodeDecodeError as fault:
        raise Rejected(f"not UTF-8: {fault.reason} at byte {fault.start}", "$") from None


def decoded(decoder: "msgspec.json.Decoder[Any]", raw: bytes, root: str) -> Any:
    """Decode, turning every way that JSON can be wrong into Rejected; `root` opens its path."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as fault:
        raise _wrong_field(str(fault), root) from None
    except msgspec.DecodeError as fault:
        raise Rejected(f"not JSON: {fault}", root) from None
    except RecursionError:
        raise Rejected("nested too deep", root) from None


def _wrong_field(fault: str, root: str) -> Rejected:
    """Take the path off the end of the words; a value quoted before it may look like one."""
    found = _PATH.fullmatch(fault)
    reason, path = found.groups() if found else (fault, "")
    field = _ABOUT_FIELD.match(reason)
    return Rejected(reason, f"{root}{path}.{field[1]}" if field else root + path)
