"""What people read in their letters, what they believe then, and whether that makes sense."""

import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Final

import msgspec

from notifier.core.notice import Kind
from tests.faults.order_house import Left
from tests.faults.publisher_world import Times, times_of

FIRST: Final = (Kind.INVITATION, Kind.REGISTRATION)
TIMED: Final = (*FIRST, Kind.RESCHEDULE)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one letter says, read from its bytes."""

    kind: Kind
    delivery: str
    to: str
    times: Times | None
    uid: str = ""
    sequence: int = 0
    method: str = ""
    cancelled: bool = False  # STATUS:CANCELLED
    thread: str
    text: str
    occurrence: datetime | None = None
    at: datetime
    taken: bool
    again: bool  # it may have arrived before, and is the very same
    heard: frozenset[int]  # the deeds of which the notifier had heard

    @property
    def life(self) -> int:
        """Which life of the conference it is about, the first or a later one."""
        return int(self.thread.partition("@")[0].rpartition("-")[2])

    @property
    def named(self) -> str:
        about = self.times or "a room"
        return f"the {self.kind} to {self.to} of {about} (life {self.life}, {self.sequence})"


def read(left: Left, heard: Iterable[int]) -> Said:
    """Read a letter as its reader's programs do."""
    mail = message_from_bytes(left.content, policy=default)
    parts = {part.get_content_type(): part for part in mail.walk()}
    entry = parts["text/calendar"].get_content() if "text/calendar" in parts else ""
    whole = entry.replace("\r\n ", "").replace("\n ", "")
    head, _begin, about = whole.partition("BEGIN:VEVENT")
    fields = dict(_LINE.findall(about)) | dict(_METHOD.findall(head))
    start = re.search(r"T\d\d(\d\d)\d\d", fields.get("DTSTART", ""))
    notice = left.notice
    rule = notice.conference is not None and times_of(notice.conference.schedule)
    series = "RRULE" in fields or (fields.get("METHOD") == "CANCEL" and bool(rule and rule[1]))
    return Said(
        kind=Kind(mail["X-Notifier-Kind"]),
        delivery=left.delivery.id,
        to=left.delivery.recipient.key,
        times=(int(start[1]), series) if start else None,
        uid=fields.get("UID", ""),
        sequence=int(fields.get("SEQUENCE", "0")),
        method=fields.get("METHOD", ""),
        cancelled=fields.get("STATUS") == "CANCELLED",
        thread=mail["References"],
        text=parts["text/plain"].get_content(),
        occurrence=notice.occurrence.start if notice.occurrence else None,
        at=left.at,
        taken=left.taken,
        again=left.delivery.doubts > 0,
        heard=frozenset(heard),
    )


_METHOD: Final = re.compile(r"^(METHOD):(\w+)", re.MULTILINE)
_LINE: Final = re.compile(r"^([A-Z-]+)(?:;[^:\r\n]*)?:([^\r\n]*)", re.MULTILINE)


class Reader:
    """One person, and every letter that left for them, in this order."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.letters: list[Said] = []

    @property
    def told(self) -> list[Said]:
        """The letters that arrived, each once, and no reminders: those are right by themselves."""
        once = {each.delivery: each for each in reversed(self.letters) if each.taken}
        return [
            each
            for each in self.letters
            if once.get(each.delivery) is each and each.kind is not Kind.REMINDER
        ]

    @property
    def believes(self) -> Said | None:
        """The letter by which they know how things stand: the last one about the newest life.

        What took an earlier one back is as true after the next one's invitation as before it.
        """
        newest = max((each.life for each in self.told), default=0)
        return next((each for each in reversed(self.told) if each.life == newest), None)

    def repeated(self, new: Said) -> list[str]:
        """Nothing is said twice: not by the same letter, nor by another that says no more."""
        before = self.told[-1] if self.told else None
        if new.kind is Kind.REMINDER or before is None or before.delivery == new.delivery:
            return []
        same = before.thread == new.thread and before.times == new.times
        says_no_more = before.kind is new.kind or (
            new.kind is Kind.RESCHEDULE and before.kind in TIMED
        )
        return (
            [f"{new.named} left after {before.named}: twice the same"]
            if (same and says_no_more)
            else []
        )

    def calendar(self, new: Said) -> list[str]:
        """SEQUENCE never falls, what ends has a higher one, what was cancelled stays so."""
        earlier = [each for each in self.told if each.uid == new.uid and each.uid]
        return [
            f"{new.named} left after {each.named}: {fault}"
            for each in earlier
            if each.delivery != new.delivery
            if (fault := _calendar_fault(each, new))
        ]


def _calendar_fault(before: Said, new: Said) -> str:
    if new.sequence < before.sequence:
        return "SEQUENCE fell"
    if before.cancelled and new.method == "REQUEST":
        return "a buried UID"
    if before.method != new.method and new.sequence == before.sequence:
        return "SEQUENCE did not rise"
    return ""
