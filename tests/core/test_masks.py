"""Claims about masks: which names they cover, how they are compared, and what is none."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.federation.masks import (
    check_mask,
    covers,
    normalised,
    normalised_mask,
    was_allowed,
)


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
    assert normalised(name) == normalised(normalised(name))


@pytest.mark.parametrize(
    ("mask", "name"),
    [
        ("exämple.r3--x.com", "EXÄMPLE.r3--x.com"),
        ("exämple.foo_bar.com", "x.exämple.foo_bar.com"),
        ("*.exämple.com", "a_b.exämple.com"),
        ("*.exämple.com", "r3---sn.xn--exmple-cua.com"),
        ("evil.de", "evil.de.\u00ad"),
        ("evil.de", "evil.de。\u200b。"),
    ],
)
def test_r44_a_label_that_idna_refuses_hides_no_other(mask: str, name: str) -> None:
    """A blacklist could be walked round by such a label in front."""
    assert covers(mask, normalised(name)) is (name != "x.exämple.foo_bar.com")


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
        "conf",
        "conf.example.com.",
        " conf.example.com ",
        "**.example.com",
        "*-a.example.com",
        "exämple。com",
        ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]),
        "*" + ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]),
        "*a" * 10,
    ],
)
def test_r44_names_and_masks_are_entries(mask: str) -> None:
    check_mask(mask)

    assert covers(mask, normalised(mask.replace("*", "x")))
    assert was_allowed(mask)


NUMBERS = "it is an IP address"


@pytest.mark.parametrize(
    ("mask", "fault"),
    [
        ("", "it is empty"),
        (" . ", "it is empty"),
        ("10.0.0.1", NUMBERS),
        ("10.0.0.1.", NUMBERS),
        ("10.*", NUMBERS),
        ("*.0.0.1", NUMBERS),
        ("10.0.0.*", NUMBERS),
        ("0x7f.1", NUMBERS),
        ("0x7f.*", NUMBERS),
        ("0x7f000001", NUMBERS),
        ("2130706433", NUMBERS),
        ("１０.0.0.1", NUMBERS),
        ("::1", NUMBERS),
        ("[::1]", NUMBERS),
        ("[::1]:4307", NUMBERS),
        ("fe80::1%eth0", NUMBERS),
        ("2001:db8::*", NUMBERS),
        ("conf.example.com:4307", "it has a port"),
        ("conf.example.com:", "it has a port"),
        ("https://a.example", "it is a URL"),
        ("https://a.example:4307/c/1", "it is a URL"),
        ("a.example/c", "it has a path"),
        ("a@b.example", "it has an @"),
        ("a b", "it has white space"),
        ("a\u00a0b.example", "it has white space"),
        ("a\n.example", "it has a sign that cannot be seen"),
        ("a\x1b[2J.example", "it has a sign that cannot be seen"),
        ("a\u202e.example", "it has a sign that cannot be seen"),
        ("a..b", "it has an empty label"),
        (".example.com", "it has an empty label"),
        ("-a.example", "a label begins or ends with a hyphen"),
        ("a-.example", "a label begins or ends with a hyphen"),
        ("*-.example", "a label begins or ends with a hyphen"),
        ("a" * 64 + ".example", "a label has more than 63 characters"),
        ("ä" * 60 + ".example", "it has letters that no server's name may have"),
        (".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 62]), "it has more than 253 characters"),
        ("*" + ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]) + "**.*", "more than 253"),
        (
            "*" + ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])[1:] + "*.*",
            "it has more than 255 characters",
        ),
        ("*a" * 11, "it has more than 10 stars"),
        ("v*ä.example", "letters beyond ASCII have a star in their label"),
        ("☃.example", "it has letters that no server's name may have"),
        ("a!b.example", "it has signs other than"),
        ("example.com,example.org", "it has signs other than"),
        ("a:b.example", "it has signs other than"),
    ],
)
def test_r44_what_is_no_mask_is_refused_with_its_fault(mask: str, fault: str) -> None:
    with pytest.raises(ValueError, match="is not allowed") as refused:
        check_mask(mask)

    assert f"is not allowed: {fault}" in str(refused.value) or fault in str(refused.value)
    assert str(refused.value).isprintable()


@given(st.text(st.sampled_from("a1.*-_: @Ä。☃\n"), max_size=12) | st.text(max_size=12))
def test_what_is_taken_onto_a_list_today_loads_from_it_tomorrow(mask: str) -> None:
    try:
        check_mask(mask)
    except ValueError:
        return

    assert was_allowed(mask)
    assert normalised_mask(mask).isascii()


@given(st.text(st.sampled_from("aB1.*-_Ä。 "), max_size=12))
def test_a_normalised_mask_is_its_own_normal_form(mask: str) -> None:
    assert normalised_mask(normalised_mask(mask)) == normalised_mask(mask)


@pytest.mark.parametrize(
    ("mask", "normal"),
    [
        ("*.Exämple.com.", "*.xn--exmple-cua.com"),
        (" A.Example.COM ", "a.example.com"),
        ("**.a***b.example", "*.a*b.example"),
        ("exämple。com", "xn--exmple-cua.com"),
    ],
)
def test_r44_masks_are_compared_in_one_form(mask: str, normal: str) -> None:
    assert normalised_mask(mask) == normal
