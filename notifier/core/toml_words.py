"""What a setting takes in the words of TOML, in which settings are written.

msgspec names types as Python and JSON do: a table is an `object` there.
"""

import re
from typing import Any, Final, get_args

import msgspec

# msgspec's sentence about a type, behind which a limit may stand, or what was found.
_WRONG_TYPE: Final = re.compile(
    r"Expected `(?P<takes>[^`]+)`(?P<limit> (?:of|>=|<=|>|<) .+)?(?:, got `(?P<found>[^`]+)`)?"
)
_MISSING: Final = re.compile(r"Object missing required field `(?P<name>[^`]+)`")

_NAMES: Final = {
    "str": "a text in quotes",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "object": "a table",
    "array": "an array",
    "date": "a date",
    "datetime": "a date with a time",
    "time": "a time",
    "null": "nothing",
}


def in_toml(message: str, kind: Any, path: str) -> str:
    """Give msgspec's words about a type in TOML's, others as they are.

    `kind` is the type of the setting at `path`: a table that stands in an array or beside a text is
    shown by an example.
    """
    if missing := _MISSING.fullmatch(message):
        return f"`{missing['name']}` is missing"
    words = _WRONG_TYPE.fullmatch(message)
    if words is None:
        return message
    # Nothing cannot be written in TOML: who wants it leaves the line out.
    takes = [each for each in words["takes"].split(" | ") if each != "null"]
    example = "" if words["limit"] else _example(takes[-1], kind, path)
    allowed = " or ".join(_NAMES.get(each, each) for each in takes)
    found = f", not {_NAMES.get(words['found'], words['found'])}" if words["found"] else ""
    return f"it takes {allowed}{example}{words['limit'] or ''}{found}"


def _example(takes: str, kind: Any, path: str) -> str:
    """Show how a table or an array is written."""
    if takes == "array":
        return f" such as [{_inside(next(iter(get_args(kind)), None))}]"
    if takes != "object":
        return ""
    return f" such as {_inside(kind)}" if "[" in path else f", which opens with [{path}]"


def _inside(kind: Any) -> str:
    """Write a text, or a table with the field that says what it is about, its first one."""
    if not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return '"…"'
    return f'{{{msgspec.structs.fields(kind)[0].name} = "…"}}'
