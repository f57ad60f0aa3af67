"""Every letter in every language, before every judge: there is nothing to say about any.

All letters of a judge are one test, for what costs is asking and not reporting; what a judge says
is told with the letter of which it says it.
"""

from collections.abc import Callable, Iterable

import pytest

from notifier.core.calendars.defects import defects
from notifier.core.mime import as_message
from notifier.core.notice import Kind
from notifier.samples import Shape
from tests.judges import html_validate, mblaze, ripmime, spam_assassin
from tests.judges.calendar_judges import CALENDAR_JUDGES, Judge
from tests.judges.letters import LANGUAGES, Specimen, parts, specimens

UNPACKERS: dict[str, Judge] = {"mblaze": mblaze.findings, "ripmime": ripmime.findings}


def said(judge: Callable[[Specimen], list[str]], letters: Iterable[Specimen]) -> dict[str, object]:
    """Give what a judge says of letters, by their names; nothing of those that are good."""
    found = ((str(each), judge(each)) for each in letters)
    return {name: findings for name, findings in found if findings}


def with_entry() -> list[Specimen]:
    """Give the letters whose entries are worth a look: a language changes no more than their texts.

    So each kind and shape in one language, and invitations in all of them.
    """
    return [
        each
        for each in specimens()
        if each.draft.calendar and (each.language == "en" or each.kind is Kind.INVITATION)
    ]


def to_be_weighed() -> list[Specimen]:
    """Give the letters that SpamAssassin weighs: words weigh, and all have theirs when held once.

    The words of series and rooms are weighed in one language.
    """
    return [each for each in specimens() if each.language == "en" or each.shape is Shape.ONCE]


def test_the_matrix_is_whole() -> None:
    cells = {(each.kind, each.language) for each in specimens()}

    assert cells == {(kind, language) for kind in Kind for language in LANGUAGES}
    assert len(LANGUAGES) >= 2


@pytest.mark.parametrize("name", UNPACKERS)
def test_every_mail_is_unpacked_as_it_was_meant(name: str) -> None:
    assert said(lambda each: UNPACKERS[name](each.mail), specimens()) == {}


def test_no_letter_looks_like_spam() -> None:
    assert said(lambda each: spam_assassin.findings(each.mail), to_be_weighed()) == {}


def test_nothing_is_said_of_any_html() -> None:
    assert said(lambda each: html_validate.findings(each.html), specimens()) == {}


@pytest.mark.parametrize("name", CALENDAR_JUDGES)
def test_nothing_is_said_of_any_calendar_entry(name: str) -> None:
    judge = CALENDAR_JUDGES[name]

    assert said(lambda each: judge(entries(each)[0]), with_entry()) == {}


def test_our_own_lint_is_silent_too() -> None:
    assert said(lambda each: defects(entries(each)[0], each.draft.method), with_entry()) == {}


def entries(letter: Specimen) -> list[bytes]:
    """Give the entries as they are after the journey."""
    return parts(letter.mail, "text/calendar")


def test_the_entry_arrives_in_both_places_as_it_was_built() -> None:
    """By three readers: the standard library, mblaze and ripmime."""
    different = [
        str(each)
        for each in with_entry()
        if {
            *parts(each.mail, "text/calendar"),
            *parts(each.mail, "application/ics"),
            *mblaze.entries(each.mail),
            *ripmime.entries(each.mail),
        }
        != {each.draft.calendar}
    ]

    assert different == []


def test_only_what_changes_a_calendar_carries_an_entry() -> None:
    """Calendar §1.3: reminders, calls, restarts and whatever has no time carry none."""
    carrying = {(each.kind, each.shape) for each in with_entry()}

    kinds = {"invitation", "registration", "reschedule", "cancellation", "removal"}
    assert carrying == {
        (Kind(kind), shape) for kind in kinds for shape in (Shape.ONCE, Shape.SERIES)
    }


def test_the_entry_s_method_is_that_of_its_part() -> None:
    wrong = [
        str(each)
        for each in with_entry()
        if f'method="{each.draft.method}"; component="VEVENT"'.encode() not in each.mail
        or f"METHOD:{each.draft.method}\r\n".encode() not in entries(each)[0]
    ]

    assert wrong == []


def test_the_library_would_have_written_the_same_tree() -> None:
    """Mblaze says of the standard library's own mail what it says of ours."""
    letter = with_entry()[0]

    assert mblaze.findings(as_message(letter.draft).as_bytes()) == []
