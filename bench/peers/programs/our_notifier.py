"""The notifier, driven as the others are: the settings, events in, `notifier up`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import letter

from bench import events
from bench.running import SETTINGS, command
from notifier.adapters import keys
from notifier.adapters.connection import connect_sync


def invited(count: str, name: str) -> bytes:
    """Give one event that invites all of them."""
    people = [
        {**person, "email": to}
        for person, to in zip(events.people(int(count)), letter.addresses(count, name), strict=True)
    ]
    return events.invitation(events.conference(name), people)


match sys.argv[1:]:
    case ["prepare"]:
        settings = Path("settings.toml")
        settings.write_text(SETTINGS.format(port=letter.PORT), encoding="utf-8")
        subprocess.run(command("settings", "apply", str(settings)), check=True)
    case ["hand", count, name]:
        waiting = {
            to: events.invitation(events.conference(to), [{**person, "email": to}])
            for person, to in zip(
                events.people(int(count)), letter.addresses(count, name), strict=True
            )
        }
        with connect_sync(letter.REDIS_URL) as client:
            letter.timed(
                lambda to: events.publish(client, [waiting[to]]), letter.addresses(count, name)
            )
    case ["fill", count, name]:
        with connect_sync(letter.REDIS_URL) as client:
            events.publish(client, [invited(count, name)])
    case ["await"]:
        while "ready " not in Path("log").read_text(encoding="utf-8", errors="replace"):
            time.sleep(0.05)
    case ["later"]:
        with connect_sync(letter.REDIS_URL) as client:
            for held in client.zrange(keys.LEASES, 0, -1):
                client.zadd(keys.LEASES, {held: time.time() - 1})
    case ["send"]:
        os.execv(command()[0], command("up", "--workers", "2"))
