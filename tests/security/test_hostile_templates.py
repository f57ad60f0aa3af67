"""Whoever writes the letters is trusted with words, not with code, not with files, not with time.

The forms that are refused one by one: `tests/core/test_template.py`; where no value may stand:
`tests/core/test_markup.py`; broken files: `tests/faults/test_broken_templates.py`.
"""

import re
import time
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.cleaning import clean_line, clean_prose
from notifier.core.wording.escaping import safe_link
from notifier.core.wording.lint import lint, straightened
from notifier.core.wording.markup import Place, after, use
from notifier.core.wording.reading import Sources
from notifier.core.wording.syntax import TemplateFault
from notifier.core.wording.template import Wording, compile_template
from notifier.core.wording.variables import ALL_NAMES, VARIABLES, nearest

LAYOUT: Final = '<html lang="{{ lang }}"><head></head><body>{{ content }}</body></html>'
FILLED: Final = dict.fromkeys(VARIABLES["invitation"], "x" * 92 + "<script>")

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


def heavy(piece: str, size: int) -> str:
    return piece * (size // len(piece))


def outcome(given: Sources) -> Wording | TemplateFault:
    """Give the letter that is made of `given`, or why none is; anything else is a defect."""
    try:
        return compile_template(given, "invitation", "en").render(FILLED)
    except TemplateFault as fault:
        return fault


LINE_ENDS: Final = re.compile("\r\n?|\n")
CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# What took minutes, or the process with it, before it was bounded; each as body and as text.
HEAVY: Final = {
    "conditions": heavy("{% if conf_name %}{% endif %}", 500_000),
    "as many as are read": heavy("{% if conf_name %}{% endif %}", 199_000),
    "values": heavy("{{ conf_name }}", 190_000),
    "names": heavy("%conf_name", 190_000),
    "filters": heavy("{{ conf_name|upper }}", 41_000),
    "unknown names": heavy("%conf_nam_x", 80_000),
    "signs": heavy("%", 199_000),
    "pieces": heavy("{{ details }}", 40_000),
    "words": heavy("{{ when }}", 40_000),
    "tags in tags": heavy("<div>", 85_000),
    "tags beside tags": heavy("<i></i>", 85_000),
    "tags across tags": heavy("<p><b></p>", 85_000),
    "values of one link": f"<a href='{'a' * 50_000}{heavy('%conf_url', 9_000)}'>x</a>",
    "attributes": f"<p{heavy(' a', 80_000)}>",
    "conditions of Outlook": heavy("<!--[if ]>", 85_000) + "-->",
    "what is no tag": heavy("<a ", 85_000) + ">",
    "marks of our own": heavy("\ue0001\ue001", 80_000),
    "megabytes": heavy("x", 5_000_000),
}
# Two seconds is what one letter may cost at most, on a machine as slow as this (calendar §4).
PATIENCE_SECONDS: Final = 10


@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_no_template_keeps_the_process_busy(body: str) -> None:
    pieces = "{{ when }}{% if start_time %}%start_time{% endif %}\n" * 10
    given = msgspec.structs.replace(
        sources(body),
        text=None if "<" in body else body,
        partials_html={"details": pieces},
        partials_text={"details": pieces},
        words={"when": "When"},
    )
    begun = time.process_time()

    outcome(given)

    assert time.process_time() - begun < PATIENCE_SECONDS


def test_rules_for_many_tags_are_left_in_the_head() -> None:
    rules = "".join(f"i{{a{number}:b}}" for number in range(2_000))
    layout = f"<html><head><style>{rules}</style></head><body>{{{{ content }}}}</body></html>"
    given = msgspec.structs.replace(sources(heavy("<i></i>", 40_000)), layout_html=layout)

    template = compile_template(given, "invitation", "en")

    assert not template.inlined
    assert len(template.render(FILLED).html) < 100_000


# What our own expressions might stumble over, many times; one that goes back takes minutes.
STUMBLES: Final = [
    *(
        "%",
        "%conf_url_app_joi",
        "％ｃｏｎｆ＿",
        "%conf_nameа",
        "<",
        "</",
        "<!--[if",
        "<a ",
        "<a b=",
    ),
    *("<style>", " ", "\n", " \n", "\r", "a", "a:", "&", "\u202e", "\0", "=", '"', "src=", "<a<"),
]


@pytest.mark.parametrize("piece", STUMBLES)
def test_no_expression_of_ours_goes_back_over_what_it_read(piece: str) -> None:
    text = heavy(piece, 300_000)
    begun = time.process_time()

    clean_line(text)
    clean_prose(text)
    safe_link(text)
    after(Place(), text)
    after(Place(), f"<a {text}")
    use(after(Place(), f'<a href="{text}'))
    straightened(text)
    nearest(text, ALL_NAMES)

    assert time.process_time() - begun < PATIENCE_SECONDS


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
            "<![",
            "<!--[if mso]>",
            "<![endif]-->",
            "<table>",
            '<a href="',
            '">',
            "％ｃonf_nаme",
            "details",
            "when",
            "\n",
            "\0",
            "'\\ud800'",
        ),
    ]
)


@settings(max_examples=300)
@given(st.text(max_size=200) | st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join))
def test_any_text_is_a_letter_or_a_fault_with_its_place(text: str) -> None:
    for field, file in (("subject", "subject.txt"), ("html", "body.html"), ("text", "body.txt")):
        given = msgspec.structs.replace(sources("x"), **{field: text})
        found = outcome(given)
        if isinstance(found, TemplateFault):
            assert found.file == file
            assert 1 <= found.line <= len(LINE_ENDS.findall(text)) + 1
        else:
            assert not CONTROLS.search(found.subject)
            assert found.html.encode("utf-8", "replace")


@settings(max_examples=200)
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join))
@example("<![ <script>")  # the inliner makes a comment of it
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
    # Scripts are the administrator's own, if any: no value brings one.
    assert wording.html.count("<script") <= body.count("<script")


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
