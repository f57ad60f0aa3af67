"""What a reply of a mail server means: a table from phase, code and enhanced code to a verdict.

The reply to the final dot may take the mail; every reply before it only opens or closes the way.
The code decides later or never; the enhanced code (RFC 3463), where it fits the code, says whose
fault it is: the address's, the mail's, or ours.
"""

import re
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

import msgspec


class Phase(StrEnum):
    """What the server was answering."""

    OPENING = "the greeting"
    HELLO = "EHLO"
    LOGIN = "the login"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    BODY = "the message"


class Verdict(StrEnum):
    """What to make of a reply."""

    ACCEPTED = "accepted"  # what we asked for: go on, and after the dot it is theirs
    LATER = "later"  # this mail, another time
    REFUSED = "refused"  # this mail, never
    SYSTEM = "system"  # not this mail's fault: nothing would go through
    SENSELESS = "senseless"  # no answer to what was asked: the conversation is lost


class Reply(msgspec.Struct, frozen=True):
    """One reply, its lines joined; `enhanced` is empty where there is none."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()

    @property
    def enhanced(self) -> str:
        """The enhanced status code, unless it contradicts the code (RFC 2034 §4)."""
        found = _ENHANCED.match(self.text)
        agrees = found is not None and found[1][0] == str(self.code)[0]
        return found[1] if found and agrees else ""


class Judgement(msgspec.Struct, frozen=True):
    """A verdict; whether nobody lives there, whether it is policy, and how long we are to wait."""

    verdict: Verdict
    bad_address: bool = False
    policy: bool = False
    retry_after_seconds: int | None = None


class Rule(msgspec.Struct, frozen=True):
    """One row: `?` and `*` stand for any characters, as in file names."""

    phases: frozenset[Phase]
    code: str
    enhanced: str
    verdict: Verdict
    bad_address: bool = False
    policy: bool = False
    at_least_seconds: int | None = None


_ENHANCED: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")

EVERY: Final = frozenset(Phase)
ROAD: Final = frozenset({Phase.OPENING, Phase.HELLO, Phase.LOGIN})
MAIL: Final = frozenset({Phase.MAIL})
RCPT: Final = frozenset({Phase.RCPT})
DATA: Final = frozenset({Phase.DATA})
BODY: Final = frozenset({Phase.BODY})
OURS: Final = frozenset({Phase.RCPT, Phase.DATA, Phase.BODY})

# Greylisting servers forget a sender who knocks again too early; five minutes suit all of them.
GREYLIST_SECONDS: Final = 300

# Exchange takes three connections and thirty mails a minute from one sender (432 4.3.2).
SENDER_LIMIT_SECONDS: Final = 60

# The first row that fits decides.
RULES: Final = (
    # The server goes away, whatever was asked (RFC 5321 §3.8).
    Rule(EVERY, "421", "*", Verdict.SYSTEM),
    # What was asked for. After DATA it is 354 alone: a 250 there would mean that it took nothing.
    Rule(DATA, "354", "*", Verdict.ACCEPTED),
    Rule(DATA, "[23]??", "*", Verdict.SENSELESS),
    Rule(EVERY, "2??", "*", Verdict.ACCEPTED),
    Rule(EVERY, "3??", "*", Verdict.SENSELESS),
    Rule(ROAD, "*", "*", Verdict.SYSTEM),
    # MAIL FROM names our own sender, the same in every mail; the size alone is the mail's.
    Rule(MAIL, "552", "*", Verdict.REFUSED),
    Rule(MAIL, "5??", "5.3.4", Verdict.REFUSED),
    Rule(MAIL, "*", "*", Verdict.SYSTEM),
    # Not logged in, or not allowed to send as this sender: said late, still true for every mail.
    Rule(OURS, "530", "*", Verdict.SYSTEM),
    Rule(OURS, "5??", "5.7.57", Verdict.SYSTEM),
    Rule(OURS, "5??", "5.7.60", Verdict.SYSTEM),
    Rule(OURS, "5??", "5.2.252", Verdict.SYSTEM),
    Rule(OURS, "5??", "5.1.[78]", Verdict.SYSTEM),
    # Nobody lives there: no such mailbox, no such domain, no such syntax, a domain without mail.
    Rule(OURS, "5??", "5.1.[123]", Verdict.REFUSED, bad_address=True),
    Rule(OURS, "5??", "5.1.10", Verdict.REFUSED, bad_address=True),
    # A full mailbox gets emptied. A bare 552 to RCPT means 452 (RFC 5321 §4.5.3.1.10).
    Rule(OURS, "5??", "5.2.2", Verdict.LATER),
    Rule(RCPT, "552", "", Verdict.LATER),
    # Commands out of order: the two sides have lost each other, and a new connection may help.
    Rule(OURS, "503", "*", Verdict.LATER),
    Rule(OURS, "432", "*", Verdict.LATER, at_least_seconds=SENDER_LIMIT_SECONDS),
    Rule(RCPT, "45[01]", "*", Verdict.LATER, at_least_seconds=GREYLIST_SECONDS),
    Rule(OURS, "4??", "*", Verdict.LATER),
    # Spam, or what is taken for it: nothing said about the address, but about us if there are many.
    Rule(OURS, "5??", "5.7.*", Verdict.REFUSED, policy=True),
    Rule(OURS, "554", "", Verdict.REFUSED, policy=True),
    # All the rest: never this mail, and nothing said about the address.
    Rule(OURS, "5??", "*", Verdict.REFUSED),
    Rule(EVERY, "*", "*", Verdict.SENSELESS),
)


_YES: Final = Judgement(Verdict.ACCEPTED)


def judge(phase: Phase, reply: Reply) -> Judgement:
    """Say what `reply` means as the answer in `phase`."""
    if reply.code // 100 == 2 and phase is not Phase.DATA:
        return _YES  # the table says so too, and takes 3 µs for it
    rule = _rule(phase, str(reply.code), reply.enhanced)
    wait = retry_after(reply, rule.at_least_seconds) if rule.verdict is Verdict.LATER else None
    return Judgement(rule.verdict, rule.bad_address, rule.policy, wait)


# Every mail asks four times, and nearly always the same (phase, code, enhanced code).
@lru_cache(maxsize=1024)
def _rule(phase: Phase, code: str, enhanced: str) -> Rule:
    return next(
        rule
        for rule in RULES
        if phase in rule.phases
        and fnmatchcase(code, rule.code)
        and fnmatchcase(enhanced, rule.enhanced)
    )


_GREYLISTED: Final = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)

# "try again in 5 minutes", "retry after 300 s", "greylisted for 300 seconds", "wait 2 min".
_WAIT: Final = re.compile(
    r"\b(?:in|after|for|wait|within)\s+(?:another\s+|at\s+least\s+|about\s+)?"
    r"(\d{1,6})\s*(s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?)\b",
    re.IGNORECASE,
)

# "please try again in 00:04:59".
_CLOCK: Final = re.compile(r"\b(?:in|after|for)\s+(\d{1,2}):(\d{2}):(\d{2})\b", re.IGNORECASE)

_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}

# A server that asks for more than a day is no longer talking about this try.
LONGEST_HINT_SECONDS: Final = 86_400


def retry_after(reply: Reply, at_least_seconds: int | None = None) -> int | None:
    """Give how many seconds to wait, if the words or the row say anything about it."""
    least = GREYLIST_SECONDS if _GREYLISTED.search(reply.text) else at_least_seconds
    known = [seconds for seconds in (_hint(reply.text), least) if seconds is not None]
    return min(max(known), LONGEST_HINT_SECONDS) if known else None


def _hint(text: str) -> int | None:
    if clock := _CLOCK.search(text):
        hours, minutes, seconds = (int(part) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    if wait := _WAIT.search(text):
        return int(wait[1]) * _UNIT_SECONDS[wait[2][0].lower()]
    return None
