"""What people typed, without what nobody can see."""

from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.cleaning import clean_prose

# What goes a way of its own: blanks at the ends of lines, empty lines, a blank that is no space.
TYPED = st.text("ab \n\u00a0\t\r\u2028é", max_size=30)


@given(TYPED)
@example("One. \nTwo.")
@example("One.\n\n\n\nTwo.")
@example(" \n \n \n ")
def test_prose_is_the_same_with_and_without_what_nobody_can_see(typed: str) -> None:
    assert clean_prose(typed) == clean_prose(f"\u200b{typed}\u200b")


@given(TYPED)
@example("One. \nTwo.")
@example("One.\n\n\n\nTwo.")
def test_prose_has_one_empty_line_between_paragraphs_and_no_blank_behind_a_line(typed: str) -> None:
    lines = clean_prose(typed).split("\n")

    assert all(line == line.rstrip() for line in lines)
    assert "\n\n\n" not in clean_prose(typed)
