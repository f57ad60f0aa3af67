"""Looking over templates: what is worth telling their author, and what is not."""

from typing import Any

import msgspec
import pytest

from notifier.core.wording.lint import lint, lint_words, straightened
from notifier.core.wording.reading import Sources

SOUND = Sources(
    subject="Invitation: %conf_name",
    html="<h1>%conf_name</h1>",
    text="You are invited to %conf_name.",
    layout_html="<html><head><title>{{ subject }}</title></head><body>{{ content }}</body></html>",
    layout_text="{{ content }}\n",
)


def sources(**changes: Any) -> Sources:
    return msgspec.structs.replace(SOUND, **changes)


def test_a_sound_template_has_no_findings() -> None:
    assert lint(SOUND, "invitation") == []


def test_a_misspelt_name_is_found_with_the_nearest() -> None:
    (finding,) = lint(sources(text="x\n%conf_nmae"), "invitation")

    assert (finding.file, finding.line, finding.nearest) == ("body.txt", 2, "conf_name")
    assert not finding.breaks


@pytest.mark.parametrize("typed", ["%D0%BF", "50%", "100%off", "width:100%;", "%%conf_name"])
def test_a_plain_percent_sign_is_not_suspected(typed: str) -> None:
    assert lint(sources(text=typed), "invitation") == []


def test_a_name_of_another_kind_is_found() -> None:
    given = sources(subject="x", html="x", text="%start_time")

    (finding,) = lint(given, "missed_call")

    assert "no meaning in `missed_call`" in finding.message


def test_every_file_is_looked_at_although_one_is_broken() -> None:
    found = lint(sources(subject="{{", html="<p %conf_id>", text="{% x %}"), "invitation")

    assert {each.file for each in found if each.breaks} == {
        "subject.txt",
        "body.html",
        "body.txt",
    }


def test_a_time_without_if_is_found_where_rooms_are_told_of() -> None:
    (finding,) = lint(sources(text="at %start_time"), "invitation")

    assert "virtual room" in finding.message
    assert lint(sources(text="{% if start_time %}at %start_time{% endif %}"), "invitation") == []
    assert lint(sources(text="at %start_time"), "reminder") == []


def test_a_look_alike_letter_is_found_and_can_be_straightened() -> None:
    (finding,) = lint(sources(text="%сonf_name"), "invitation")

    assert "look-alike" in finding.message
    for sign in "%％﹪٪":
        assert straightened(f"{sign}сonf_name, слово") == "%conf_name, слово"


def test_a_look_alike_letter_inside_marks_can_be_straightened() -> None:
    typed = "{% if сonf_name %}{{ сonf_name|upper }}, слово {{ слово }}{% endif %}"

    assert straightened(typed) == typed.replace("сonf", "conf")


def test_a_misspelt_name_in_the_words_is_found_in_its_line() -> None:
    (finding,) = lint_words("# words\nwhen = When\ngreeting = Dear %usr_display_name\n")

    assert (finding.line, finding.nearest) == (3, "user_display_name")


def test_remote_content_is_found() -> None:
    (finding,) = lint(sources(html='<img src="https://x.example/logo.png" alt="x">'), "invitation")

    assert "blocked" in finding.message
