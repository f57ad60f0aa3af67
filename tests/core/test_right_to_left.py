"""Letters in Arabic and Hebrew, and names from there in letters of others: which way things run."""

import re
import unicodedata
from html.parser import HTMLParser

import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.notice import Kind
from notifier.core.wording.template import Wording
from notifier.core.wording.variables import KINDS, VARIABLES
from notifier.samples import Shape, sample

RIGHT_TO_LEFT = ("ar", "he")
LATIN = "Quarterly review (Q3)!"
ARABIC = "المراجعة الفصلية (3)"
LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(shipped_root())


def letter(shelf: Shelf, kind: str, language: str, **values: str) -> Wording:
    template, _ = shelf.template(kind, [language])
    held = sample(Kind(kind), language, shape=Shape.SERIES).variables()
    return template.render(held | values)


class Isolated(HTMLParser):
    """Keeps the text that stands inside `<bdi>`, with its `dir`, and the text that does not."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[tuple[str, str | None]] = []
        self.outside = ""
        self._open: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "bdi":
            self._open.append(dict(attrs).get("dir"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "bdi":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside.append((data, self._open[-1]))
        else:
            self.outside += data


def shown(html: str) -> Isolated:
    return Isolated(html.partition("<body")[2].partition(">")[2])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_nothing_latin_stands_unisolated_in_a_letter(
    shelf: Shelf, kind: str, language: str
) -> None:
    latin = {"conf_name": LATIN, "owner_name": "Anna (42)", "caller_display_name": "3rd floor"}
    known = VARIABLES[kind]

    said = letter(shelf, kind, language, **{k: v for k, v in latin.items() if k in known})

    found = shown(said.html)
    assert not re.search("[A-Za-z]", found.outside)
    assert not {LRI, FSI, PDI} & set(found.outside)


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_phones_addresses_ids_links_and_zones_run_left_to_right(
    shelf: Shelf, language: str
) -> None:
    said = letter(shelf, "invitation", language)

    found = shown(said.html).inside

    for code in (
        "+33 6 12 34 56 78",
        "anna@example.com",
        r"\c\df0a2adebe",
        "https://conf.example.com/c/df0a2adebe",
        "Europe/Paris,\u00a0UTC+01:00",
        "Europe/Paris",
    ):
        assert (code, "ltr") in found


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_the_page_begins_at_the_right(shelf: Shelf, language: str) -> None:
    html = letter(shelf, "invitation", language).html

    body = html.partition("</style>")[2]
    assert html.count('dir="rtl"') == 2
    assert html.count(f'lang="{language}"') == 2
    assert "text-align: right" in body
    assert "text-align: left" not in body
    assert "border-right: 3px" in body
    assert "border-left" not in body


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_a_struck_out_time_keeps_its_zone_in_one_piece(shelf: Shelf, language: str) -> None:
    html = letter(shelf, "reschedule", language).html

    struck = re.search(r"<s\b[^>]*>(.*?)</s>", html)

    assert struck
    assert '(<bdi dir="ltr">Europe/Paris,\u00a0UTC+01:00</bdi>)' in struck[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_every_subject_and_sentence_begins_with_a_letter_of_the_language(
    shelf: Shelf, kind: str, language: str
) -> None:
    """A reader of plain text takes the direction of a line from the first letter in it."""
    said = letter(shelf, kind, language, **dict.fromkeys(VARIABLES[kind] & NAMES, LATIN))

    own = [line for line in said.text.splitlines() if re.search("[\u0590-\u06ff]", line)]

    assert len(own) > 4
    for line in (said.subject, *own):
        first = next(letter for letter in line if unicodedata.bidirectional(letter) in STRONG)
        assert unicodedata.bidirectional(first) in {"R", "AL"}, line


NAMES = frozenset(
    {"conf_name", "owner_name", "caller_display_name", "user_display_name", "server_name"}
)
STRONG = {"L", "R", "AL"}


def test_plain_text_sets_apart_what_would_run_the_other_way(shelf: Shelf) -> None:
    said = letter(shelf, "cancellation", "ar", conf_name=LATIN, owner_name="Anna Keller")

    assert f"«{FSI}{LATIN}{PDI}»" in said.text
    # The address is found by mail readers between its brackets: nothing invisible stands there.
    assert f"{FSI}Anna Keller{PDI} <anna@example.com>، {LRI}+33 6 12 34 56 78{PDI}." in said.text
    assert said.subject == f"إلغاء: {FSI}{LATIN}{PDI}"


def test_a_link_in_plain_text_has_nothing_invisible_behind_it(shelf: Shelf) -> None:
    for language in RIGHT_TO_LEFT:
        text = letter(shelf, "invitation", language).text
        assert "\nhttps://conf.example.com/c/df0a2adebe#app=1\n" in text


def test_an_address_that_begins_with_a_digit_is_set_apart(shelf: Shelf) -> None:
    said = letter(shelf, "cancellation", "he", owner_email="7anna@example.com")

    assert f"<{LRI}7anna@example.com{PDI}>" in said.text


def test_an_arabic_name_does_not_turn_an_english_letter(shelf: Shelf) -> None:
    said = letter(shelf, "reminder", "en", conf_name=ARABIC)

    assert said.subject == f"{FSI}{ARABIC}{PDI} starts in 15 minutes"
    assert f"“{FSI}{ARABIC}{PDI}” starts in 15 minutes." in said.text
    assert f"<bdi>{ARABIC}</bdi>" in said.html


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_with_nothing_foreign_has_no_invisible_marks(shelf: Shelf, kind: str) -> None:
    for language in ("en", "ja", "zh-Hans", "ko"):
        said = letter(shelf, kind, language)
        assert not {LRI, FSI, PDI} & set(said.subject + said.text + said.html)


def test_the_lines_of_a_description_run_each_its_own_way(shelf: Shelf) -> None:
    said = letter(shelf, "invitation", "en", conf_description="نرحّب بأسئلتكم.\nWelcome!")
    plain = letter(shelf, "invitation", "ar", conf_description="Numbers.\nPlans.")

    assert "<bdi>نرحّب بأسئلتكم.</bdi><br>\n<bdi>Welcome!</bdi>" in said.html
    assert "<bdi>Numbers.<br>\nPlans.</bdi>" in plain.html


@pytest.mark.parametrize(
    ("language", "comma"),
    [("ar", "، "), ("he", ", "), ("ja", "、"), ("zh-Hans", "，"), ("ko", ", ")],
)
def test_commas_and_colons_are_those_of_the_language(
    shelf: Shelf, language: str, comma: str
) -> None:
    text = letter(shelf, "invitation", language).text.replace(LRI, "")
    html = letter(shelf, "cancellation", language).html

    assert f"<anna@example.com>{comma}+33 6" in text
    assert f"</bdi></a>{comma}<a" in html
    assert "： " not in text + html
