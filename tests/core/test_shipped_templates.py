"""The shipped templates: every kind in every language reads well and is safe to mail.

The tree is walked, so a language that is added is looked at without a word here.
"""

import re
from html.parser import HTMLParser
from itertools import product

import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import LETTER_FILES, shipped_root
from notifier.core.notice import Kind
from notifier.core.wording.escaping import common_blanks
from notifier.core.wording.lint import HTML_TARGET, lint
from notifier.core.wording.reading import read_words
from notifier.core.wording.template import Wording
from notifier.core.wording.variables import KINDS, ROOM_KINDS, SORTS, VARIABLES, Sort
from notifier.samples import Shape, sample
from tests.letters.approved import languages

LANGUAGES = languages()
EVERYTHING = list(product(KINDS, LANGUAGES))
CONFERENCE_KINDS = [kind for kind in KINDS if "conf_name" in VARIABLES[kind]]

# HTML elements that have no end tag.
VOID = {"br", "hr", "img", "input", "link", "meta"}


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(shipped_root())


def samples(kind: str, language: str, shape: Shape = Shape.SERIES) -> dict[str, str]:
    return sample(Kind(kind), language, shape=shape).variables()


def letter(shelf: Shelf, kind: str, language: str, *, room: bool = False, **values: str) -> Wording:
    template, used = shelf.template(kind, [language])
    assert used == language.replace("_", "-")
    shape = Shape.ROOM if room else Shape.SERIES
    return template.render(samples(kind, language, shape) | values)


def unmarked(words: str) -> str:
    """Give `words` without the marks for which HTML has tags, and with plain blanks."""
    return common_blanks(words).replace("\u2066", "").replace("\u2069", "")


def words(language: str) -> dict[str, str]:
    file = shipped_root() / language / "_layout" / "words.txt"
    return read_words(file.read_text(encoding="utf-8"))


