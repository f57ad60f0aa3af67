"""Claims about the contract: the documents are sound, and the notifier reads what they allow."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from notifier import contract
from notifier.annotations import OF_FIELDS, OF_TYPES
from notifier.core.events import STREAM, TYPES, Rejected, parse
from notifier.specimens import SPECIMENS, specimen
from tests import cast
from tests.flaws import FLAWS, FULL, Flaw, flawed
from tests.shape.sources import ROOT, tracked

KEPT = ROOT / "examples" / "contract"
SCHEMAS = contract.schemas()
ASYNCAPI = contract.asyncapi()

every_type = pytest.mark.parametrize("type_", TYPES)


def _pattern(
    _validator: Validator, pattern: str, text: object, _schema: Any
) -> Iterator[ValidationError]:
    """As ECMA-262 means it, and so JSON Schema: `$` is the very end, not before a last newline."""
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield ValidationError(f"{text[:40]!r} does not match {pattern!r}")


# Untyped in the stubs.
Schema: type[Validator] = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def allowed(event: Any, type_: str) -> bool:
    """What a publisher's validator says of an event."""
    return bool(Schema(SCHEMAS[type_]).is_valid(event))


def read(event: Any) -> bool:
    """What the notifier says of it."""
    try:
        parse(json.dumps(event).encode())
    except Rejected:
        return False
    return True


# ---- the files -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", contract.files())
def test_the_file_in_the_repository_is_what_the_types_say(path: str) -> None:
    hint = "run: python -m notifier.contract examples/contract"

    assert (KEPT / path).read_text(encoding="utf-8") == contract.files()[path], hint


def test_the_repository_keeps_no_file_of_a_former_contract() -> None:
    kept = {path.relative_to("examples/contract").as_posix() for path in tracked(str(KEPT))}

    assert kept == {*contract.files(), "README.md"}


# ---- schemas -------------------------------------------------------------------------------


@every_type
def test_a_schema_is_a_json_schema(type_: str) -> None:
    schema = SCHEMAS[type_]

    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_every_schema_has_a_name_of_its_own() -> None:
    assert len({schema["$id"] for schema in SCHEMAS.values()}) == len(TYPES)


@every_type
@pytest.mark.parametrize("events", [cast.samples(), FULL, {w: specimen(w) for w in SPECIMENS}])
def test_good_events_are_allowed_and_read(events: dict[str, Any], type_: str) -> None:
    assert allowed(events[type_], type_)
    assert read(events[type_])


@every_type
def test_a_schema_is_about_one_type_only(type_: str) -> None:
    other = next(word for word in TYPES if word != type_)

    assert not allowed(FULL[type_] | {"type": other}, type_)


@every_type
def test_unknown_attributes_are_allowed(type_: str) -> None:
    more = FULL[type_] | {"partitionkey": "7", "data": FULL[type_]["data"] | {"new": [1]}}

    assert allowed(more, type_)
    assert read(more)


@pytest.mark.parametrize("flaw", [flaw for flaw in FLAWS if not flaw.beyond_schema], ids=str)
def test_a_flaw_that_a_schema_can_name_is_not_allowed(flaw: Flaw) -> None:
    event = flawed(flaw)

    assert not allowed(event, flaw.type)
    assert not read(event)


@pytest.mark.parametrize("flaw", [flaw for flaw in FLAWS if flaw.beyond_schema], ids=str)
def test_a_flaw_that_no_schema_can_name_is_noticed_by_the_reader(flaw: Flaw) -> None:
    event = flawed(flaw)

    assert allowed(event, flaw.type)
    assert not read(event)


anything: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.just([]), st.just({})
)


@given(st.sampled_from(sorted(TYPES)), st.data())
def test_whatever_the_notifier_reads_is_allowed(type_: str, data: st.DataObject) -> None:
    event = json.loads(cast.raw(FULL[type_]))
    place, step = data.draw(st.sampled_from(list(_places(event["data"]))))
    place[step] = data.draw(anything)

    assert allowed(event, type_) or not read(event)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (("Conference", "id"), {"minLength": 1, "maxLength": 128}),
        (("Conference", "name"), {"minLength": 1, "maxLength": 240}),
        (("Conference", "description"), {"maxLength": 65536}),
        (("Conference", "revision"), {"minimum": 0, "maximum": 2**53}),
        (("Conference", "launch"), {"enum": ["scheduled", "virtual_room"]}),
        (("Person", "email"), {"maxLength": 4096, "type": ["string", "null"]}),
        (("Schedule", "duration"), {"minimum": 1, "maximum": 30 * 86400}),
        (("Schedule", "exceptions"), {"maxItems": 1000}),
        (("Schedule", "moved"), {"maxItems": 100}),
        (("Choices", "reminders"), {"maxItems": 4}),
    ],
    ids=str,
)
def test_limits_show(path: tuple[str, str], limit: dict[str, Any]) -> None:
    kind, field = path

    shown = SCHEMAS["conference.invitation"]["$defs"][kind]["properties"][field]

    assert limit.items() <= shown.items()


