"""Settings as a TOML file: read with the place of every fault, written so that it reads back."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from re import Match
from typing import Any

from notifier.core.cleaning import UNSHOWN
from notifier.core.settings import SettingsRefused


def read_settings(path: Path) -> dict[str, Any]:
    """Give the tables of a file; raises SettingsRefused with the line where it is no TOML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsRefused(
            f"The settings are to be read from {path}, which cannot be done ({error.strerror}); "
            "correct the path, or let its user read the file."
        ) from error
    return parse_settings(content, called=str(path))


def parse_settings(content: bytes, *, called: str) -> dict[str, Any]:
    """Give the tables of a text; `called` names it in the fault."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise SettingsRefused(
            f"{called} is not UTF-8 text (line {line}); save it as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        # Its message ends with the place: "(at line 3, column 5)".
        raise SettingsRefused(
            f"{called} is not TOML: {error}; mend that line, texts stand in quotes."
        ) from error


def written(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the tables as TOML; what is None is left out, for TOML has no such value."""
    return "\n".join("\n".join(_table(name, table)) + "\n" for name, table in tables.items())


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in table.items():
        if value is not None:
            yield f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = (f"{key} = {_value(each)}" for key, each in value.items() if each is not None)
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, str):
        # A JSON string is a TOML basic string but for DEL, which TOML wants escaped; here all signs
        # are that nobody can see and a terminal obeys.
        return UNSHOWN.sub(_escaped, json.dumps(value, ensure_ascii=False))
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value)


def _escaped(found: Match[str]) -> str:
    return "".join(f"\\U{ord(each):08x}" for each in found[0])
