"""A loop over a list of addresses, a connection for each mail: what one writes first.

The list is a file, removed when all have got their mail. A restart begins it again, for nobody
notes how far it got.
"""

import smtplib
import sys
from pathlib import Path

import letter

LIST = Path("addresses")


def hand(address: str) -> None:
    with LIST.open("a", encoding="utf-8") as file:
        file.write(address + "\n")


def send() -> None:
    for address in LIST.read_text(encoding="utf-8").split():
        with smtplib.SMTP(letter.HOST, letter.PORT) as server:
            server.send_message(letter.message(address))
    LIST.unlink()


match sys.argv[1:]:
    case ["hand", count, name]:
        letter.timed(hand, letter.addresses(count, name))
    case ["fill", count, name]:
        for each in letter.addresses(count, name):
            hand(each)
    case ["send"]:
        send()
