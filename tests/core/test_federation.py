"""Claims about federation: which servers may take part, and which masks cover which names."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.federation import Federation, blocked_by
from notifier.core.masks import check_mask, covers, matching, normalised
from notifier.core.people import Person, home_server
from tests.cast import BORIS, CHEN, DANA, ELSEWHERE, HOME

# R43: what the mode makes of a server that is listed, and of one that is not.
MODES = [("disabled", True, True), ("whitelist", False, True), ("blacklist", True, False)]


@pytest.mark.parametrize(("mode", "listed_blocked", "other_blocked"), MODES)
def test_r43_the_mode_decides_what_the_list_means(
    mode: str, listed_blocked: bool, other_blocked: bool
) -> None:
    policy = Federation(mode=mode, whitelist=("*.net",), blacklist=("*.net",))  # type: ignore[arg-type] # parametrized

    assert (blocked_by(ELSEWHERE, policy, home=HOME) is not None) is listed_blocked
    assert (blocked_by("conf.example.org", policy, home=HOME) is not None) is other_blocked


def test_r43_each_mode_heeds_its_own_list_only() -> None:
    whitelist = Federation(mode="whitelist", blacklist=(ELSEWHERE,), whitelist=(ELSEWHERE,))
    blacklist = Federation(mode="blacklist", whitelist=("else.example",))

    assert blocked_by(ELSEWHERE, whitelist, home=HOME) is None
    assert blocked_by(ELSEWHERE, blacklist, home=HOME) is None


def test_the_answer_names_the_entry() -> None:
    policy = Federation(mode="blacklist", blacklist=("a.example", "*.example.net"))

    assert blocked_by(ELSEWHERE, policy, home=HOME) == "*.example.net"


CLOSED = Federation(mode="whitelist")


@pytest.mark.parametrize(
    ("server", "home"),
    [
        (None, HOME),
        (HOME, HOME),
        (HOME.upper(), HOME),
        (HOME + ".", HOME),
        ("kö.example", "xn--k-1ga.example"),
        (ELSEWHERE, ""),
    ],
    ids=["nowhere", "here", "in capitals", "with a dot", "IDNA", "no domain set"],
)
def test_r45_people_at_home_and_nowhere_are_never_blocked(server: str | None, home: str) -> None:
    assert blocked_by(server, CLOSED, home=home) is None


@pytest.mark.parametrize(
    ("person", "server"),
    [
        (BORIS, HOME),
        (DANA, ELSEWHERE),
        (CHEN, None),
        (Person(email="dana@meet.example.net"), None),
        (Person(id="dana"), None),
        (Person(id="dana@"), None),
        (Person(id="a@b@Meet.Example.NET."), ELSEWHERE),
    ],
)
def test_r45_a_person_lives_behind_the_at_of_the_id(person: Person, server: str | None) -> None:
    assert home_server(person) == server


# ---- masks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "name", "covered"),
    [
        ("example.com", "example.com", True),
        ("example.com", "a.example.com", False),
        ("example.com", "example.com.evil.org", False),
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("v*.example.com", "video.example.com", True),
        ("v*.example.com", "v.a.example.com", True),
        ("v*.example.com", "v.example.com", True),
        ("v*.example.com", "a.example.com", False),
        ("example.*", "example.com", True),
        ("example.*", "example.co.uk", True),
        ("example.*", "an.example.com", False),
        ("*.example.*", "a.example.com", True),
        ("*.example.*", "example.com", False),
        ("*", "anything.at.all", True),
        ("a*a", "a", False),
        ("A.EXAMPLE.com", "a.example.com", True),
        ("*.Exämple.com", "a.xn--exmple-cua.com", True),
        ("exämple.com", "xn--exmple-cua.com", True),
        (" *.example.com. ", "a.example.com", True),
        ("**.example.com", "a.example.com", True),
    ],
)
def test_r44_masks_cover_names(mask: str, name: str, covered: bool) -> None:
    assert covers(mask, normalised(name)) is covered


masks = st.text("ab.*", min_size=1, max_size=10).filter(lambda mask: mask.strip(".") == mask)
names = st.text("ab.", min_size=1, max_size=12).filter(lambda name: name.strip(".") == name)


@given(masks, names)
@example("a*b*a", "aba")
@example("*a*", "a")
@example("a*a", "aa")
def test_r44_covers_is_what_trying_everything_says(mask: str, name: str) -> None:
    assert covers(mask, name) is _by_trying(mask, name)
    assert covers(mask, name) is fnmatchcase(name, mask)


def _by_trying(mask: str, name: str) -> bool:
    if not mask:
        return not name
    if mask[0] == "*":
        return any(_by_trying(mask[1:], name[at:]) for at in range(len(name) + 1))
    return name[:1] == mask[0] and _by_trying(mask[1:], name[1:])


def test_a_hostile_mask_costs_no_time() -> None:
    assert not covers("*a" * 200 + "b", "a" * 200_000)


@given(st.text(max_size=40))
def test_any_name_can_be_normalised(name: str) -> None:
    assert normalised(name) == normalised(normalised(name)) or not normalised(name).isascii()


def test_the_first_entry_that_covers_is_the_one_named() -> None:
    assert matching("a.example.com", ["b.*", "*.com", "a.*"]) == "*.com"


@pytest.mark.parametrize(
    "mask",
    [
        "conf.example.com",
        "*.example.com",
        "v*.example.com",
        "example.*",
        "*.example.*",
        "*",
        "Exämple.com",
        "a_b.example.com",
        "3com.com",
        "*.xn--exmple-cua.com",
    ],
)
def test_r44_names_and_masks_are_entries(mask: str) -> None:
    check_mask(mask)

    assert covers(mask, normalised(mask.replace("*", "x")))


@pytest.mark.parametrize(
    "mask",
    [
        "10.0.0.1",
        "10.*",
        "10.0.0.*",
        "::1",
        "[::1]",
        "",
        " ",
        "a b",
        "https://a.example",
        "a..b",
        "a@b.example",
        "conf.example.com:4307",
        ".",
    ],
)
def test_r44_addresses_and_junk_are_refused(mask: str) -> None:
    with pytest.raises(ValueError, match="is not allowed"):
        check_mask(mask)
