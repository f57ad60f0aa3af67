"""Claims about federation: which servers may take part, by which entry, and what a list takes."""

from datetime import date
from typing import Any

import msgspec
import pytest

from notifier.core.federation.federation import (
    AT_HOME,
    DISABLED,
    NO_HOME,
    NOT_LISTED,
    NOWHERE,
    Entry,
    Federation,
    judged,
)
from notifier.core.people import Person, home_server
from tests.cast import BORIS, CHEN, DANA, ELSEWHERE, HOME

# R43: what the mode makes of a server that is listed, and of one that is not.
MODES = [("disabled", True, True), ("whitelist", False, True), ("blacklist", True, False)]


@pytest.mark.parametrize(("mode", "listed_blocked", "other_blocked"), MODES)
def test_r43_the_mode_decides_what_the_list_means(
    mode: str, listed_blocked: bool, other_blocked: bool
) -> None:
    policy = Federation(mode=mode, whitelist=("*.net",), blacklist=("*.net",))  # type: ignore[arg-type] # parametrized

    assert judged(ELSEWHERE, policy, home=HOME).admitted is not listed_blocked
    assert judged("conf.example.org", policy, home=HOME).admitted is not other_blocked


def test_r43_each_mode_heeds_its_own_list_only() -> None:
    whitelist = Federation(mode="whitelist", blacklist=(ELSEWHERE,), whitelist=(ELSEWHERE,))
    blacklist = Federation(mode="blacklist", whitelist=("else.example",))

    assert judged(ELSEWHERE, whitelist, home=HOME).admitted
    assert judged(ELSEWHERE, blacklist, home=HOME).admitted


def test_the_first_entry_that_covers_decides_and_is_named() -> None:
    entry = Entry(mask="*.example.net", comment="a feud", added=date(2026, 11, 26))
    policy = Federation(mode="blacklist", blacklist=("a.example", entry, ELSEWHERE))

    judgement = judged(ELSEWHERE, policy, home=HOME)

    assert (judgement.admitted, judgement.by, judgement.entry) == (False, "*.example.net", entry)


def test_an_entry_without_a_comment_is_named_as_well() -> None:
    policy = Federation(mode="whitelist", whitelist=("*.example.net",))

    assert judged(ELSEWHERE, policy, home=HOME).entry == Entry(mask="*.example.net")


@pytest.mark.parametrize(
    ("mode", "admitted", "by"),
    [
        ("disabled", False, DISABLED),
        ("whitelist", False, NOT_LISTED["whitelist"]),
        ("blacklist", True, NOT_LISTED["blacklist"]),
    ],
)
def test_where_no_entry_decides_words_say_what_does(mode: Any, admitted: bool, by: str) -> None:
    judgement = judged(ELSEWHERE, Federation(mode=mode), home=HOME)

    assert (judgement.admitted, judgement.by, judgement.entry) == (admitted, by, None)


CLOSED = Federation(mode="whitelist")


@pytest.mark.parametrize(
    ("server", "home", "by"),
    [
        (None, HOME, NOWHERE),
        (HOME, HOME, AT_HOME),
        (HOME.upper(), HOME, AT_HOME),
        (HOME + ".", HOME, AT_HOME),
        ("kö.example", "xn--k-1ga.example", AT_HOME),
        ("xn--k-1ga.example", "Kö.Example.", AT_HOME),
        (ELSEWHERE, "", NO_HOME),
    ],
    ids=["nowhere", "here", "in capitals", "with a dot", "IDNA", "IDNA at home", "no domain set"],
)
def test_r45_people_at_home_and_nowhere_are_never_kept_out(
    server: str | None, home: str, by: str
) -> None:
    judgement = judged(server, CLOSED, home=home)

    assert (judgement.admitted, judgement.by) == (True, by)


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


# ---- what a list takes ---------------------------------------------------------------------


def test_a_list_that_an_earlier_version_stored_still_loads() -> None:
    stored = {"mode": "blacklist", "blacklist": ["a." * 200 + "example", "-a.example", "a. b.com"]}

    assert len(msgspec.convert(stored, Federation).blacklist) == 3


@pytest.mark.parametrize("wrong", ["10.0.0.1", "a b", "", "https://a.example"])
def test_what_no_version_took_is_refused_with_its_place(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"`whitelist\[1\]`: .* is not allowed: it "):
        Federation(whitelist=("a.example", wrong))


def test_settings_are_the_same_whether_their_list_was_made_ready_or_not() -> None:
    asked, other = Federation(mode="blacklist"), Federation(mode="blacklist")

    judged(ELSEWHERE, asked, home=HOME)

    assert asked == other
    assert msgspec.to_builtins(asked) == msgspec.to_builtins(other)


@pytest.mark.parametrize("service", ["", "_vcs._tcp", "_X-meet._TCP", "_a._tcp"])
def test_r47_a_service_is_named_as_srv_records_have_it(service: str) -> None:
    assert Federation(service=service).service == service


@pytest.mark.parametrize(
    "service", ["vcs", "_vcs", "_vcs._udp", "_vcs._tcp.", "_vcs._tcp.example.org", "_-vcs._tcp"]
)
def test_r47_what_is_no_service_over_tcp_is_refused_with_its_name(service: str) -> None:
    with pytest.raises(ValueError, match=r"^`service` is .* such as '_vcs\._tcp'"):
        Federation(service=service)
