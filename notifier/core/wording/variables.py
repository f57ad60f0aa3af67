"""The %variables that templates may print: their names, what each holds, and in which kinds."""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from string import ascii_lowercase
from types import MappingProxyType
from typing import Final


class Sort(StrEnum):
    """What a value is, which decides how it is cleaned and how HTML shows it."""

    # Typed by a person on one line: cleaned of controls, isolated from the text around it.
    NAME = "name"
    # Addresses, numbers and IDs: as NAME, and written left to right in every language.
    CODE = "code"
    # Times and words that we made ourselves, in the reader's language.
    WORDS = "words"
    # Typed by a person, over several lines.
    PROSE = "prose"


SORTS: Final[Mapping[str, Sort]] = MappingProxyType(
    {
        "caller_display_name": Sort.NAME,
        "caller_call_id": Sort.CODE,
        "recipient_display_name": Sort.NAME,
        "recipient_email": Sort.CODE,
        "missed_call_time": Sort.WORDS,
        "conf_name": Sort.NAME,
        "conf_id": Sort.CODE,
        "conf_description": Sort.PROSE,
        "conf_url": Sort.CODE,
        "conf_url_app_join": Sort.CODE,
        "conf_unique_link": Sort.CODE,
        "owner_name": Sort.NAME,
        "owner_email": Sort.CODE,
        "owner_mobile_phone": Sort.CODE,
        "owner_work_phone": Sort.CODE,
        "owner_home_phone": Sort.CODE,
        "owner_sip_number": Sort.CODE,
        "user_display_name": Sort.NAME,
        "start_time": Sort.WORDS,
        "end_time": Sort.WORDS,
        "duration": Sort.WORDS,
        "time_zone": Sort.WORDS,
        "recurrence": Sort.WORDS,
        "clock_change": Sort.WORDS,
        "left_out_days": Sort.WORDS,
        "moved_days": Sort.WORDS,
        "previous_start_time": Sort.WORDS,
        "previous_recurrence": Sort.WORDS,
        "time_left": Sort.WORDS,
        "server_name": Sort.NAME,
        "server_url": Sort.CODE,
        "admin_name": Sort.NAME,
        "admin_email": Sort.CODE,
        "admin_phone": Sort.CODE,
        "restart_time": Sort.WORDS,
        "restart_reason": Sort.WORDS,
        "restart_details": Sort.PROSE,
    }
)

ALL_NAMES: Final = frozenset(SORTS)

# What differs between two people who hear of the same thing in one language and one zone.
PERSONAL: Final = frozenset(
    {"conf_unique_link", "recipient_display_name", "recipient_email", "user_display_name"}
)

# What people click on.
LINKS: Final = frozenset({"conf_url", "conf_url_app_join", "conf_unique_link", "server_url"})

# R25: the administrator can be named in every template, whether or not restart mails are on.
_EVERYWHERE: Final = frozenset(
    {"admin_name", "admin_email", "admin_phone", "server_name", "server_url"}
)
_CALL: Final = _EVERYWHERE | {
    "caller_display_name",
    "caller_call_id",
    "recipient_display_name",
    "missed_call_time",
}
# `conf_unique_link` is empty for people who have none, so every later mail may offer it (R10).
_CONFERENCE: Final = _EVERYWHERE | {
    "conf_name",
    "conf_id",
    "conf_description",
    "conf_url",
    "conf_url_app_join",
    "conf_unique_link",
    "owner_name",
    "owner_email",
    "owner_mobile_phone",
    "owner_work_phone",
    "owner_home_phone",
    "owner_sip_number",
    "user_display_name",
    "start_time",
    "end_time",
    "duration",
    "time_zone",
    "recurrence",
    "clock_change",
    "left_out_days",
    "moved_days",
}

# The keys are the nine kinds as they are written in events, folders and settings.
VARIABLES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "missed_call": _CALL,
        "missed_call_unregistered": _CALL | {"recipient_email"},
        "invitation": _CONFERENCE,
        "registration": _CONFERENCE,
        "reminder": _CONFERENCE | {"time_left"},
        "reschedule": _CONFERENCE | {"previous_start_time", "previous_recurrence"},
        "cancellation": _CONFERENCE,
        "removal": _CONFERENCE,
        "server_restart": _EVERYWHERE | {"restart_time", "restart_reason", "restart_details"},
    }
)

KINDS: Final = tuple(VARIABLES)

# Empty for a virtual room, which has no date and time (R8).
TIMED: Final = frozenset(
    {"start_time", "end_time", "duration", "time_zone"}
    | {"recurrence", "clock_change", "left_out_days", "moved_days"}
)

# Kinds that are also told about virtual rooms.
ROOM_KINDS: Final = frozenset({"invitation", "registration", "removal"})

# The public documentation itself spells `caller_call_id` with a Cyrillic letter, which no eye can
# tell (R34). What keyboards and input methods put in the place of a Latin letter is its twin:
#
#   Cyrillic     а с ԁ е һ і ј о р ԛ ѕ ѵ ԝ х у ү   no eye can tell
#   Greek        α γ ι κ ν ο ρ υ χ                 few eyes can tell
#   dotless i    ı                                 on the key of i, on Turkish keyboards
#   full width   ａ … ｚ ＿                        what an input method types for Latin letters
#
# Left out: what resembles a letter in capitals only (в, к, м, н, т) or in handwriting (г, и), and
# scripts that nobody types beside Latin (Armenian, Cherokee, mathematical letters).
_TWINS: Final = MappingProxyType(
    {
        "a": "аα",
        "c": "с",
        "d": "ԁ",
        "e": "е",
        "h": "һ",
        "i": "іιı",
        "j": "ј",
        "k": "κ",
        "o": "оο",
        "p": "рρ",
        "q": "ԛ",
        "s": "ѕ",
        "u": "υ",
        "v": "ѵν",
        "w": "ԝ",
        "x": "хχ",
        "y": "уүγ",
    }
)
# What Unicode calls the full-width form of a character is this much further on.
_WIDE: Final = 0xFEE0
_ALIKE: Final = MappingProxyType(
    {
        letter: letter + _TWINS.get(letter, "") + chr(ord(letter) + _WIDE)
        for letter in f"{ascii_lowercase}_"
    }
)
_TO_LATIN: Final = str.maketrans(
    {twin: letter for letter, alike in _ALIKE.items() for twin in alike[1:]}
)

# difflib's ratio from which a misspelt name is worth a suggestion; 0.6, its own default, pairs
# `conf_date` with `conf_url`.
_CLOSE: Final = 0.7


def straighten(name: str) -> str:
    """Give `name` with every look-alike letter replaced by the Latin one."""
    return name.translate(_TO_LATIN)


def look_alikes(letter: str) -> str:
    """Give the characters which readers take for `letter`, itself first."""
    return _ALIKE.get(letter, letter)


def nearest(name: str, among: Iterable[str]) -> str | None:
    """Give the known name that `name` was probably meant to be, or None."""
    close = difflib.get_close_matches(straighten(name).lower(), sorted(among), 1, _CLOSE)
    return close[0] if close else None
