"""Belief: which times somebody knows, by what became of the letters about each move.

A move is compared with what was told before it; but what was told need not have left. Where
several moves were told of one after the other, each person believes the last that left to them.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from notifier.core.life import Known
from notifier.core.moves import Move
from notifier.core.notice import (
    INVITING,
    TAKING_BACK,
    Kind,
    Notice,
    invitation_root,
    root_of,
    short_id,
)
from notifier.core.times.schedule import Schedule

# Of the deliveries that exist, whether each has left, or may have; by id.
Fates = Mapping[str, bool]


def asked_for(notice: Notice, known: Known, key: str) -> list[str]:
    """Give the deliveries to the person with this key of which it matters whether they left."""
    if notice.kind in TAKING_BACK:
        moves = _taken_back(notice, known)
    else:
        moves = (*_earlier(notice, known), *_later(notice, known))
    return [each for move in moves for each in _told_by(move, key)]


def believed(notice: Notice, known: Known, key: str, fates: Fates) -> Schedule | None:
    """Give the times that this person knows, before they hear of the move that `notice` tells."""
    own = _own(notice, known)
    if own is None:
        return notice.previous
    times = known.moves[own].previous
    for move in reversed(_earlier(notice, known)):
        if _knows_of(move, key, fates):
            return times
        times = move.previous
    return times


def taken_back(notice: Notice, known: Known, key: str, fates: Fates) -> Notice:
    """Give `notice`, which takes something back, with the times that this person knows."""
    if notice.conference is None or notice.conference.schedule is None:
        return notice
    times: Schedule | None = notice.conference.schedule
    for move in reversed(_taken_back(notice, known)):
        if _knows_of(move, key, fates):
            break
        times = move.previous
    if times is None or times == notice.conference.schedule:
        return notice
    conference = msgspec.structs.replace(notice.conference, schedule=times)
    return _named_by_content(msgspec.structs.replace(notice, id="", conference=conference))


def replaced(notice: Notice, known: Known, key: str, fates: Fates) -> bool:
    """Tell whether a later move is told to this person in the place of `notice`.

    Whoever is moved there and back would be told the same twice. An invitation gives way to another
    one only: it is more than the times.
    """
    tells = _told_by if notice.kind is Kind.RESCHEDULE else _invited_by
    return any(each in fates for move in _later(notice, known) for each in tells(move, key))


def believing(notice: Notice, previous: Schedule | None) -> Notice:
    """Give `notice` with the times that its reader knows; equal words have an equal id."""
    if notice.previous == previous:
        return notice
    return _named_by_content(msgspec.structs.replace(notice, id="", previous=previous))


def _named_by_content(notice: Notice) -> Notice:
    content = msgspec.json.encode(notice).decode()
    return msgspec.structs.replace(notice, id=short_id(notice.root, content))


def _taken_back(notice: Notice, known: Known) -> Sequence[Move]:
    """Give the moves of the life that is taken back; another one's say nothing about it."""
    if notice.calendar is None or notice.calendar.generation != known.generation:
        return ()
    return [move for move in known.moves if move.revision <= notice.revision]


def _own(notice: Notice, known: Known) -> int | None:
    """Give the place of the move that a notice tells."""
    places = (at for at, move in enumerate(known.moves) if move.event == notice.event)
    return next(places, None)


def _earlier(notice: Notice, known: Known) -> Sequence[Move]:
    return known.moves[: _own(notice, known) or 0]


def _later(notice: Notice, known: Known) -> Sequence[Move]:
    own = _own(notice, known)
    if own is not None:
        return known.moves[own + 1 :]
    if notice.kind not in INVITING:
        return ()
    return [move for move in known.moves if move.revision > notice.revision]


def _knows_of(move: Move, key: str, fates: Fates) -> bool:
    """Whoever has no letter of a move joined when it held already, or had it long ago."""
    found = [fates[each] for each in _told_by(move, key) if each in fates]
    return not found or any(found)


def _told_by(move: Move, key: str) -> Iterator[str]:
    """Give the deliveries, whatever their kind, that tell a person of a move."""
    yield short_id(root_of(Kind.RESCHEDULE, move.event), key)
    yield from _invited_by(move, key)


def _invited_by(move: Move, key: str) -> Iterator[str]:
    root = root_of(Kind.RESCHEDULE, move.event)
    for kind in sorted(INVITING):
        yield short_id(invitation_root(root, kind), key)
