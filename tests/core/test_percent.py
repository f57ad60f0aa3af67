"""The `%name` syntax: which names are found, and what is left as it is typed."""

from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes

from notifier.core.notice import Kind
from notifier.core.wording.percent import percent_names
from notifier.core.wording.variables import ALL_NAMES, KINDS, SORTS, VARIABLES, nearest, straighten

ENVIRONMENT = Environment(extensions=[percent_names(ALL_NAMES)])

CYRILLIC = dict(zip("acehijopsxy", "асеһіјорѕху", strict=True))
GREEK = dict(zip("aikouvxy", "αικουνχγ", strict=True)) | {"o": "ο", "p": "ρ", "u": "υ"}
WIDE = {letter: chr(ord(letter) + 0xFEE0) for letter in "abcdefghijklmnopqrstuvwxyz_"}


def filled(source: str, **values: str) -> str:
    names = {"conf_name": "Review", "conf_url": "URL", "conf_url_app_join": "APP"} | values
    return ENVIRONMENT.from_string(source).render(names)


def test_a_known_name_is_replaced_by_its_value() -> None:
    assert filled("About %conf_name.") == "About Review."


def test_the_longest_name_wins() -> None:
    assert filled("%conf_url_app_join %conf_url") == "APP URL"


@pytest.mark.parametrize("typed", ["%conf_names", "%conf_url_", "%conf_name2", "%conf_urlx"])
def test_only_whole_names_are_names(typed: str) -> None:
    assert filled(typed) == typed


@pytest.mark.parametrize(
    "typed", ["50%", "100%%", "%D0%BF", "width:100%;", "%", "%%", "% conf_name"]
)
def test_a_percent_sign_that_names_nothing_stays(typed: str) -> None:
    assert filled(typed) == typed


def test_a_doubled_sign_prints_the_name_itself() -> None:
    assert filled("%%conf_name") == "%conf_name"


def test_names_are_told_apart_by_case() -> None:
    assert filled("%Conf_Name") == "%Conf_Name"


def test_a_cyrillic_ending_may_follow_a_name() -> None:
    assert filled("%conf_nameом") == "Reviewом"


def test_the_spelling_of_the_public_documentation_works() -> None:
    assert filled("%сaller_call_id", caller_call_id="anna@conf.local") == "anna@conf.local"


def spellings(name: str) -> Iterator[str]:
    """Give `name` with one letter, every second, and all of them replaced by look-alikes."""
    for twins in (CYRILLIC, GREEK, WIDE, {"i": "ı"}):
        at = [number for number, letter in enumerate(name) if letter in twins]
        for chosen in ([], *([number] for number in at), at[::2], at[1::2], at):
            yield "".join(twins[each] if n in chosen else each for n, each in enumerate(name))
    for number in range(len(name)):
        mixed = (CYRILLIC | WIDE, GREEK | WIDE, CYRILLIC, {"i": "ı"})
        yield "".join(mixed[(n + number) % 4].get(letter, letter) for n, letter in enumerate(name))


@pytest.mark.parametrize("name", sorted(ALL_NAMES))
def test_r34_look_alike_letters_never_break_a_name(name: str) -> None:
    spelt = sorted(set(spellings(name)))

    shown = filled("\n".join(f"a%{each}.%{each}б ％{each}" for each in spelt), **{name: "value"})

    assert {straighten(each) for each in spelt} == {name}
    assert set(shown.split("\n")) == {"avalue.valueб value"}


@pytest.mark.parametrize("name", sorted(ALL_NAMES))
def test_r34_what_is_no_name_stays_however_it_is_spelt(name: str) -> None:
    spelt = sorted(set(spellings(name)))

    shown = filled("\n".join(f"%{each}s %{each}_ %%{each}" for each in spelt), **{name: "value"})

    assert shown.split("\n") == [f"%{each}s %{each}_ %{each}" for each in spelt]


@pytest.mark.parametrize("sign", "%％﹪٪")
def test_every_sign_of_percent_begins_a_name(sign: str) -> None:
    assert filled(f"50{sign} {sign}conf_name {sign}{sign}conf_name") == (
        f"50{sign} Review {sign}conf_name"
    )


def test_a_name_that_an_input_method_typed_is_one_word() -> None:
    assert filled("％ｃｏｎｆ＿ｕｒｌ＿ａｐｐ＿ｊｏｉｎ") == "APP"
    assert (
        filled("％ｃｏｎｆ＿ｎａｍｅｓ％ｃｏｎｆ＿ｎａｍｅ２")
        == "％ｃｏｎｆ＿ｎａｍｅｓ％ｃｏｎｆ＿ｎａｍｅ２"
    )


def test_text_of_another_script_may_follow_and_precede_a_name() -> None:
    assert filled("会議%conf_nameＡ社へ") == "会議ReviewＡ社へ"
    assert filled("слово%conf_nameу и %сonf_nameаbc") == "словоReviewу и Reviewаbc"


def test_native_jinja_goes_on_working() -> None:
    assert filled("{% if conf_name %}{{ conf_name }} %conf_name{% endif %}") == "Review Review"


def test_lines_are_counted_exactly() -> None:
    tree = ENVIRONMENT.parse("one\ntwo %conf_name\n\nfour %%conf_url\nfive %conf_id")

    found = [(name.name, name.lineno) for name in tree.find_all(nodes.Name)]
    assert found == [("conf_name", 2), ("conf_id", 5)]


def test_every_kind_has_its_variables_and_every_variable_its_sort() -> None:
    assert set(KINDS) == set(Kind)
    assert frozenset().union(*VARIABLES.values()) == set(SORTS)


def test_a_misspelt_name_finds_the_nearest() -> None:
    assert nearest("conf_nmae", ALL_NAMES) == "conf_name"
    assert nearest("elephant", ALL_NAMES) is None
