"""The same with the notifier's own class, which checks an event before it is sent.

`python with_publisher.py [REDIS-URL]`; a wrong field is named: `$.data.conference.schedule.start`.
"""

import sys
from datetime import datetime

from notifier import Conference, NotPublished, Person, Publisher, Schedule

REVIEW = Conference(
    id="df0a2adebe",
    revision=1,
    name="Quarterly review",
    launch="scheduled",
    # Wall time where the conference is: no offset, so that it stays at three when clocks change.
    schedule=Schedule(
        start=datetime(2026, 11, 27, 15, 0),  # noqa: DTZ001 - see above
        time_zone="Europe/Paris",
        duration=3600,
    ),
    owner=Person(id="anna@conf.example.com", name="Anna Keller", email="anna@example.com"),
)
BORIS = Person(id="boris@conf.example.com", name="Boris Petit", email="boris@example.org")

if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else "redis://localhost:6379/0"
    with Publisher(url, source="/core/eu-1") as publisher:
        try:
            print(publisher.invitation(REVIEW, [BORIS]))
        except NotPublished as fault:
            # Keep `fault.events` and give them to `publish_many` later: each is heard once.
            sys.exit(f"{fault}")
