"""Who plays in the demonstration, and the conferences that they hold."""

from datetime import datetime, timedelta
from typing import Final

from notifier.core.events import Choices, Conference
from notifier.core.people import Person
from notifier.core.times.schedule import Schedule
from notifier.core.times.zones import to_local

HOME: Final = "conf.example.com"

# Whom everything is asked of, and who hears of restarts.
ADMINISTRATOR: Final = Person(id="administrator", name="Chris Moreau", email="admin@example.com")

ANNA: Final = Person(
    id=f"anna@{HOME}",
    name="Anna Keller",
    email="anna@example.com",
    language="en",
    time_zone="Europe/Paris",
    mobile_phone="+33 6 12 34 56 78",
)
CLAIRE: Final = Person(
    id=f"claire@{HOME}",
    name="Claire Fontaine",
    email="claire@example.com",
    language="fr",
    time_zone="Europe/Paris",
)
BRIAN: Final = Person(
    id=f"brian@{HOME}",
    name="Brian Walsh",
    email="brian@example.com",
    language="en-US",
    time_zone="America/New_York",
)
# Bengali is not among the languages shipped: she reads the server's.
PRIYA: Final = Person(
    id=f"priya@{HOME}",
    name="Priya Sen",
    email="priya@example.com",
    language="bn",
    time_zone="Asia/Kolkata",
)
MARC: Final = Person(
    id=f"marc@{HOME}",
    name="Marc Tremblay",
    directory_email="marc@example.com",
    language="fr-CA",
    time_zone="America/Montreal",
)
NOAH: Final = Person(id=f"noah@{HOME}", name="Noah Lind", language="en")
LEO: Final = Person(id="#mailto:leo@example.org", name="Leo Rossi", language="it")
MARTA: Final = Person(
    id="#mailto:marta@example.org",
    name="Marta Nowak",
    language="pl",
    time_zone="Europe/Warsaw",
    unique_link=f"https://{HOME}/c/open-day?personal=7f3c1e",
)

PARIS: Final = "Europe/Paris"
# Without summer time, so that "in a minute" has one meaning all year round.
KOLKATA: Final = "Asia/Kolkata"

THURSDAY: Final = 3


def review(now: datetime, *, revision: int, hour: int = 15, minute: int = 0) -> Conference:
    """A series on Thursdays in Paris; the first is two days away at least."""
    today = to_local(now, PARIS).replace(tzinfo=None)
    days = 2 + (THURSDAY - today.weekday() - 2) % 7
    first = (today + timedelta(days=days)).replace(
        hour=hour, minute=minute, second=0, microsecond=0
    )
    return Conference(
        id="df0a2adebe",
        revision=revision,
        name="Weekly review",
        description="Numbers first, then plans.\nPlease read the summary before.",
        launch="scheduled",
        owner=ANNA,
        schedule=Schedule(
            start=first, time_zone=PARIS, duration=3600, recurrence="FREQ=WEEKLY;BYDAY=TH"
        ),
    )


def open_day(now: datetime) -> Conference:
    """A public webinar in five days."""
    today = to_local(now, PARIS).replace(tzinfo=None)
    start = (today + timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)
    return Conference(
        id="open-day",
        revision=1,
        name="Open day",
        description="Everything new this winter, with time for questions.",
        launch="scheduled",
        access="public",
        owner=ANNA,
        schedule=Schedule(start=start, time_zone=PARIS, duration=5400),
    )


def stand_up(start: datetime) -> Conference:
    """A quarter of an hour from `start` (aware), with a reminder of its own a minute before."""
    return Conference(
        id="stand-up",
        revision=1,
        name="Stand-up",
        launch="scheduled",
        owner=PRIYA,
        schedule=Schedule(
            start=to_local(start, KOLKATA).replace(tzinfo=None),
            time_zone=KOLKATA,
            duration=900,
        ),
        notifications=Choices(reminders=("1m",)),
    )
