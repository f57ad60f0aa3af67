"""Claims about lists of federation that look wrong: what is found, and how it is said."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.federation.federation import Federation
from notifier.core.federation.mask_findings import Sort, findings, news, sentences
from notifier.core.federation.masks import covers, normalised_mask
from notifier.core.federation.scripts import mixed, with_punycode

HOME = "conf.example.com"


def blacklist(*masks: str, home: str = HOME) -> list[str]:
    """What is said of a blacklist, the mode being blacklist."""
    return sentences(findings(Federation(mode="blacklist", blacklist=masks), home=home))


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        (
            ["*"],
            ["has '*', which covers every server, so nobody", "as by the mode disabled; take it"],
        ),
        (["**."], ["has '*', which covers every server"]),
        (["a.example", "b.example", "A.Example."], ["more than once: 'a.example'; the first"]),
        (
            ["v.example.net", "*.example.net", "v*.example.net"],
            ["'v.example.net' by 'v*.example.net', 'v*.example.net' by '*.example.net'; take off"],
        ),
        (["*.example.net", "v.example.net"], ["'v.example.net' by '*.example.net'; take off"]),
        (["*.acme.*", "*.acme.com.au"], ["'*.acme.com.au' by '*.acme.*'"]),
        (["*.Example.com"], ["has '*.Example.com', which covers 'conf.example.com'"]),
        (["Conf.Example.com"], ["has 'Conf.Example.com', which covers 'conf.example.com'"]),
        (["*.exämple.org"], ["compared in punycode: '*.exämple.org' (*.xn--exmple-cua.org)"]),
        (["xn--exmple-cua.org"], ["compared in punycode: 'exämple.org' (xn--exmple-cua.org)"]),
        (
            ["\u0430pple.example"],  # the first letter is Cyrillic
            ["'\u0430pple.example' (xn--pple-43d.example), Cyrillic and Latin; make sure"],
        ),
        (["xn--pple-43d.example"], ["(xn--pple-43d.example), Cyrillic and Latin; make sure"]),
        (
            ["a_b.example"],
            ["with an underscore, which hardly any server's name has: 'a_b.example'"],
        ),
    ],
)
def test_r44_a_list_that_looks_wrong_is_told_in_one_sentence(
    masks: Sequence[str], words: Sequence[str]
) -> None:
    [sentence] = blacklist(*masks)

    assert sentence.startswith("the blacklist has ")
    assert [each for each in words if each not in sentence] == []
    assert sentence.isprintable()


@pytest.mark.parametrize(
    "masks",
    [
        [],
        ["a.example", "b.example", "*.example.net", "*.example.org", "v*.example.*"],
        ["example.net", "*.example.net"],
        ["a*b.example", "b*a.example"],
        ["*.a.*", "*.b.*"],
    ],
)
def test_nothing_is_said_of_a_list_in_order(masks: Sequence[str]) -> None:
    assert blacklist(*masks) == []


def test_a_list_is_looked_at_whether_anybody_is_at_home_or_not() -> None:
    assert blacklist("*.example.com", home="") == []


def test_a_star_on_the_whitelist_lets_everybody_in() -> None:
    [sentence] = sentences(findings(Federation(whitelist=("*",)), home=HOME))

    assert "every server, so everybody is let in, as by the mode blacklist" in sentence


def test_many_of_a_sort_are_one_sentence_with_the_first_few_and_a_count() -> None:
    covered = [f"v{number}.example.net" for number in range(9)]

    [sentence] = blacklist("*.example.net", *covered)

    assert "'v0.example.net' by" in sentence
    assert "'v2.example.net' by '*.example.net' and 6 more; take off" in sentence
    assert "v3" not in sentence


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"mode": "whitelist"}, True),
        ({"mode": "whitelist", "whitelist": ("a.example",)}, False),
        ({"mode": "blacklist"}, False),
        ({"mode": "disabled"}, False),
    ],
)
def test_an_empty_whitelist_is_told_where_it_keeps_everybody_out(
    tables: dict[str, Any], said: bool
) -> None:
    found = sentences(findings(Federation(**tables), home=HOME))

    assert [each.startswith("the mode is whitelist and") for each in found] == [True] * said


def test_both_lists_are_looked_at_or_those_that_are_asked_for() -> None:
    untidy = Federation(whitelist=("a_b.example",), blacklist=("a.example", "a.example"))

    both = findings(untidy, home=HOME)
    one = findings(untidy, home=HOME, lists=["whitelist"])

    assert [(each.list, each.sort) for each in both] == [
        ("blacklist", Sort.DOUBLE),
        ("whitelist", Sort.UNDERSCORE),
    ]
    assert [each.sort for each in one] == [Sort.UNDERSCORE]


def test_whoever_changes_a_list_hears_what_is_new_and_again_what_weighs() -> None:
    before = findings(Federation(blacklist=("a_b.example", "*")), home=HOME)
    after = findings(Federation(blacklist=("a_b.example", "*", "c_d.example")), home=HOME)

    told = [(each.sort, each.entry) for each in news(before, after)]

    assert told == [(Sort.EVERYBODY, "'*'"), (Sort.UNDERSCORE, "'c_d.example'")]


# Few letters, so that masks cover each other.
masks = st.text("ab*", min_size=1, max_size=6).filter(lambda mask: mask.strip("*") != "")
names = st.text("ab", min_size=1, max_size=8)


@given(st.lists(masks, max_size=8), names)
def test_what_is_called_useless_changes_nothing_when_it_is_taken_off(
    listed: list[str], name: str
) -> None:
    found = findings(Federation(blacklist=tuple(listed)), home="")

    covered = {each.entry.split("'")[1] for each in found if each.sort is Sort.COVERED}
    rest = [each for each in listed if each not in covered]
    assert any(covers(each, name) for each in rest) is any(covers(each, name) for each in listed)


@given(st.lists(masks, max_size=8))
def test_every_mask_whose_words_another_covers_is_called_useless(listed: list[str]) -> None:
    found = findings(Federation(blacklist=tuple(listed)), home="")

    once = {normalised_mask(each) for each in listed}
    wanted = {
        each
        for each in once
        if any(covers(other, each.replace("*", "\0")) for other in once - {each})
    }
    covered = [each.entry.split("'")[1] for each in found if each.sort is Sort.COVERED]
    assert {normalised_mask(each) for each in covered} == wanted


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("example.com", []),
        ("exämple.com", []),
        ("пример.com", []),  # each label has one
        ("\u0430pple.com", ["Cyrillic", "Latin"]),
        ("www.\u0430pple.com", ["Cyrillic", "Latin"]),
        ("αbc.example", ["Greek", "Latin"]),
        ("日本のカタカナ.example", []),
        ("한국漢字.example", []),
        ("a日.example", ["East Asian", "Latin"]),
        ("xn--pple-43d.com", ["Cyrillic", "Latin"]),
        ("xn--*.com", []),
        ("xn--\u00e4.com", []),
    ],
)
def test_look_alikes_are_known_by_the_scripts_of_their_labels(
    name: str, scripts: list[str]
) -> None:
    assert mixed(name) == scripts


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.example", "'a.example'"),
        ("kö.example", "'kö.example' (xn--k-1ga.example)"),
        (" *.Kö.Example. ", "'*.kö.example' (*.xn--k-1ga.example)"),
        ("*.XN--K-1GA.example", "'*.kö.example' (*.xn--k-1ga.example)"),
    ],
)
def test_names_beyond_ascii_are_shown_with_their_punycode(name: str, shown: str) -> None:
    assert with_punycode(name) == shown
