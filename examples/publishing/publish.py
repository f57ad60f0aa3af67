"""Invites somebody to a conference with nothing but redis-py: `python publish.py [REDIS-URL]`.

An event is one JSON object in one XADD; this is all that a publisher in any language does.
"""

import json
import sys
import uuid
from datetime import UTC, datetime

import redis


def event(type_, data):
    """A CloudEvents object. Keep it for another try: with the same ID it counts once."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/core/eu-1",
        "type": type_,
        "time": datetime.now(UTC).isoformat(),
        "data": data,
    }


def publish(client, happened):
    client.xadd("notifier:events", {"event": json.dumps(happened)})
    return happened["id"]


INVITATION = {
    "conference": {
        "id": "df0a2adebe",
        "revision": 1,
        "name": "Quarterly review",
        "launch": "scheduled",
        "schedule": {
            "start": "2026-11-27T15:00:00",
            "time_zone": "Europe/Paris",
            "duration": 3600,
            "recurrence": None,
        },
        "owner": {
            "id": "anna@conf.example.com",
            "name": "Anna Keller",
            "email": "anna@example.com",
        },
    },
    "participants": [
        {
            "id": "boris@conf.example.com",
            "name": "Boris Petit",
            "email": "boris@example.org",
            "language": "fr",
        },
        {"id": "#mailto:chen@example.net", "name": "Chen Li"},
    ],
}

if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else "redis://localhost:6379/0"
    with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=3) as client:
        print(publish(client, event("conference.invitation", INVITATION)))
