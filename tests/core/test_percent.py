"""The `%name` syntax: which names are found, and what is left as it is typed."""

import pytest
from jinja2 import Environment, nodes

from notifier.core.notice import Kind
from notifier.core.wording.percent import percent_names
from notifier.core.wording.variables import ALL_NAMES, KINDS, SORTS, VARIABLES, nearest, straighten

TWINS = {"a": "а", "c": "с", "e": "е", "o": "о", "p": "р", "x": "х", "y": "у"} | {
    "s": "ѕ",
    "i": "і",
    "j": "ј",
}


def filled(source: str, **values: str) -> str:
    names = {"conf_name": "Review", "conf_url": "URL", "conf_url_app_join": "APP"} | values
    return Environment(extensions=[percent_names(ALL_NAMES)]).from_string(source).render(names)


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


@pytest.mark.parametrize("name", sorted(ALL_NAMES))
def test_look_alike_letters_never_break_a_name(name: str) -> None:
    spelt = "".join(TWINS.get(letter, letter) for letter in name)

    assert straighten(spelt) == name
    assert filled(f"%{spelt}", **{name: "value"}) == "value"


def test_a_full_width_percent_sign_works() -> None:
    assert filled("％conf_name") == "Review"


def test_native_jinja_goes_on_working() -> None:
    assert filled("{% if conf_name %}{{ conf_name }} %conf_name{% endif %}") == "Review Review"


def test_lines_are_counted_exactly() -> None:
    env = Environment(extensions=[percent_names(ALL_NAMES)])

    tree = env.parse("one\ntwo %conf_name\n\nfour %%conf_url\nfive %conf_id")

    found = [(name.name, name.lineno) for name in tree.find_all(nodes.Name)]
    assert found == [("conf_name", 2), ("conf_id", 5)]


def test_every_kind_has_its_variables_and_every_variable_its_sort() -> None:
    assert set(KINDS) == set(Kind)
    assert frozenset().union(*VARIABLES.values()) == set(SORTS)


def test_a_misspelt_name_finds_the_nearest() -> None:
    assert nearest("conf_nmae", ALL_NAMES) == "conf_name"
    assert nearest("elephant", ALL_NAMES) is None
