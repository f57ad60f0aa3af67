"""Recalling: how conferences and rows of their lists are asked for, many in one call.

redis-py takes 25 µs for each answer of a pipeline, most of them over its timeout; a batch of events
asks for two things of each conference. What a script gives is one answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from notifier.adapters import keys
from notifier.adapters.lua_scripts import Call
from notifier.loads import loads

# Rows that one question asks for, and conferences and rows that one call does: a millisecond.
SLICE: Final = 400
MOST: Final = 1000

_pack: Final = msgspec.msgpack.Encoder().encode

Answer = Sequence[bytes | None]


class Question(NamedTuple):
    """A conference, and some people whose rows are asked for with it."""

    conference: str
    people: Sequence[str]


class Found(NamedTuple):
    """What is kept of a conference: known, etag and version, and the rows of people in order."""

    record: Answer
    rows: list[bytes | None]


def questions(wanted: Mapping[str, Sequence[str]]) -> list[Question]:
    """Give what is to be asked; a long list is asked for in slices."""
    return [
        Question(conference, people[at : at + SLICE])
        for conference, people in wanted.items()
        for at in range(0, max(len(people), 1), SLICE)
    ]


def recalling(asked: Iterable[Question]) -> Iterator[Call]:
    """Give the calls that ask these questions, in their order."""
    for some in loads(asked, _reads, heaviest=MOST):
        packed = _pack(
            [
                [keys.conference(conference), keys.members(conference), *people]
                for conference, people in some
            ]
        )
        yield "recall", (), (packed,)


def _reads(question: Question) -> int:
    return 1 + len(question.people)


def recalled(asked: Iterable[Question], answers: Iterable[Answer]) -> dict[str, Found]:
    """Give what was found of each conference.

    What was read of it first counts: whoever changes a list between two slices of it has left
    another etag.
    """
    found: dict[str, Found] = {}
    for (conference, _people), answer in zip(asked, answers, strict=True):
        own = found.setdefault(conference, Found(answer[:3], []))
        own.rows.extend(answer[3:])
    return found
