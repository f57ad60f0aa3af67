"""Conferences are recalled many in a call, and each comes with its own people."""

from collections.abc import Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Call
from notifier.adapters.recalling import MOST, SLICE, questions, recalled, recalling

WANTED = st.dictionaries(st.text("ab", max_size=3), st.integers(0, 1500), max_size=6).map(
    lambda lists: {name: [f"{name}-{at}" for at in range(size)] for name, size in lists.items()}
)


def unpacked(call: Call) -> list[list[str]]:
    _name, _keys, (packed,) = call
    assert isinstance(packed, bytes)
    return msgspec.msgpack.decode(packed, type=list[list[str]])


@given(WANTED)
def test_everybody_is_found_with_their_own_conference(wanted: Mapping[str, list[str]]) -> None:
    asked = questions(wanted)

    # What Redis would say: a conference knows its key, and each row is that of its person.
    answers = [
        [each[0].encode(), b"etag", b"1", *(person.encode() for person in each[2:])]
        for call in recalling(asked)
        for each in unpacked(call)
    ]
    found = recalled(asked, answers)

    assert {name: len(people) for name, people in wanted.items()} == {
        name: len(each.rows) for name, each in found.items()
    }
    for name, people in wanted.items():
        assert found[name].rows == [each.encode() for each in people]
        assert found[name].record[0] == keys.conference(name).encode()


@given(WANTED)
def test_no_call_asks_for_more_than_redis_reads_at_once(wanted: Mapping[str, list[str]]) -> None:
    for call in recalling(questions(wanted)):
        assert sum(len(each) - 1 for each in unpacked(call)) <= MOST


def test_a_list_of_any_length_is_asked_for_in_slices() -> None:
    people = [str(each) for each in range(1001)]

    slices = [each.people for each in questions({"c": people})]

    assert [person for some in slices for person in some] == people
    assert max(map(len, slices)) == SLICE