@every_type
def test_patterns_are_in_words_that_every_validator_knows(type_: str) -> None:
    patterns = [each for name, each in _keywords(SCHEMAS[type_]) if name == "pattern"]

    # Neither Python's own (\Z, (?P<>)), nor look-arounds, which Go's validators have not.
    assert patterns
    assert [each for each in patterns if re.search(r"\\[AZdwsu]|\(\?", each)] == []


@every_type
def test_what_is_said_is_for_publishers(type_: str) -> None:
    said = [each for name, each in _keywords(SCHEMAS[type_]) if name == "description"]

    # Numbers of rules and the indentation of our source are nobody else's business.
    assert said
    assert [each for each in said if re.search(r"\bR\d+\b|\n ", str(each))] == []


def test_everything_said_is_about_a_type_that_events_hold() -> None:
    defined = {name for schema in SCHEMAS.values() for name in schema["$defs"]} | {"Envelope"}
    spoken_of = {kind.__name__ for kind in OF_TYPES} | {kind.__name__ for kind, _ in OF_FIELDS}

    assert spoken_of <= defined


# ---- AsyncAPI ------------------------------------------------------------------------------


def test_the_asyncapi_document_has_what_version_3_wants() -> None:
    assert ASYNCAPI["asyncapi"].startswith("3.0.")
    assert {"title", "version"} <= ASYNCAPI["info"].keys()
    assert ASYNCAPI.keys() <= {
        *("asyncapi", "id", "info", "servers", "defaultContentType"),
        *("channels", "operations", "components"),
    }
    assert all({"host", "protocol"} <= server.keys() for server in ASYNCAPI["servers"].values())
    names = [
        *ASYNCAPI["channels"],
        *ASYNCAPI["operations"],
        *(name for part in ASYNCAPI["components"].values() for name in part),
    ]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    references = [str(each) for name, each in _keywords(ASYNCAPI) if name == "$ref"]

    assert references
    assert [each for each in references if _behind(each) is None] == []


def test_the_channel_is_the_stream() -> None:
    (channel,) = ASYNCAPI["channels"].values()

    assert channel["address"] == STREAM
    assert set(channel["messages"]) == set(TYPES)
    assert [_behind(each["$ref"]) for each in channel["servers"]] == [ASYNCAPI["servers"]["redis"]]


@every_type
def test_every_event_has_its_message_and_its_operation(type_: str) -> None:
    hearing = {"$ref": f"#/channels/events/messages/{type_}"}

    (operation,) = (o for o in ASYNCAPI["operations"].values() if o["messages"] == [hearing])

    assert operation["action"] == "receive"
    assert operation["channel"] == {"$ref": "#/channels/events"}
    assert _behind(_behind(hearing["$ref"])["$ref"])["name"] == type_


@every_type
def test_the_examples_fit_their_payloads(type_: str) -> None:
    message = ASYNCAPI["components"]["messages"][type_]
    payload = {"$ref": message["payload"]["$ref"], "components": ASYNCAPI["components"]}

    (example,) = message["examples"]

    Schema(payload).validate(example["payload"])
    assert read(example["payload"])


@pytest.mark.parametrize("flaw", [flaw for flaw in FLAWS if not flaw.beyond_schema], ids=str)
def test_the_asyncapi_document_allows_no_more_than_the_schemas(flaw: Flaw) -> None:
    payload = {
        "$ref": f"#/components/schemas/{flaw.type}",
        "components": ASYNCAPI["components"],
    }

    assert not Schema(payload).is_valid(flawed(flaw))


# ---- looking into documents ----------------------------------------------------------------


def _keywords(value: Any) -> Iterator[tuple[str, Any]]:
    """Every keyword with its value; a field that is called like one has no text for a value."""
    match value:
        case dict():
            yield from ((name, each) for name, each in value.items() if isinstance(each, str))
            for name, each in value.items():
                yield from () if name == "examples" else _keywords(each)
        case list():
            for each in value:
                yield from _keywords(each)
        case _:
            return


def _behind(reference: str) -> Any:
    """What a reference of the AsyncAPI document leads to, or None."""
    place: Any = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        place = place.get(step, {})
    return place or None


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    for step in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, step
        if isinstance(value[step], dict | list):
            yield from _places(value[step])
