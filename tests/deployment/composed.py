"""compose.yaml as an engine reads it: anchors merged, variables filled in."""

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from tests.shape.sources import ROOT

FILE: Final = ROOT / "compose.yaml"
SECRETS: Final = "/run/secrets/"

# The two forms that the file uses: `$$`, and a variable with its default.
VARIABLE: Final = re.compile(r"\$(?:\$|\{(\w+):-([^{}]*)\})")


def composed(**environ: str) -> Mapping[str, Any]:
    """Give the whole file, for a shell with these variables."""

    def filled(value: Any) -> Any:
        match value:
            case dict():
                return {name: filled(each) for name, each in value.items()}
            case list():
                return [filled(each) for each in value]
            case str():
                return _filled(value, environ)
            case _:
                return value

    whole: dict[str, Any] = filled(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    return whole


def services(**environ: str) -> Mapping[str, Any]:
    """Give its services by name."""
    found: dict[str, Any] = composed(**environ)["services"]
    return found


def seconds(duration: str) -> float:
    """Give how long `20s` is; the file uses no other unit."""
    assert duration.endswith("s"), duration
    return float(duration[:-1])


def _filled(text: str, environ: Mapping[str, str]) -> str:
    assert "$" not in VARIABLE.sub("", text), f"a form that is not known here: {text}"
    return VARIABLE.sub(lambda found: _value(found, environ), text)


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    name, default = found.groups()
    return "$" if name is None else environ.get(name) or default
