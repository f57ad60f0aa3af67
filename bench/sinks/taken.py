"""Mails as a sink took them: who got which and when, what came twice, and what never came."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

# Stands for the Message-ID of a mail that has none.
NO_ID = "-"


class Mail(NamedTuple):
    """One mail: when it was accepted (monotonic seconds), its size (bytes), to whom, and its id."""

    moment: float
    size: int
    recipients: tuple[str, ...]
    message_id: str

    def line(self) -> bytes:
        """Give it as a line of a journal; neither addresses nor ids hold a blank."""
        to = ",".join(self.recipients)
        return f"{self.moment!r} {self.size} {to} {self.message_id}\n".encode()


def read(journal: Path) -> list[Mail]:
    """Give the mails of a journal, in the order in which they were accepted."""
    return [_mail(line) for line in journal.read_text(encoding="utf-8").splitlines()]


def doubled(mails: Iterable[Mail]) -> int:
    """Give how many mails were taken that were taken before, by Message-ID."""
    ids = Counter(mail.message_id for mail in mails)
    del ids[NO_ID]
    return sum(ids.values()) - len(ids)


def doubled_for(mails: Iterable[Mail]) -> int:
    """Give how many mails came to people who had one already, where everybody is to get one."""
    got = Counter(to for mail in mails for to in mail.recipients)
    return sum(got.values()) - len(got)


def lost(mails: Iterable[Mail], wanted: Iterable[str]) -> set[str]:
    """Give those of the wanted recipients who got nothing."""
    return set(wanted).difference(to for mail in mails for to in mail.recipients)


def _mail(line: str) -> Mail:
    moment, size, to, message_id = line.split(" ")
    return Mail(float(moment), int(size), tuple(to.split(",")), message_id)