class Tags(HTMLParser):
    """Keeps the open tags of a file, the links and whatever is fetched from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.crossed: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.seen.append((tag, given))
        self.links += [given["href"] or ""] if tag == "a" else []
        self.fetched += [given[name] or "" for name in ("src", "background") if name in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_every_kind_has_its_three_files_in_every_language(kind: str, language: str) -> None:
    folder = shipped_root() / language / kind

    assert sorted(path.name for path in folder.iterdir()) == sorted(LETTER_FILES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_words_that_english_has_in_the_same_order(language: str) -> None:
    assert list(words(language)) == list(words("en"))
    assert all(words(language).values())


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_nothing_is_left_to_say_about_a_shipped_template(
    shelf: Shelf, kind: str, language: str
) -> None:
    sources = shelf.sources(kind, language)

    assert sources is not None
    assert lint(sources, kind, language) == []


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_no_sign_of_the_template_language_reaches_a_reader(
    shelf: Shelf, kind: str, language: str
) -> None:
    said = letter(shelf, kind, language)

    for part in (said.subject, said.text, said.html.partition("</style>")[2]):
        assert not re.search(r"%[a-z]+_|\{\{|\{%|%\}|\}\}", part)


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_subjects_and_texts_are_whole_even_when_nothing_is_known(
    shelf: Shelf, kind: str, language: str
) -> None:
    template, _ = shelf.template(kind, [language])

    said = template.render({})

    assert said.subject.strip(" :")
    # In bytes: Chinese needs a third of the characters.
    assert len(said.text.encode()) > 40
    assert "()" not in said.text + said.html
    assert "<>" not in said.text


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_html_is_small_well_formed_and_fetches_nothing(
    shelf: Shelf, kind: str, language: str
) -> None:
    html = letter(shelf, kind, language).html

    tags = Tags(html)

    assert len(html.encode()) < HTML_TARGET
    assert (tags.open, tags.crossed, tags.fetched) == ([], [], [])
    assert not re.search(r"url\(|@import|<script|<link", html)
    assert all(link.startswith(("https:", "mailto:", "tel:")) for link in tags.links)


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_html_tells_assistive_readers_what_it_is(shelf: Shelf, kind: str, language: str) -> None:
    html = letter(shelf, kind, language).html

    tags = Tags(html)

    names = [tag for tag, _ in tags.seen]
    assert names.count("h1") == 1
    assert all(
        given.get("role") == "presentation" or "details" in (given.get("class") or "")
        for tag, given in tags.seen
        if tag == "table"
    )
    spoken = [given for _, given in tags.seen if "lang" in given]
    # Gmail drops <html> and <body>, so language and direction stand further inside as well.
    assert len(spoken) == 2
    assert all(given["lang"] == language.replace("_", "-") for given in spoken)
    assert all(given["dir"] in {"ltr", "rtl"} for given in spoken)


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_the_text_says_what_the_html_says(shelf: Shelf, kind: str, language: str) -> None:
    values = samples(kind, language)
    said = letter(shelf, kind, language)

    html = common_blanks(re.sub("</?bdi[^>]*>", "", said.html))
    told = [name for name in VARIABLES[kind] if values[name] and unmarked(values[name]) in html]
    missing = [name for name in told if common_blanks(values[name]) not in said.text]

    assert len(told) >= 5
    assert missing == []


@pytest.mark.parametrize(
    ("kind", "language"), [each for each in EVERYTHING if each[0] in ROOM_KINDS]
)
def test_a_virtual_room_is_told_without_a_time(shelf: Shelf, kind: str, language: str) -> None:
    values = samples(kind, language)

    said = letter(shelf, kind, language, room=True)

    for name in ("start_time", "duration", "recurrence"):
        assert values[name] not in said.html
        assert common_blanks(values[name]) not in said.subject + said.text
    assert not re.search(r":\s*\n\s*\n\s*-{3}", said.text)


@pytest.mark.parametrize(("kind", "language"), list(product(CONFERENCE_KINDS, LANGUAGES)))
def test_whoever_has_a_link_of_their_own_is_given_no_other(
    shelf: Shelf, kind: str, language: str
) -> None:
    link = "https://conf.example.com/c/df0a2adebe?p=mine"
    said = letter(shelf, kind, language, conf_unique_link=link)

    joining = [each for each in Tags(said.html).links if "/c/" in each]

    assert set(joining) <= {link}
    assert kind in {"cancellation", "removal"} or joining


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_time_stands_before_the_old_one_which_is_struck_out(
    shelf: Shelf, language: str
) -> None:
    said = letter(shelf, "reschedule", language, start_time="NEW", previous_start_time="OLD")

    assert said.text.index("NEW") < said.text.index("OLD")
    letter_html = said.html.partition("<h1")[2]
    assert letter_html.index("NEW") < letter_html.index("OLD")
    assert re.search(r"<s\b[^>]*>OLD</s>", letter_html)


# Their word for when something takes place is that for its timetable as well.
WIDE_WORDS = {"ar", "es", "fr", "he", "it", "pt", "pt-BR"}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - WIDE_WORDS))
def test_another_rhythm_with_the_same_start_is_not_called_another_time(
    shelf: Shelf, language: str
) -> None:
    moved = letter(shelf, "reschedule", language, previous_start_time="OLD")
    weekly = letter(shelf, "reschedule", language, previous_start_time="")

    assert moved.subject != weekly.subject
    assert moved.text.splitlines()[2] != weekly.text.splitlines()[2]
    headlines = {re.findall("<h1[^>]*>.*</h1>", said.html)[0] for said in (moved, weekly)}
    assert len(headlines) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_says_how_long_and_when(shelf: Shelf, language: str) -> None:
    said = letter(shelf, "reminder", language, time_left="SOON", start_time="THEN")

    assert "SOON" in said.subject
    assert "SOON" in said.text
    assert "THEN" in said.text


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_the_administrator_is_named_where_there_is_one(
    shelf: Shelf, kind: str, language: str
) -> None:
    values = samples(kind, language)

    named = letter(shelf, kind, language)
    unnamed = letter(shelf, kind, language, admin_name="", admin_email="", admin_phone="")

    assert values["admin_email"] in named.text
    assert values["admin_phone"] in named.html
    assert "admin" not in unnamed.text.lower()


@pytest.mark.parametrize(("kind", "language"), EVERYTHING)
def test_nobody_is_greeted_by_an_address(shelf: Shelf, kind: str, language: str) -> None:
    """Whoever is known by address alone is called by it everywhere; no letter begins like that."""
    known, unknown = (
        letter(shelf, kind, language, user_display_name=name, recipient_display_name=name)
        for name in ("dana@example.org", "")
    )

    assert known.text.partition("\n")[0] == unknown.text.partition("\n")[0]
    assert "dana@example.org" not in known.html


@pytest.mark.parametrize("kind", ["cancellation", "removal"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_organiser_who_is_known_by_address_is_named_once(
    shelf: Shelf, kind: str, language: str
) -> None:
    said = letter(shelf, kind, language, owner_name="anna@x.org", owner_email="anna@x.org")

    assert said.text.count("anna@x.org") == 1
    assert re.sub("<[^>]*>", "", said.html).count("anna@x.org") == 1
    assert ">anna@x.org<" in said.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missed_call_says_how_to_call_back(shelf: Shelf, language: str) -> None:
    for kind in ("missed_call", "missed_call_unregistered"):
        said = letter(shelf, kind, language, caller_call_id="CALL-ME")
        assert said.text.count("CALL-ME") == 2
    assert "https://conf.example.com" in letter(shelf, "missed_call_unregistered", language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_name_changes_no_letter(shelf: Shelf, language: str) -> None:
    name = "</td></table><script>x</script>\"'\u202e\r\nBcc: x@example.com"

    for kind in KINDS:
        template, _ = shelf.template(kind, [language])
        typed = (each for each in VARIABLES[kind] if SORTS[each] is not Sort.WORDS)
        said = template.render(dict.fromkeys(typed, name))
        tags = Tags(said.html)
        assert (tags.open, tags.crossed) == ([], [])
        assert "<script" not in said.html
        assert "\n" not in said.subject
        assert "\u202e" not in said.subject + said.text + said.html


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours (WCAG 2.1, 1.4.3)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


LIGHT_CARD, LIGHT_DETAILS, LIGHT_BUTTON = "#fdfdfe", "#f3f6fa", "#1457b8"
DARK_CARD, DARK_DETAILS, DARK_BUTTON = "#1b222c", "#242d39", "#7fb2fa"


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#1d2733", LIGHT_CARD),
        ("#10202f", LIGHT_CARD),
        ("#1457b8", LIGHT_CARD),
        ("#1457b8", LIGHT_DETAILS),
        ("#56637a", LIGHT_CARD),
        ("#56637a", LIGHT_DETAILS),
        ("#3b4859", LIGHT_CARD),
        ("#fdfdfe", LIGHT_BUTTON),
        ("#e4e9f0", DARK_CARD),
        ("#e4e9f0", DARK_DETAILS),
        ("#8ab8fa", DARK_CARD),
        ("#8ab8fa", DARK_DETAILS),
        ("#a9b4c4", DARK_CARD),
        ("#a9b4c4", DARK_DETAILS),
        ("#c6cfdb", DARK_CARD),
        ("#0d1a2b", DARK_BUTTON),
    ],
)
def test_the_colours_of_the_layout_can_be_read(ink: str, paper: str) -> None:
    layout = (shipped_root() / "_layout" / "base.html").read_text(encoding="utf-8")

    assert ink in layout
    assert paper in layout
    assert contrast(ink, paper) >= 4.5
