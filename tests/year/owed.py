"""What must stand in Redis at the end of the year: one row for each person and reminder."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from tests.year.agenda import Posted
from tests.year.oracle import Reader, Reminder, Story, readers


class Row(NamedTuple):
    """One delivery of a reminder: of what, to whom, by which look planned, and how it stands."""

    conference: str
    start: datetime
    offset: int
    key: str
    link: str
    look: datetime
    state: str


def owed(
    stories: Mapping[str, Story], reminders: Iterable[Reminder], posts: Iterable[Posted]
) -> Iterator[Row]:
    """Give every row that the brute force says."""
    turns = {each.reminder: each.at for each in posts}
    for reminder in reminders:
        story = stories[reminder.conference]
        for reader in readers(story.at(reminder.look).standing):
            yield Row(
                conference=reminder.conference,
                start=reminder.start,
                offset=reminder.offset,
                key=reader.key,
                link=reader.link,
                look=reminder.look,
                state=_state(story, reminder, reader, turns.get(reminder)),
            )


def _state(story: Story, reminder: Reminder, reader: Reader, turn: datetime | None) -> str:
    """Say how it stands, once its turn has come if it ever does."""
    if reader.told_by_id:
        return "skipped"
    if reminder.expired:
        return "expired"
    if reader.unreachable:
        return "skipped"
    return story.fate(reminder, reader.key, turn) if turn else "pending"
