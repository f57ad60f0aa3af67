"""The contract for publishers, made from the event types: JSON Schemas and an AsyncAPI document.

`python -m notifier.contract FOLDER` writes all of it; the repository keeps `examples/contract`.
"""

import inspect
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from notifier.annotations import MOMENT, OF_FIELDS, OF_TYPES, Json
from notifier.core.events import FIELD, MAX_EVENT_BYTES, STREAM, TYPES, Envelope
from notifier.specimens import specimen

# The contract's own version: the first number grows when a publisher would have to change.
VERSION: Final = "1.0.0"

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
CONTENT_TYPE: Final = "application/cloudevents+json"


# ---- schemas -----------------------------------------------------------------------------------


def schemas() -> dict[str, Json]:
    """The JSON Schema (2020-12) of every event, its envelope included, by event type."""
    return {word: _schema(word) for word in TYPES}


def _schema(word: str) -> Json:
    (data,), definitions = _described([TYPES[word]], "#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "$id": f"urn:notifier:event:{word}",
        **_event(word, data),
        "$defs": definitions,
    }


def _described(kinds: list[type], template: str) -> tuple[list[Json], dict[str, Json]]:
    """The references to types, and the definitions behind them with all that is known of them."""
    references, made = msgspec.json.schema_components(kinds, ref_template=template)
    definitions = {name: _plainly(definition) for name, definition in made.items()}
    for kind, added in OF_TYPES.items():
        if kind.__name__ in definitions:
            definitions[kind.__name__].update(added)
    for (kind, field), added in OF_FIELDS.items():
        if kind.__name__ in definitions:
            definitions[kind.__name__]["properties"][field].update(added)
    return list(references), definitions


def _event(word: str, data: Json) -> Json:
    _, definitions = _described([Envelope], "#/{name}")
    envelope = definitions["Envelope"]
    known = envelope["properties"] | {"type": {"const": word}, "data": data}
    return {
        "title": word,
        "description": _sentence(TYPES[word]),
        "type": "object",
        "properties": known,
        "required": envelope["required"],
    }


def _sentence(kind: type) -> str:
    """The docstring of a type, for others."""
    return _for_others(inspect.cleandoc(kind.__doc__ or ""))


def _for_others(text: str) -> str:
    """A docstring without the numbers of our own rules."""
    return re.sub(r"\s*\((?:R\d|contract)[^)]*\)", "", text)


def _plainly(schema: Any) -> Any:
    """The same schema for everybody's validator and for people's eyes."""
    match schema:
        case {"anyOf": [{"type": str(kind)} as choice, {"type": "null"}], **rest}:
            return _plainly({**choice, "type": [kind, "null"], **_beside_null(rest)})
        case {"anyOf": [*_, {"type": "null"}], "default": None}:
            return {"anyOf": schema["anyOf"]}
        case dict():
            return {name: _keyword(name, each) for name, each in schema.items()} | _moment(schema)
        case list():
            return [_plainly(each) for each in schema]
        case _:
            return schema


def _beside_null(rest: Mapping[Any, Any]) -> Json:
    """That a field may be left out says as much as a default of null."""
    return {name: each for name, each in rest.items() if (name, each) != ("default", None)}


def _keyword(name: str, value: Any) -> Any:
    match name, value:
        case "pattern", str():
            # Python's word for the very end is not known elsewhere, and needless there.
            return value.replace(r"\Z", "$")
        case "description", str():
            return _for_others(inspect.cleandoc(value))
        case _:
            return _plainly(value)


def _moment(schema: Json) -> Json:
    return {"pattern": MOMENT} if schema.get("format") == "date-time" else {}


# ---- AsyncAPI ----------------------------------------------------------------------------------


def asyncapi() -> Json:
    """The AsyncAPI 3.0 document: one stream, one message and one operation for each event."""
    references, components = _described(list(TYPES.values()), "#/components/schemas/{name}")
    events = {word: _event(word, data) for word, data in zip(TYPES, references, strict=True)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Notifier",
            "version": VERSION,
            "description": "Tells people about their conferences and missed calls by mail.\n\n"
            "Whoever runs conferences says what happened; the notifier decides who is told what.",
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "redis": {
                "host": "localhost:6379",
                "protocol": "redis",
                "description": "Redis 6.2 or later, or Valkey; the same as the notifier's.",
            }
        },
        "channels": {"events": _channel()},
        "operations": {_operation_name(word): _operation(word) for word in TYPES},
        "components": {
            "messages": {word: _message(word) for word in TYPES},
            "schemas": components | events,
        },
    }


def _channel() -> Json:
    return {
        "address": STREAM,
        "title": "What happened",
        "description": f"A stream: `XADD {STREAM} * {FIELD} '<the JSON>'`. Events may come twice, "
        f"late or in any order. What cannot be read, or has over {MAX_EVENT_BYTES} bytes, goes to "
        "`notifier:rejected` with the reason and the path of the wrong field.",
        "servers": [{"$ref": "#/servers/redis"}],
        "messages": {word: {"$ref": f"#/components/messages/{word}"} for word in TYPES},
    }


def _operation_name(word: str) -> str:
    first, *rest = word.split(".")
    return "hear" + first.capitalize() + "".join(each.capitalize() for each in rest)


def _operation(word: str) -> Json:
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/events"},
        "summary": _sentence(TYPES[word]).splitlines()[0],
        "messages": [{"$ref": f"#/channels/events/messages/{word}"}],
    }


def _message(word: str) -> Json:
    return {
        "name": word,
        "title": word,
        "summary": _sentence(TYPES[word]).splitlines()[0],
        "contentType": CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{word}"},
        "examples": [{"name": "example", "payload": specimen(word)}],
    }


# ---- files -------------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """What the repository keeps: the text of each file by its path."""
    found = {f"schemas/{word}.schema.json": schema for word, schema in schemas().items()}
    found |= {f"events/{word}.json": specimen(word) for word in TYPES}
    found |= {"asyncapi.json": asyncapi()}
    return {path: _text(content) for path, content in found.items()}


def write(folder: Path) -> None:
    """Write the files into a folder, over those of before."""
    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _text(content: Json) -> str:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # Valid in JSON, and a line end to half of all editors.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
