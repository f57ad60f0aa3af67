"""Why somebody was not told: one word each, as `deliveries list` shows them (R27)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """One reason a word."""

    SWITCHED_OFF = "switched_off"
    NO_MAILBOX = "no_mailbox"
    BAD_ADDRESS = "address"
    OWN_ADDRESS = "sender_address"
    FEDERATION = "federation"
    NOT_ON_LIST = "not_on_list"
    ALREADY_ON_LIST = "already_on_list"
    LISTED_TWICE = "listed_twice"  # by ID and by address: told by ID
    CANCELLED = "cancelled"
    ENDED = "ended"
    REMOVED = "removed"
    NEWER = "newer_revision"
    NEVER_TOLD = "never_told"
    STARTED = "started"
    REWORDED = "reworded"
    GONE = "gave_up"
    POISON = "poison"
    RENDER = "render"
    PLANNED_RESTART = "planned_restart"
    SUPPRESSED = "suppressed"
    ERASED = "erased"
    CLOCK = "clock"
    NOBODY_ASKED = "no_administrator"


# In the words of somebody who answers "did she get her mail, and why not?".
MEANINGS: Final[Mapping[Reason, str]] = {
    Reason.SWITCHED_OFF: "mails of this kind are switched off, on the server or for the conference",
    Reason.NO_MAILBOX: "neither the profile nor the directory has an address",
    Reason.BAD_ADDRESS: "the address cannot be written to",
    Reason.OWN_ADDRESS: "it is the address that mails are sent from",
    Reason.FEDERATION: "somebody in it lives on a server that is not let in",
    Reason.NOT_ON_LIST: "the person was not on the list",
    Reason.ALREADY_ON_LIST: "the person was on the list already",
    Reason.LISTED_TWICE: "the same mailbox is also on the list by an ID, and is told there",
    Reason.CANCELLED: "the conference was cancelled, or became a room, before this could leave",
    Reason.ENDED: "the conference was over",
    Reason.REMOVED: "the person was taken off the list before this could leave",
    Reason.NEWER: "something newer is told instead, or this is not true any more",
    Reason.NEVER_TOLD: "the person was never told of it, so nothing had to be taken back",
    Reason.STARTED: "it was too late: what this tells of had begun, or was over",
    Reason.REWORDED: "something changed while it was leaving: it is written anew",
    Reason.GONE: "the mail server put it off for days, or until it was of no use",
    Reason.POISON: "three workers died of this letter",
    Reason.RENDER: "the letter could not be written; the log says why",
    Reason.PLANNED_RESTART: "the restart was planned, and only faults are reported",
    Reason.SUPPRESSED: "a server said that nobody lives at this address",
    Reason.ERASED: "the person was taken out of everything",
    Reason.CLOCK: "the clocks cannot be trusted: it waits until somebody knows the time",
    Reason.NOBODY_ASKED: "no administrator asks for these mails",
}


def meaning(reason: str) -> str | None:
    """Say in plain words what a reason means; None for what a mail server said.

    A reason may go on in other words: `gave_up: 451 try again later`.
    """
    word = reason.partition(":")[0]
    return MEANINGS[Reason(word)] if word in set(Reason) else None
