"""Claims about what becomes of a list of masks."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from notifier.core.federation.federation import Entry
from notifier.core.federation.list_changes import Listed, between, found, joined, replaced, without
from notifier.core.federation.mask_lists import parsed, written

OLD = date(2025, 1, 1)
TODAY = date(2026, 11, 26)


def entry(mask: str, comment: str = "", added: date | None = None) -> Entry:
    return Entry(mask=mask, comment=comment, added=added)


BOTH = [entry("a.example"), entry("b.example")]
BEFORE: Listed = ("a.example", entry("*.Exämple.com", "ours", OLD), "c.example")


def test_what_is_new_comes_behind_and_is_of_today() -> None:
    changed = joined(BEFORE, [entry("d.example", "theirs")], today=TODAY)

    assert changed.entries == (*BEFORE, entry("d.example", "theirs", TODAY))
    assert changed.added == (entry("d.example", "theirs", TODAY),)


def test_what_is_there_in_another_spelling_changes_nothing() -> None:
    changed = joined(BEFORE, [entry("*.xn--exmple-cua.COM."), entry("A.example")], today=TODAY)

    assert changed.entries == BEFORE
    assert changed.added == changed.altered == ()


def test_a_comment_takes_the_place_of_the_one_before_and_the_date_stays() -> None:
    changed = joined(BEFORE, [entry("*.exämple.com", "theirs")], today=TODAY)

    assert changed.entries[1] == entry("*.Exämple.com", "theirs", OLD)
    assert changed.altered == (entry("*.Exämple.com", "theirs", OLD),)


def test_a_date_that_is_given_takes_the_place_of_the_one_before() -> None:
    changed = joined(BEFORE, [entry("*.exämple.com", added=TODAY)], today=TODAY)

    assert changed.entries[1] == entry("*.Exämple.com", "ours", TODAY)


def test_what_is_given_twice_is_taken_once() -> None:
    changed = joined((), [entry("d.example", "first"), entry("D.example", "second")], today=TODAY)

    assert changed.entries == (entry("d.example", "first", TODAY),)
    assert changed.repeated == 1


def test_a_mask_that_is_there_twice_goes_twice() -> None:
    changed = without(("a.example", "b.example", entry("A.EXAMPLE", "again")), "a.example.")

    assert changed.entries == ("b.example",)
    assert changed.removed == (entry("a.example"), entry("A.EXAMPLE", "again"))


def test_an_entry_is_found_by_any_spelling_of_its_mask() -> None:
    assert found(BEFORE, "*.xn--exmple-cua.com") == entry("*.Exämple.com", "ours", OLD)
    assert found(BEFORE, "*.example.com") is None


def test_a_list_becomes_what_the_file_says_and_known_masks_keep_their_dates() -> None:
    file = [entry("d.example"), entry("*.exämple.com", "theirs"), entry("a.example", added=OLD)]

    changed = replaced(BEFORE, file, today=TODAY)

    assert changed.entries == (
        entry("d.example", added=TODAY),
        entry("*.exämple.com", "theirs", OLD),
        entry("a.example", added=OLD),
    )
    assert [each.mask for each in changed.added] == ["d.example"]
    assert [each.mask for each in changed.removed] == ["c.example"]
    assert [each.mask for each in changed.altered] == ["*.exämple.com", "a.example"]
    assert changed.reordered


def test_of_a_mask_that_was_there_twice_the_second_is_gone_when_a_file_has_one() -> None:
    changed = replaced(("a.example", "A.example", "b.example"), BOTH, today=TODAY)

    assert changed.entries == ("a.example", "b.example")
    assert changed.removed == (entry("A.example"),)


def test_what_comes_between_two_masks_changes_no_order() -> None:
    changed = between(("a.example", "c.example"), ("a.example", "b.example", "c.example"))

    assert not changed.reordered


entries = st.builds(
    entry,
    st.sampled_from(["a.example", "*.example", "v*.exämple.com", "c.example"]),
    st.text(max_size=9),
    st.none() | st.dates(),
)
lists = st.lists(entries, max_size=4, unique_by=lambda each: each.mask)


@given(lists)
def test_an_export_that_is_imported_is_the_list_as_it_was(listed: list[Entry]) -> None:
    before: Listed = tuple(each if each.comment or each.added else each.mask for each in listed)
    exported = written(before).encode()

    for changed in (
        replaced(before, parsed(exported), today=TODAY),
        joined(before, parsed(exported), today=TODAY),
    ):
        assert changed.entries == before
        assert changed.added == changed.removed == changed.altered == ()


@given(lists, lists)
def test_a_file_that_is_laid_over_a_list_loses_no_mask(
    before: list[Entry], file: list[Entry]
) -> None:
    changed = joined(tuple(before), file, today=TODAY)

    assert all(found(changed.entries, each.mask) for each in (*before, *file))
    assert changed.removed == ()
