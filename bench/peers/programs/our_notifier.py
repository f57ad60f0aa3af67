"""The notifier, driven as the others are: the settings, events in, `notifier up`."""

import os
import subprocess
import sys
import time
from pathlib import Path

import letter

from bench import events
from bench.running import Deployment, command
from notifier.adapters import keys
from notifier.adapters.connection import SyncClient, connect_sync


def invited(count: str, name: str) -> bytes:
    """Give one event that invites all of them."""
    people = [
        {**person, "email": to}
        for person, to in zip(events.people(int(count)), letter.addresses(count, name), strict=True)
    ]
    return events.invitation(events.conference(name), people)


def make_over(client: SyncClient, queue: str) -> None:
    """Let the waiting time of everything in a queue be over."""
    for waiting in client.zrange(queue, 0, -1):
        client.zadd(queue, {waiting: time.time() - 1})


match sys.argv[1:]:
    case ["prepare"]:
        settings = Path("settings.toml")
        settings.write_text(Deployment(port=letter.PORT).settings(), encoding="utf-8")
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
            make_over(client, keys.LEASES)
            while client.zcard(keys.LEASES):
                time.sleep(0.05)
            # What may have arrived waits once more.
            make_over(client, keys.LATER)
    case ["send"]:
        os.execv(command()[0], command("up", "--workers", str(Deployment().workers)))
