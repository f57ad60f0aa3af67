"""Why somebody was not told: one word each, as `deliveries list` shows them (R27)."""

from enum import StrEnum


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
