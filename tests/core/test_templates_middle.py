"""Letters in Polish, Russian, Ukrainian, Turkish and Vietnamese: what these languages ask for.

Also that readers of languages without letters are written to in one language throughout.
"""

import re
from itertools import product
from typing import Final

import msgspec
import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.language.languages import locale_chain
from notifier.core.letters import compose
from notifier.core.mime import Draft
from notifier.core.notice import Kind
from notifier.core.wording.variables import KINDS
from notifier.samples import Shape, sample
from tests.cast import BORIS, NOW, schedule
from tests.core.story import Story, invitation, settings

QUOTED: Final = {
    "pl": "„%conf_name”",
    "ru": "«%conf_name»",
    "uk": "«%conf_name»",
    "tr": "“%conf_name”",
    "vi": "“%conf_name”",
}
EVERYTHING: Final = list(product(QUOTED, KINDS))
JINJA: Final = re.compile(r"\{[{%].*?[%}]\}")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(shipped_root())


def source(language: str, kind: str, file: str) -> str:
    return (shipped_root() / language / kind / file).read_text(encoding="utf-8")


def everything(language: str) -> str:
    """All that the files of a language say, without the marks of Jinja."""
    files = sorted((shipped_root() / language).rglob("*.*"))
    return JINJA.sub(" ", "\n".join(file.read_text(encoding="utf-8") for file in files))


@pytest.mark.parametrize(("language", "kind"), EVERYTHING)
def test_a_name_in_a_sentence_stands_in_the_quotation_marks_of_its_language(
    language: str, kind: str
) -> None:
    lines = source(language, kind, "body.txt").splitlines()
    sentences = [line for line in lines if "%conf_name" in line and line != "%conf_name"]

    assert all(QUOTED[language] in line for line in sentences)


@pytest.mark.parametrize("language", QUOTED)
def test_no_sentence_has_the_quotation_marks_of_a_typewriter(language: str) -> None:
    sentences = re.sub(r"<[^>]*>", "", everything(language))

    assert '"' not in sentences
    assert "'" not in sentences


@pytest.mark.parametrize("language", QUOTED)
def test_no_ending_is_glued_to_a_name(language: str) -> None:
    """`%conf_name'ye` is right for one half of all names, and wrong for the other."""
    glued = re.findall(r"%[a-z_]+['’ʼ-]?[^\W\d_]", everything(language))

    assert [each for each in glued if not re.fullmatch(r"%[a-z_]+", each)] == []


@pytest.mark.parametrize("language", ["pl", "ru", "uk"])
def test_nobody_is_taken_for_a_man_or_a_woman(language: str) -> None:
    """A past tense says who acted: позвонил or позвонила, zadzwonił or zadzwoniła."""
    said = everything(language)

    assert re.findall(r"%(?:owner|caller_display)_name[»”]? \w+(?:ł|ła|л|ла|в)\b", said) == []
    assert re.findall(r"\w[(/](?:a|а|ла|ła|ась)\b", said) == []


GREETINGS: Final = {
    "pl": ("Dzień dobry, Alex Kim!", "Dzień dobry!"),
    "ru": ("Здравствуйте, Alex Kim!", "Здравствуйте!"),
    "uk": ("Вітаємо, Alex Kim!", "Вітаємо!"),
    "tr": ("Sayın Alex Kim,", "Merhaba,"),
    "vi": ("Xin chào Alex Kim,", "Xin chào,"),
}


@pytest.mark.parametrize(("language", "kind"), EVERYTHING)
def test_a_letter_opens_politely_with_a_name_and_without(
    shelf: Shelf, language: str, kind: str
) -> None:
    template, _ = shelf.template(kind, [language])
    values = sample(Kind(kind), language, shape=Shape.SERIES).variables()
    names = ("user_display_name", "recipient_display_name", "admin_name")

    opened = [
        template.render(values | dict.fromkeys(names, name)).text.partition("\n")[0]
        for name in ("Alex Kim", "")
    ]

    assert tuple(opened) == GREETINGS[language]


REMINDERS: Final = {
    "pl": "konferencja „Alfa” zaczyna się {left}.",
    "ru": "конференция «Alfa» начнётся {left}.",
    "uk": "конференція «Alfa» почнеться {left}.",
    "tr": "“Alfa” adlı konferans {left} başlıyor.",
    "vi": "cuộc họp “Alfa” sẽ bắt đầu {left}.",
}


@pytest.mark.parametrize(("language", "sentence"), REMINDERS.items(), ids=REMINDERS)
def test_a_reminder_is_a_sentence_around_the_time_left(
    shelf: Shelf, language: str, sentence: str
) -> None:
    template, _ = shelf.template("reminder", [language])
    left = sample(Kind.REMINDER, language).variables()["time_left"].replace("\u00a0", " ")

    said = template.render({"conf_name": "Alfa", "time_left": left}).text

    assert sentence.format(left=left) in said


# ---- one letter, one language --------------------------------------------------------------


def written_to(language: str, server: str) -> Draft:
    """The invitation of somebody who reads `language`, from a server that speaks `server`."""
    ours = settings(server={"language": server})
    reader = msgspec.structs.replace(BORIS, language=language)
    weekly = schedule(recurrence="FREQ=WEEKLY;BYDAY=FR")
    [(notice, delivery)] = Story(
        invitation(1, reader, schedule=weekly), settings=ours
    ).deliveries.values()
    template, _ = Shelf(shipped_root()).template(notice.kind, locale_chain(language, server))
    return compose(notice, delivery, template, ours, now=NOW)


@pytest.mark.parametrize(
    ("reader", "server", "tag", "date", "series"),
    [
        ("kk", "ru", "ru", "27 ноября 2026 г.", "по пятницам"),
        ("be", "ru", "ru", "27 ноября 2026 г.", "по пятницам"),
        ("ru-KZ", "en", "ru", "27 ноября 2026 г.", "по пятницам"),
        ("kk", "en", "en", "November 27, 2026", "every Friday"),
        ("sr-Latn-RS", "en", "en", "November 27, 2026", "every Friday"),
        ("cs", "pl", "pl", "27 listopada 2026", "w piątki"),
        ("uk-UA", "ru", "uk", "27 листопада 2026 р.", "щопʼятниці"),
        ("tr_TR.UTF-8", "en", "tr", "27 Kasım 2026 Cuma", "her cuma"),
        ("vi-VN", "en", "vi", "Thứ Sáu, 27 tháng 11, 2026", "thứ Sáu hằng tuần"),
    ],
)
def test_a_letter_speaks_one_language(
    reader: str, server: str, tag: str, date: str, series: str
) -> None:
    """Whoever has no letters of their own gets the server's language, down to the dates."""
    letter = written_to(reader, server)

    assert dict(letter.headers)["Content-Language"] == tag
    assert date in letter.text
    assert series in letter.text
