"""Values for looking at a letter before there is anything to tell: one conference, one call."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from notifier.core.language.words import Reader
from notifier.core.times.schedule import Schedule
from notifier.core.wording.typed import typed_in
from notifier.core.wording.variables import TIMED, VARIABLES

_ZONE: Final = "Europe/Paris"
_START: Final = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)
_END: Final = datetime(2026, 12, 7, 15, 30, tzinfo=UTC)
_BEFORE: Final = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)
_CALL: Final = datetime(2026, 12, 7, 13, 5, tzinfo=UTC)
_SERIES: Final = Schedule(
    start=datetime(2026, 12, 7, 15, 0),  # noqa: DTZ001 - wall time, its zone stands beside it
    time_zone=_ZONE,
    duration=5400,
    recurrence="FREQ=WEEKLY;BYDAY=MO",
)

_ALIKE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "caller_call_id": "anna@conf.example.com",
        "recipient_email": "boris@example.org",
        "conf_id": r"\c\df0a2adebe",
        "conf_url": "https://conf.example.com/c/df0a2adebe",
        "conf_url_app_join": "https://conf.example.com/c/df0a2adebe#app=1",
        "conf_unique_link": "https://conf.example.com/c/df0a2adebe?p=5Yq0vTn2",
        "owner_email": "anna@example.com",
        "owner_mobile_phone": "+33 6 12 34 56 78",
        "owner_work_phone": "+33 1 23 45 67 80",
        "owner_home_phone": "+33 1 23 45 67 81",
        "owner_sip_number": "4711",
        "time_zone": _ZONE,
        "server_name": "Example Conferences",
        "server_url": "https://conf.example.com",
        "admin_name": "Chris Moreau",
        "admin_email": "admin@example.com",
        "admin_phone": "+33 1 23 45 67 89",
        "restart_reason": "internal error",
        "restart_details": "core-eu-1: out of memory in the mixer\nincident 2026-12-07/1",
    }
)

# Only these people have a link of their own.
_PERSONAL: Final = frozenset({"registration"})


def sample_variables(kind: str, language: str, *, room: bool = False) -> dict[str, str]:
    """Give a value for each variable of `kind`, times and words in `language`.

    With `room`, those of a virtual room, which has no date and time.
    """
    empty = TIMED if room else frozenset()
    if kind not in _PERSONAL:
        empty |= {"conf_unique_link"}
    said = {**_ALIKE, **typed_in(language), **_times(language)}
    return {name: "" if name in empty else said[name] for name in VARIABLES[kind]}


def _times(language: str) -> dict[str, str]:
    reader = Reader(language=language, zone=_ZONE)
    return {
        "start_time": reader.when(_START),
        "end_time": reader.end(_START, _END),
        "duration": reader.duration(_SERIES.duration),
        "recurrence": reader.recurrence(_SERIES),
        "clock_change": reader.clock_change(_SERIES, after=_CALL),
        "left_out_days": reader.left_out(_SERIES, after=_CALL),
        "moved_days": reader.moved(_SERIES, after=_CALL),
        "previous_start_time": reader.when(_BEFORE),
        "previous_recurrence": "",
        "time_left": reader.time_left(15),
        "missed_call_time": reader.when(_CALL),
        "restart_time": reader.when(_CALL),
    }
