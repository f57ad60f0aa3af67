"""The rows of calendar.md §1.3 as they come out of events, before all who judge calendars."""

from datetime import datetime

import msgspec
import pytest

from notifier.core.times.schedule import Moved, occurrences
from tests import cast
from tests.cast import BORIS, CHEN, NOW
from tests.core.calendars import Mail, Play, invited
from tests.core.story import cancellation, invitation, registration, removal, reschedule
from tests.judges.calendar_judges import verdicts
from tests.judges.expanders import EXPANDERS

ONCE = cast.schedule()
LATER = cast.schedule(start=datetime(2026, 11, 30, 16))
WEEKLY = cast.schedule(recurrence="FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218T140000Z")
SKIPPED = msgspec.structs.replace(WEEKLY, exceptions=(datetime(2026, 12, 4, 15),))
ONE_MOVED = msgspec.structs.replace(
    SKIPPED,
    moved=(
        Moved(original=datetime(2026, 12, 11, 15), start=datetime(2026, 12, 10, 9), duration=1800),
    ),
)
SIGNED_UP = msgspec.structs.replace(CHEN, unique_link=f"https://{cast.HOME}/c/df0a2adebe?p=5Yq0")

# A REQUEST, and the times that it tells.
ASKING = {
    "one-off": (invited().last(), ONCE),
    "recurring": (invited(schedule=WEEKLY).last(), WEEKLY),
    "reschedule": (invited(reschedule(2, schedule=LATER)).last(), LATER),
    "turned weekly": (invited(reschedule(2, schedule=WEEKLY)).last(), WEEKLY),
    "skip": (invited(reschedule(2, schedule=SKIPPED), schedule=WEEKLY).last(), SKIPPED),
    "move one": (invited(reschedule(2, schedule=ONE_MOVED), schedule=WEEKLY).last(), ONE_MOVED),
    "re-added": (invited(removal(2, BORIS), invitation(3, BORIS)).last(), ONCE),
    "registration": (Play(registration(1, SIGNED_UP)).last(CHEN), ONCE),
    "organizer owner": (Play(invitation(1, BORIS), organizer="owner").last(), ONCE),
    "no alarm": (Play(invitation(1, BORIS), alarm_minutes=0).last(), ONCE),
}
TAKING_BACK = {
    "deleted": invited(cancellation(2)).last(),
    "series deleted": invited(cancellation(2, schedule=ONE_MOVED), schedule=ONE_MOVED).last(),
    "became a room": invited(cancellation(2, launch="virtual_room"), schedule=WEEKLY).last(),
    "removed": invited(removal(2, BORIS)).last(),
    "removed, with STATUS": Play(
        invitation(1, BORIS), removal(2, BORIS), cancelled_in_removals=True
    ).last(),
    "registration cancelled": Play(registration(1, SIGNED_UP), cancellation(2)).last(CHEN),
}


def content(mail: Mail) -> bytes:
    assert mail.draft.calendar is not None
    return mail.draft.calendar


@pytest.mark.parametrize("row", ASKING)
def test_an_entry_of_each_row_is_judged_good_and_takes_place_when_it_does(row: str) -> None:
    mail, schedule = ASKING[row]
    ours = [each.start for each in occurrences(schedule, after=NOW, limit=20)]

    assert verdicts(content(mail)) == {}
    assert {name: sorted(read(content(mail))) for name, read in EXPANDERS.items()} == (
        dict.fromkeys(EXPANDERS, ours)
    )


@pytest.mark.parametrize("row", TAKING_BACK)
def test_what_takes_an_entry_back_is_judged_good(row: str) -> None:
    assert verdicts(content(TAKING_BACK[row])) == {}
