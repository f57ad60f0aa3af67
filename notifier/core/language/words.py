"""Says times, durations and series in the language of the reader and in the reader's zone.

All words are plain text for a mail. Blanks that must not break are U+00A0 (CLDR would put U+202F
before PM, which many mail fonts lack); in languages written from right to left the label of a zone
stands between U+2066 and U+2069, so that it is not torn apart.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

import msgspec
from babel import Locale
from babel.dates import format_timedelta
from babel.lists import format_list

from notifier.core.language.dates import (
    HARD_BLANKS,
    moment_words,
    offset_words,
    time_words,
    zone_label,
)
from notifier.core.language.departures import left_out_days, moved_days
from notifier.core.language.languages import locale_of
from notifier.core.language.series import clock_change_words, series_words
from notifier.core.times.partings import partings
from notifier.core.times.schedule import Schedule
from notifier.core.times.zones import to_local

# format_timedelta rounds up to the next unit from this share of it on; we never want that.
NEVER: Final = 1e9
# Up to here plain minutes are easier to grasp than hours and minutes (calendar.md §5: "in 90
# minutes"); a day that is three minutes short is not "in 1437 minutes".
PLAIN_MINUTES: Final = 180
A_DAY: Final = 24 * 60  # minutes
# CLDR has no pattern for "1 hour 30 minutes" that Babel can use in all languages.
BETWEEN_UNITS: Final = {"ar": " و", "he": " ו", "zh": ""}
# A hyphen (maqaf) stands between this Hebrew 'and' and a digit.
AND_DIGIT: Final = re.compile(r" ו(?=\d)")
# These say "1 hour and 30 minutes", as every list.
LISTED_UNITS: Final = frozenset({"es", "it", "nl", "pt"})
# CLDR says "1 day" (1 יום), where people say "a day".
SINGLE: Final = {"he": {"day": "יום", "hour": "שעה", "minute": "דקה", "second": "שנייה"}}
# CLDR says "in day 1" (בעוד יום 1); 24 hours ahead is tomorrow if that is the next date, else "in
# a day and a night".
TOMORROW: Final = {"he": ("מחר", "בעוד יממה")}
# The preposition before several units that are still to come, where it stands alone, and what it
# makes of Arabic duals.
PREPOSITION: Final = {"ar": "خلال ", "he": "בעוד "}
OBLIQUE: Final = {"يومان": "يومين", "ساعتان": "ساعتين", "دقيقتان": "دقيقتين"}
# Between the times of two zones, where it is no semicolon and blank.
BETWEEN_ZONES: Final = (
    dict.fromkeys(("ar", "fa", "ur"), "؛ ") | {"zh": "；", "ja": "／"} | {"fr": "\u00a0; "}
)
BEFORE_NUMBER: Final = re.compile(r"\D+(?=\d)")
# Phrases that are remembered: those who hear of one notice share a few languages and zones, and
# Babel takes 20–100 µs over each phrase.
KEPT: Final = 1024


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who reads: a language (BCP 47), their zone, and the zone of the server (IANA)."""

    language: str
    zone: str
    server_zone: str | None = None

    def when(self, instant: datetime) -> str:
        return when(instant, self.language, self.zone, self.server_zone)

    def end(self, start: datetime, end: datetime) -> str:
        return end_words(start, end, self.language, self.zone)

    def duration(self, seconds: int) -> str:
        return duration(seconds, self.language)

    def time_left(self, minutes: int, *, start: datetime | None = None) -> str:
        """Say how long it is until `start`, which tells whether a day ahead is tomorrow."""
        return time_left(minutes, self.language, tomorrow=self._tomorrow(minutes, start))

    def _tomorrow(self, minutes: int, start: datetime | None) -> bool:
        """A day ahead is another date than tomorrow when the clocks change at midnight."""
        if start is None or minutes != A_DAY:  # two looks at a zone take 10 µs in every letter
            return True
        said = to_local(start - timedelta(minutes=minutes), self.zone).date()
        return to_local(start, self.zone).date() == said + timedelta(days=1)

    def recurrence(self, schedule: Schedule) -> str:
        return recurrence(schedule, self.language)

    def left_out(self, schedule: Schedule, *, after: datetime) -> str:
        return left_out_days(schedule, self.language, self.zone, after)

    def moved(self, schedule: Schedule, *, after: datetime) -> str:
        return moved_days(schedule, self.language, self.zone, after)

    def clock_change(self, schedule: Schedule, *, after: datetime) -> str:
        return clock_change(schedule, self.language, self.zone, after)


@lru_cache(maxsize=KEPT)
def when(instant: datetime, language: str, zone: str, server_zone: str | None = None) -> str:
    """'Friday, November 27, 2026, 3:00 PM (Europe/Paris, UTC+01:00)', of an aware instant.

    Where the clocks of the server show another time, that follows after a semicolon (R36).
    """
    label = zone_label(instant, zone, locale_of(language))
    said = f"{_date_and_time(instant, language, zone)} ({label})"
    if server_zone is None or offset_words(instant, zone) == offset_words(instant, server_zone):
        return said
    server = end_words(instant, instant, language, server_zone, shown_in=zone)
    return said + BETWEEN_ZONES.get(locale_of(language).language, "; ") + server


@lru_cache(maxsize=KEPT)
def end_words(
    start: datetime, end: datetime, language: str, zone: str, *, shown_in: str | None = None
) -> str:
    """The end with its zone; without the date if that is the date shown for the start.

    `shown_in` is the zone in which the start was shown, if not the same.
    """
    local = to_local(end, zone)
    same_day = local.date() == to_local(start, shown_in or zone).date()
    clock = time_words(local, locale_of(language))
    said = clock if same_day else _date_and_time(end, language, zone)
    return f"{said} ({zone_label(end, zone, locale_of(language))})"


