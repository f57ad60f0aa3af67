"""Claims about the samples: whole letters of every kind, before there is anything to tell."""

from email import message_from_bytes, policy
from itertools import product

import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.calendars.defects import defects
from notifier.core.letters import METHODS
from notifier.core.mime import Draft, as_bytes
from notifier.core.notice import Kind
from notifier.samples import Shape, hostile, sample

SHELF = Shelf(shipped_root())


def letter(kind: Kind, *, language: str = "en", shape: Shape = Shape.ONCE, zone: str) -> Draft:
    template, _ = SHELF.template(kind, [language])
    return sample(kind, language, shape=shape, zone=zone).letter(template)


@pytest.mark.parametrize(("kind", "shape"), list(product(Kind, Shape)))
def test_a_sample_has_the_calendar_entry_of_its_kind_and_shape(kind: Kind, shape: Shape) -> None:
    drafted = letter(kind, shape=shape, zone="Europe/Paris")

    only_planned = kind in {Kind.RESCHEDULE, Kind.CANCELLATION}
    carries = kind in METHODS and (shape is not Shape.ROOM or only_planned)
    assert (drafted.calendar is not None) is carries
    if drafted.calendar:
        assert defects(drafted.calendar, METHODS[kind]) == []


def test_a_reminder_is_written_a_quarter_of_an_hour_before_the_start() -> None:
    drafted = letter(Kind.REMINDER, zone="Europe/Paris")

    assert dict(drafted.headers)["Subject"] == "Quarterly review starts in 15 minutes"


def test_a_series_tells_a_far_reader_when_the_clocks_part() -> None:
    drafted = letter(Kind.INVITATION, shape=Shape.SERIES, zone="America/New_York")

    assert "9:00 AM (America/New_York, UTC-05:00); 3:00 PM (Europe/Paris" in drafted.text
    assert "The clocks change: for you it starts at 10:00 AM from March 15, 2027" in drafted.text


def test_people_and_names_are_those_of_the_language() -> None:
    drafted = letter(Kind.INVITATION, language="fr", zone="Europe/Paris")

    assert "Revue trimestrielle" in drafted.text
    assert "Bonjour Boris Petit" in drafted.text


@pytest.mark.parametrize(("kind", "shape"), list(product(Kind, Shape)))
def test_hostile_names_break_no_letter(kind: Kind, shape: Shape) -> None:
    template, _ = SHELF.template(kind, ["en"])

    drafted = hostile(sample(kind, "en", shape=shape)).letter(template)

    mail = message_from_bytes(as_bytes(drafted), policy=policy.default)
    assert not mail.defects
    assert (mail["Bcc"], mail["X-Evil"]) == (None, None)
    assert "<script" not in drafted.html
    assert 'href="javascript' not in drafted.html
    assert "\u202e" not in drafted.text + drafted.html
    if drafted.calendar:
        assert defects(drafted.calendar, METHODS[kind]) == []
