"""Whoever writes the letters is trusted with words, not with code, not with files, not with time.

The forms that are refused one by one: `tests/core/test_template.py`; where no value may stand:
`tests/core/test_markup.py`; broken files: `tests/faults/test_broken_templates.py`.
"""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.wording.lint import lint
from notifier.core.wording.reading import Sources
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.template import compile_template
from notifier.core.wording.variables import VARIABLES

LAYOUT: Final = '<html lang="{{ lang }}"><head></head><body>{{ content }}</body></html>'
FILLED: Final = dict.fromkeys(VARIABLES["invitation"], "x" * 100)

GIANTS: Final = {
    "a long number": "{{ " + "9" * 5000 + " }}",
    "a long number in hexadecimal": "{{ 0x" + "f" * 100_000 + " }}",
    "a long argument": "{{ conf_name|truncate(" + "9" * 5000 + ") }}",
    "a large argument": "{{ conf_name|truncate(1000000001) }}",
    "an endless number": "{{ 1e999 }}",
    "a chain of ands": "{{ " + " and ".join(["conf_name"] * 5000) + " }}",
    "a chain of filters": "{{ conf_name" + "|upper" * 3000 + " }}",
    "a chain of nots": "{{ " + "not " * 3000 + "1 }}",
    "a chain of elifs": "{% if conf_name %}" + "{% elif conf_name %}" * 3000 + "{% endif %}",
    "brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "a list": "{{ [" * 1000 + "]" * 1000 + " }}",
    "a power": "{{ 9**9**9 }}",
    "a shift of text": "{{ '%1000000000d'|format(1) }}",
    "a width": "{{ conf_name|center(1000000000) }}",
    "an indent": "{{ conf_name|indent(1000000000) }}",
    "a wrap": "{{ conf_name|wordwrap(1) }}",
    "a replacement": "{{ conf_name|replace('', conf_name) }}",
    "a name of a character": "{{ '\\N{no such name}' }}",
}


def sources(body: str) -> Sources:
    return Sources(
        subject=f"x {body}",
        html=f"<p>{body}</p>",
        text=f"x {body}",
        layout_html=LAYOUT,
        layout_text="{{ content }}",
    )


@pytest.mark.parametrize("body", GIANTS.values(), ids=GIANTS)
def test_a_giant_is_refused_before_it_grows(body: str) -> None:
    with pytest.raises(TemplateFault):
        compile_template(sources(body), "invitation", "en")

    assert any(each.breaks for each in lint(sources(body), "invitation"))


PIECES = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "{##", "##}", "{#", "|", ".", "[", "]", "(", ")", ",", ":", "="),
        *("if", "elif", "else", "endif", "for", "in", "set", "block", "include", "import", "raw"),
        *("macro", "call", "filter", "do", "self", "loop", "super", "range", "cycler", "namespace"),
        *("conf_name", "%conf_name", "%%conf_name", "content", "subject", "lang", "__class__"),
        *("safe", "attr", "map", "upper", "truncate", "default", "e", "is", "not", "and", "or"),
        *("'", '"', "\\", "\\x7d", "0", "9" * 30, "1e9", "*", "**", "~", "+", "-", "//", "%", "@"),
        *(
            "<p>",
            "</p>",
            "<a href='",
            "<style>",
            "<script>",
            "<!--",
            "-->",
            "\n",
            "\0",
            "'\\ud800'",
        ),
    ]
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join))
def test_any_pieces_are_a_letter_or_a_fault_that_is_told(body: str) -> None:
    try:
        template = compile_template(sources(body), "invitation", "en")
    except TemplateFault:
        return

    wording = template.render(FILLED)

    # No template makes much of little: each form prints a value at most once.
    most = (len(body) + 1) * 200 + 2_000
    assert len(wording.html) < most
    assert len(wording.text) < most
    assert "<script" not in wording.html.replace(body, "")


# ---- files ---------------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is none of the templates' business."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "body.txt").write_text("the secret key\n")
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "en" / "invitation").mkdir(parents=True)
    return folder


def text(own: Path) -> str:
    template, _language = Shelf(shipped_root(), own).template("invitation", ["en"])
    return template.render(FILLED).text


def test_a_link_to_a_file_elsewhere_is_not_read(own: Path, secret: Path) -> None:
    (own / "en" / "invitation" / "body.txt").symlink_to(secret / "body.txt")

    assert "secret" not in text(own)
    [fault] = Shelf(shipped_root(), own).faults()
    assert "leads out of the folder of the templates" in fault.message


def test_a_link_to_a_folder_elsewhere_is_not_followed(own: Path, secret: Path) -> None:
    (own / "en" / "invitation").rmdir()
    (own / "en" / "invitation").symlink_to(secret)

    assert "secret" not in text(own)


def test_a_language_that_lies_elsewhere_is_not_followed(own: Path, secret: Path) -> None:
    (secret / "invitation").mkdir()
    (secret / "body.txt").rename(secret / "invitation" / "body.txt")
    (own / "en" / "invitation").rmdir()
    (own / "en").rmdir()
    (own / "en").symlink_to(secret)

    assert "secret" not in text(own)


def test_a_link_within_the_folder_is_followed(own: Path) -> None:
    """As Kubernetes lays files out: `body.txt` leads to `..data/body.txt`."""
    (own / "..data").mkdir()
    (own / "..data" / "body.txt").write_text("Come to {{ conf_name }}.\n")
    (own / "en" / "invitation" / "body.txt").symlink_to(Path("../../..data/body.txt"))

    assert "Come to x" in text(own)


def test_the_folder_itself_may_be_a_link(own: Path, tmp_path: Path) -> None:
    (own / "en" / "invitation" / "body.txt").write_text("Come to {{ conf_name }}.\n")
    (tmp_path / "link").symlink_to(own)

    assert "Come to x" in text(tmp_path / "link")


def test_restoring_moves_nothing_from_elsewhere(own: Path, secret: Path) -> None:
    (own / "en" / "invitation").rmdir()
    (own / "en" / "invitation").symlink_to(secret)

    with pytest.raises(TemplateFault, match="leads out"):
        Shelf(shipped_root(), own).restore("invitation")

    assert (secret / "body.txt").exists()
    assert "secret" not in Shelf(shipped_root(), own).diff("invitation", "en")


def test_restoring_puts_nothing_elsewhere(own: Path, secret: Path) -> None:
    (own / "en" / "invitation" / "body.txt").write_text("mine\n")
    (secret / "en").mkdir()
    (own / ".backup").symlink_to(secret)

    with pytest.raises(TemplateFault, match="leads out"):
        Shelf(shipped_root(), own).restore("invitation")

    assert list((secret / "en").iterdir()) == []