@lru_cache(maxsize=KEPT)
def duration(seconds: int, language: str) -> str:
    """'1 hour 30 minutes'; exact, nothing is rounded."""
    locale = locale_of(language)
    said = [_units(count, unit, locale) for unit, count in _counts(seconds).items()]
    return _joined(said, locale) or _units(0, "minute", locale)


@lru_cache(maxsize=KEPT)
def time_left(minutes: int, language: str, *, tomorrow: bool = True) -> str:
    """'in 90 minutes', 'in 25 hours', 'in 1 day', 'in 23 hours 57 minutes': exact, at least 1.

    `tomorrow` tells whether a day ahead is the next date.
    """
    minutes = max(1, minutes)
    locale = locale_of(language)
    if minutes == A_DAY and locale.language in TOMORROW:
        return TOMORROW[locale.language][not tomorrow]
    if minutes % A_DAY == 0:
        return _ahead(minutes // A_DAY, "day", locale)
    if minutes % 60 == 0:
        return _ahead(minutes // 60, "hour", locale)
    in_minutes = _ahead(minutes, "minute", locale)
    if minutes <= PLAIN_MINUTES:
        return in_minutes
    return _in_several_units(minutes, locale) or in_minutes


@lru_cache(maxsize=KEPT)
def recurrence(schedule: Schedule, language: str) -> str:
    """'every Monday at 3:00 PM until March 3, 2027 (Europe/Paris)', in the zone of the series.

    Empty for a single conference.
    """
    return series_words(schedule, locale_of(language)).translate(HARD_BLANKS)


@lru_cache(maxsize=KEPT)
def clock_change(schedule: Schedule, language: str, zone: str, after: datetime) -> str:
    """'The clocks change: for you it starts at 10:00 AM from March 15, 2027 and …'.

    Of the next two times that the clocks in `zone` and those of the series part, or come together
    again, within a year from the first occurrence later than `after`. Empty where they never do,
    and for a single conference.
    """
    locale = locale_of(language)
    parted = islice(partings(schedule, zone, after=after), 2)
    return clock_change_words([to_local(each.start, zone) for each in parted], locale).translate(
        HARD_BLANKS
    )


def _date_and_time(instant: datetime, language: str, zone: str) -> str:
    locale = locale_of(language)
    local = to_local(instant, zone)
    return moment_words(local, "full", locale)


def _counts(seconds: int) -> dict[str, int]:
    """{'day': 1, 'minute': 1}: how many of each unit, without those of which there are none."""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    counts = {"day": days, "hour": hours, "minute": minutes, "second": left}
    return {unit: count for unit, count in counts.items() if count}


def _units(count: int, unit: str, locale: Locale) -> str:
    if count == 1 and locale.language in SINGLE:
        return SINGLE[locale.language][unit]
    return _timedelta(count, unit, locale, ahead=False)


def _joined(said: list[str], locale: Locale) -> str:
    """'1 hour 30 minutes', '1 hora y 30 minutos'."""
    if locale.language in LISTED_UNITS:
        return format_list(said, locale=locale)
    listed = BETWEEN_UNITS.get(locale.language, " ").join(said)
    return AND_DIGIT.sub(" ו־", listed)


def _ahead(count: int, unit: str, locale: Locale) -> str:
    return _timedelta(count, unit, locale, ahead=True)


def _timedelta(count: int, unit: str, locale: Locale, *, ahead: bool) -> str:
    said = format_timedelta(
        timedelta(**{f"{unit}s": count}),
        granularity=unit,  # type: ignore[arg-type] # one of Babel's own names
        threshold=NEVER,
        add_direction=ahead,
        locale=locale,
    )
    return said.translate(HARD_BLANKS)


def _in_several_units(minutes: int, locale: Locale) -> str | None:
    """'in 23 hours 57 minutes', where a phrase of the language can take more than one unit."""
    if locale.language in PREPOSITION:
        return PREPOSITION[locale.language] + _oblique(duration(minutes * 60, locale.language))
    counts = _counts(minutes * 60)
    ahead = [_ahead(count, unit, locale) for unit, count in counts.items()]
    bare = [_units(count, unit, locale) for unit, count in counts.items()]
    frames = {phrase.replace(units, "{}") for phrase, units in zip(ahead, bare, strict=True)}
    if len(frames) == 1:
        return frames.pop().replace("{}", duration(minutes * 60, locale.language))
    return _each_inflected(ahead) or _last_inflected(minutes, locale)


def _oblique(said: str) -> str:
    for nominative, oblique in OBLIQUE.items():
        said = said.replace(nominative, oblique)
    return said


def _each_inflected(ahead: Sequence[str]) -> str | None:
    """'через 1 день 1 минуту': after the preposition that all share, each in its own case."""
    heads = {match[0] if (match := BEFORE_NUMBER.match(each)) else "" for each in ahead}
    ends = {phrase.split()[-1] for phrase in ahead}
    head = heads.pop()
    if heads or not head or len(ends) < len(ahead):
        return None
    return head + " ".join(phrase.removeprefix(head) for phrase in ahead)


def _last_inflected(minutes: int, locale: Locale) -> str | None:
    """'1 күн 1 минуттан кейін': where what follows changes the last unit alone."""
    bare = _units(minutes, "minute", locale)
    phrase = _ahead(minutes, "minute", locale)
    hours = minutes // 60
    same_form = _ahead(hours, "hour", locale) == phrase.replace(bare, _units(hours, "hour", locale))
    if bare not in phrase or not same_form:
        return None
    return phrase.replace(bare, duration(minutes * 60, locale.language))
