"""Every broken file is noticed, by our own lint alone if need be; who else does is written down."""

import pytest

from notifier.core.calendars.defects import defects
from tests.judges.calendar_judges import CALENDAR_JUDGES
from tests.judges.mutants import COLUMNS, FIRST, GOOD, METHODS, MUTANTS, OURS, README, noticed_by

# Of these the versions are in our lock files, so what they see is the same everywhere. Another
# Debian may have a libical or a sabre that sees more.
PINNED = (OURS, "icalendar", "vobject", "ical.js", "node-ical")


@pytest.mark.parametrize("name", GOOD)
def test_the_lint_has_nothing_to_say_of_what_is_good(name: str) -> None:
    assert defects(GOOD[name], METHODS.get(name, "REQUEST")) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_the_lint_sees_by_itself_what_is_broken(name: str) -> None:
    mutant = MUTANTS[name]

    assert defects(mutant.content, mutant.method) != []


def test_there_are_as_many_as_were_thought_of() -> None:
    assert len(MUTANTS) >= 39
    assert len({mutant.content for mutant in MUTANTS.values()}) == len(MUTANTS)


def test_the_table_says_who_notices_what() -> None:
    head, _, *told = README.read_text(encoding="utf-8").partition(FIRST)[2].splitlines()
    names = [cell.strip() for cell in head.strip("| ").split("|")]
    assert tuple(names) == COLUMNS
    assert set(CALENDAR_JUDGES) <= set(COLUMNS)

    for line, (broken, mutant) in zip(told, MUTANTS.items(), strict=True):
        _, title, *cells, _ = (cell.strip() for cell in line.split("|"))
        said = {name for name, cell in zip(names, cells, strict=True) if cell}
        said &= {OURS, *CALENDAR_JUDGES}
        noticed = set(noticed_by(mutant))
        assert title == broken
        assert said & set(PINNED) == noticed & set(PINNED), broken
        assert said <= noticed, broken
