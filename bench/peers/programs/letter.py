"""The letter that all peers send, and how long it takes to hand one over; the library alone.

It comes ready in three parts, as the notifier wrote them for somebody: a peer need not render
anything, which is in its favour. What differs from person to person is To and Message-ID.
"""

import json
import os
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

_GIVEN = json.loads(Path(os.environ["PEERS_LETTER"]).read_text(encoding="utf-8"))

HOST = "127.0.0.1"
PORT: int = _GIVEN["port"]
SENDER: str = _GIVEN["sender"]
SUBJECT: str = _GIVEN["subject"]
TEXT: str = _GIVEN["text"]
HTML: str = _GIVEN["html"]
CALENDAR: str = _GIVEN["calendar"]
REDIS_URL = os.environ.get("PEERS_REDIS", "")


def addresses(count: str, name: str) -> list[str]:
    """Give the addresses of as many people; nobody else in this run has them."""
    return [f"{name}-{at}@example.org" for at in range(int(count))]


def person(address: str) -> str:
    """Give somebody as the header To names them."""
    return f"Anna Lena Müller <{address}>"


def message(address: str) -> EmailMessage:
    """Build the letter for somebody with Python's own library."""
    made = EmailMessage()
    made["From"] = SENDER
    made["To"] = person(address)
    made["Subject"] = SUBJECT
    made["Date"] = formatdate()
    made["Message-ID"] = make_msgid(domain="conf.example.com")
    made.set_content(TEXT)
    made.add_alternative(HTML, subtype="html")
    made.add_alternative(CALENDAR, subtype="calendar", params={"method": "REQUEST"})
    return made


def timed(hand: Callable[[str], object], to: list[str]) -> None:
    """Hand a letter over for each address, and print how long each took (JSON, milliseconds)."""
    took = []
    for address in to:
        began = time.perf_counter()
        hand(address)
        took.append((time.perf_counter() - began) * 1000)
    print(json.dumps(took))
