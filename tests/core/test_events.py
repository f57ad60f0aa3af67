"""Claims about reading events: what is one, what is none, and which field is said to be wrong."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.decoding import MAX_REASON
from notifier.core.events import (
    MAX_EVENT_BYTES,
    TYPES,
    Event,
    PeopleInvited,
    Rejected,
    parse,
    parse_entry,
)
from tests import cast
from tests.flaws import FLAWS, FULL, Flaw, flawed

END = cast.raw(cast.samples()["conference.end"])
DEPTH = 10_000
LISTS = b"[" * DEPTH + b"]" * DEPTH
OBJECTS = b'{"a":' * DEPTH + b"1" + b"}" * DEPTH

every_type = pytest.mark.parametrize("type_", TYPES)


def refusal(raw: bytes) -> Rejected:
    with pytest.raises(Rejected) as caught:
        parse(raw)
    return caught.value


# ---- what is one ---------------------------------------------------------------------------


@every_type
def test_every_type_is_read(type_: str) -> None:
    sent = cast.samples()[type_]

    heard = parse(cast.raw(sent))

    assert type(heard.what) is TYPES[type_]
    assert (heard.source, heard.id, heard.type) == (sent["source"], sent["id"], type_)
    assert heard.time == cast.NOW


@every_type
def test_what_was_read_says_what_was_sent(type_: str) -> None:
    sent = FULL[type_]

    said = cast.plain(parse(cast.raw(sent)).what)

    assert {name: said[name] for name in sent["data"]} == sent["data"]


@every_type
def test_unknown_attributes_change_nothing_anywhere(type_: str) -> None:
    plainly = cast.samples()[type_]
    more: Any = {"new": 1, "type": "audio", "tags": [{"deep": [None, 1e400, "\U0001f389"]}]}

    richly = _with_more(plainly["data"], more)

    assert parse(cast.raw(plainly | {"data": richly, "partitionkey": "7"})) == parse(
        cast.raw(plainly)
    )


def _with_more(value: Any, more: dict[str, Any]) -> Any:
    """Add attributes to every object in a value."""
    match value:
        case dict():
            return more | {name: _with_more(each, more) for name, each in value.items()}
        case list():
            return [_with_more(each, more) for each in value]
        case _:
            return value


def test_the_optional_attributes_may_be_left_out() -> None:
    sent = cast.samples()["conference.end"]
    del sent["time"]

    heard = parse(cast.raw(sent))

    assert (heard.time, heard.traceparent) == (None, None)


def test_a_traceparent_is_carried_on() -> None:
    traceparent = f"00-{'ab' * 16}-{'cd' * 8}-01"

    heard = cast.heard("conference.end", {"conference": cast.conference()}, traceparent=traceparent)

    assert heard.traceparent == traceparent


@pytest.mark.parametrize("broken", ["", "optional", "x" * 100_000, f"00-{'AB' * 16}-x-01", "\n"])
def test_a_broken_traceparent_starts_no_trace_and_breaks_nothing(broken: str) -> None:
    heard = cast.heard("conference.end", {"conference": cast.conference()}, traceparent=broken)

    assert heard.traceparent is None


def test_a_room_has_no_time_whatever_is_sent_along() -> None:
    sent = cast.samples()["conference.cancellation"]
    sent["data"]["conference"]["launch"] = "virtual_room"

    heard = parse(cast.raw(sent)).conference

    assert heard is not None
    assert heard.schedule is None


def test_an_id_is_its_source_s_own() -> None:
    end = {"conference": cast.conference()}

    here, again, there = (
        cast.heard("conference.end", end, id="1", source=source) for source in ("/a", "/a", "/b")
    )

    assert here.key == again.key
    assert here.key != there.key


@pytest.mark.parametrize("type_", ["call.missed", "recipient.bounced", "server.restart"])
def test_some_events_change_no_conference(type_: str) -> None:
    assert parse(cast.raw(cast.samples()[type_])).conference is None


def test_an_event_may_have_as_many_people_as_fit_into_it() -> None:
    many = [cast.person(number) for number in range(20_000)]

    heard = cast.heard(
        "conference.invitation", {"conference": cast.conference(), "participants": many}
    )

    assert isinstance(heard.what, PeopleInvited)
    assert list(heard.what.participants) == many


# ---- what is none --------------------------------------------------------------------------


@pytest.mark.parametrize("flaw", FLAWS, ids=str)
def test_the_field_that_is_wrong_is_named(flaw: Flaw) -> None:
    assert refusal(cast.raw(flawed(flaw))).path == flaw.path


@every_type
def test_the_sound_events_behind_the_flaws_are_sound(type_: str) -> None:
    assert parse(cast.raw(FULL[type_])).type == type_


def test_a_schedule_that_never_happens_is_wrong_as_a_whole() -> None:
    sent = cast.samples()["conference.reschedule"]
    planned = sent["data"]["conference"]["schedule"]
    planned["exceptions"] = [planned["start"]]

    assert refusal(cast.raw(sent)).path == "$.data.conference.schedule"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"\0",
        b"hello",
        b"{",
        b'{"specversion":"1.0"',
        END + b"x",
        END + END,
        END[:-1],
        END[:-1] + b',"x":NaN}',
        b"\xef\xbb\xbf" + END,
        END.replace(b"df0a2adebe", rb"\ud800"),
        END.replace(b"df0a2adebe", rb"\udc00\ud800"),
        END.replace(b"df0a2adebe", b"a\nb"),
    ],
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refusal(raw).reason.startswith("not JSON")


@pytest.mark.parametrize("raw", [b"null", b"1", b'"x"', b"[]", b"[%b]" % END, b"true"])
def test_json_that_is_no_object_is_refused(raw: bytes) -> None:
    fault = refusal(raw)

    assert fault.path == "$"
    assert "object" in fault.reason


@pytest.mark.parametrize("raw", [b"{}", b'{"event": 1}'])
def test_an_object_that_is_no_cloudevent_is_refused(raw: bytes) -> None:
    assert refusal(raw).path == "$.specversion"


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2"]
)
@pytest.mark.parametrize(
    "place", [b"df0a2adebe", b"Anna Keller", b'"specversion"', b"conference.end"]
)
def test_what_is_not_utf8_is_refused_and_the_byte_is_named(place: bytes, bad: bytes) -> None:
    raw = END.replace(place, bad + place, 1)

    fault = refusal(raw)

    assert fault.reason.startswith("not UTF-8")
    assert fault.reason.endswith(f"at byte {raw.index(bad)}")


def test_text_that_is_not_utf8_is_refused_where_nobody_reads_it_too() -> None:
    assert "UTF-8" in refusal(END[:-1] + b',"unknown":"\xff"}').reason


@pytest.mark.parametrize("deep", [LISTS, OBJECTS, LISTS[:DEPTH], OBJECTS[:DEPTH], b"[" * 1_000_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b'{"data":', b',"specversion":"1.0","id":"1","source":"/a","type":"conference.end"}'),
        (b'{"unknown":', b"," + END[1:]),
        (END[:-1] + b',"unknown":', b"}"),
        (END.partition(b'"conference":')[0] + b'"conference":', b"}}"),
        (END.partition(b'"conference":')[0] + b'"new":', b',"conference":{}}}'),
        (END.partition(b'"Anna Keller"')[0], END.partition(b'"Anna Keller"')[2]),
    ],
    ids=["alone", "data", "unknown", "last", "known in data", "unknown in data", "name"],
)
def test_deep_nesting_is_refused_and_breaks_nothing(
    before: bytes, after: bytes, deep: bytes
) -> None:
    assert refusal(before + deep + after).path == "$"


def test_an_event_of_five_mebibytes_is_refused_by_its_size() -> None:
    sent = cast.samples()["conference.end"] | {"padding": "x" * (5 << 20)}

    assert str(MAX_EVENT_BYTES) in refusal(cast.raw(sent)).reason


def test_an_event_of_just_four_mebibytes_is_read() -> None:
    raw = END + b" " * (MAX_EVENT_BYTES - len(END))

    assert parse(raw).type == "conference.end"
    assert "bytes" in refusal(raw + b" ").reason


def test_a_reason_stays_short_however_long_the_wrong_value_is() -> None:
    fault = refusal(cast.raw(flawed(Flaw("$.data.conference.launch", "x" * 1_000_000))))

    assert len(fault.reason) == MAX_REASON
    assert fault.path == "$.data.conference.launch"


# ---- the entry of the stream ---------------------------------------------------------------


def test_an_entry_carries_its_event_in_one_field() -> None:
    assert parse_entry({b"event": END, b"more": b"x"}) == parse(END)


@pytest.mark.parametrize("fields", [{}, {b"evnt": END}, {b"\xff": b""}])
def test_an_entry_without_that_field_is_refused(fields: dict[bytes, bytes]) -> None:
    with pytest.raises(Rejected, match="no field 'event'") as caught:
        parse_entry(fields)

    assert caught.value.path == "event"


# ---- whatever comes ------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def answer(raw: bytes) -> Event | Rejected:
    """Nothing else may come out of it."""
    try:
        return parse(raw)
    except Rejected as fault:
        return fault


@given(st.binary() | st.binary().map(lambda tail: END[:400] + tail))
@example(b"\x80")
def test_any_bytes_are_an_event_or_refused_with_a_reason(raw: bytes) -> None:
    found = answer(raw)

    assert isinstance(found, Event) or found.reason


@given(anything)
def test_any_json_is_an_event_or_refused_with_a_path(value: Any) -> None:
    found = answer(json.dumps(value).encode())

    assert isinstance(found, Rejected)
    assert found.path.startswith("$")


@given(st.sampled_from(sorted(TYPES)), st.data())
def test_any_value_in_any_place_is_read_or_refused_with_a_path(
    type_: str, data: st.DataObject
) -> None:
    sent = json.loads(cast.raw(FULL[type_]))
    place, step = data.draw(st.sampled_from(list(_places(sent))))
    place[step] = data.draw(anything)

    found = answer(json.dumps(sent).encode())

    assert isinstance(found, Event) or found.path.startswith("$")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    steps = value.keys() if isinstance(value, dict) else range(len(value))
    own = [(value, step) for step in steps]
    inner = (value[step] for step in steps if isinstance(value[step], dict | list))
    return own + [place for each in inner for place in _places(each)]
