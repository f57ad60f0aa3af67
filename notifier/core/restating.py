"""Restating: a notice as its conference stands by now; later mails are right (contract §1)."""

import msgspec

from notifier.core.delivery import Delivery, may_have_arrived
from notifier.core.life import Known
from notifier.core.notice import TELLING, Notice, calendar_of, last_use, short_id
from notifier.core.times.schedule import Occurrence, occurrence_at


def as_told(notice: Notice, delivery: Delivery, known: Known | None) -> Notice:
    """Give what a letter written now tells: the present, unless somebody may have it already.

    A mail that was on the wire, or was accepted once, goes again as the very same (P3).
    """
    return notice if may_have_arrived(delivery) else as_it_stands(notice, known)


def as_it_stands(notice: Notice, known: Known | None) -> Notice:
    """Give `notice` with the conference as it is known now, where a reader would see a difference.

    Only where it speaks of what is still to come: cancellations and removals keep what they took
    back, and a missed call tells of a moment that is over. Its revision stays that of the decision:
    by it is judged whether something newer was told. Its id comes from its content, so that equal
    words are stored once.
    """
    if known is None or notice.conference is None or notice.kind not in TELLING:
        return notice
    if known.conference.revision <= notice.revision:
        return notice
    present = msgspec.structs.replace(
        notice,
        id="",
        conference=msgspec.structs.replace(
            known.conference,
            revision=notice.conference.revision,
            notifications=notice.conference.notifications,
        ),
        calendar=calendar_of(known),
        occurrence=_occurrence(notice, known),
        deadline=notice.deadline if notice.occurrence else last_use(known.conference),
    )
    if says_the_same(notice, present):
        return notice
    content = msgspec.json.encode(present).decode()
    return msgspec.structs.replace(present, id=short_id(notice.root, content))


def says_the_same(one: Notice, other: Notice) -> bool:
    """Tell whether a reader of the two would see no difference.

    SEQUENCE does not count: it also rises when somebody else is taken off the list.
    """
    return _seen(one) == _seen(other)


def _seen(notice: Notice) -> tuple[object, ...]:
    conference = notice.conference
    if conference is not None:
        conference = msgspec.structs.replace(conference, revision=0, notifications=None)
    generation = notice.calendar.generation if notice.calendar else 0
    return conference, notice.occurrence, generation


def _occurrence(notice: Notice, known: Known) -> Occurrence | None:
    """Give the occurrence of a reminder as long as it is by now; its start is another question."""
    schedule = known.conference.schedule
    if notice.occurrence is None or schedule is None:
        return notice.occurrence
    return occurrence_at(schedule, notice.occurrence.start) or notice.occurrence
