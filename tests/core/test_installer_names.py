"""Claims about tokens in names; `tests/adapters/test_installer_cipher.py` has the keys."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.network.installer_names import (
    MOST_NAME,
    UnreadableName,
    check_installer,
    length,
    named,
    payload_in,
    token_of,
)
from tests.installer_client import DIGITS, number, passes

PAYLOADS = st.binary(min_size=20, max_size=135).filter(lambda payload: payload[0])
PAYLOAD = b"\x41" + bytes(range(60))
NAME = named("setup.exe", PAYLOAD)
TOKEN = token_of(PAYLOAD)


def _checked(said: str) -> str:
    """Give these signs with the check that fits them."""
    high, low = divmod(number(said) % 3833, 62)
    return said + DIGITS[high] + DIGITS[low]


# What browsers, copies, servers and systems make of `setup_TOKEN.exe`.
DECORATED = (
    "{}.exe",
    "{}.EXE",
    "{}",
    "{} (1).exe",
    "{}(1).exe",
    "{}[1].exe",
    "{}-1.exe",
    "{}_1.exe",
    "{} 2.exe",
    "{} - Copy.exe",
    "{} - Copy (2).exe",
    "{} - Kopie (2).exe",
    "{} – Копия.exe",
    "{} copy.exe",
    "{} copy 2.exe",
    "{}のコピー.exe",
    "{} (copy).exe",
    "Copy of {}.exe",
    "{}.exe.1",
    "{}.exe.download",
    "{}.exe.crdownload",
    "{}.exe.part",
    "C:\\Users\\Anna_Long\\Downloads\\{}.exe",
    "/home/anna/down_loads/{}.exe",
    "{}.msi",
)


@given(PAYLOADS)
def test_a_name_gives_back_its_payload(payload: bytes) -> None:
    name = named("setup.exe", payload)

    assert payload_in(name) == payload
    assert set(name) <= set(string.ascii_letters + string.digits + "_.")
    assert passes(token_of(payload))


@pytest.mark.parametrize("form", DECORATED)
def test_what_others_do_to_a_name_does_no_harm(form: str) -> None:
    assert payload_in(form.format(f"setup_{TOKEN}")) == PAYLOAD


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("setup.exe", f"setup_{TOKEN}.exe"),
        ("Setup_x64-3.2.1.EXE", f"Setup_x64-3.2.1_{TOKEN}.EXE"),
        ("setup_.msi", f"setup__{TOKEN}.msi"),
        ("Prüfung.exe", f"Prüfung_{TOKEN}.exe"),
        (f"setup_{'a' * 40}.exe", f"setup_{'a' * 40}_{TOKEN}.exe"),
    ],
)
def test_the_token_stands_at_the_end_of_the_name_that_there_was(file: str, expected: str) -> None:
    check_installer(file)

    assert named(file, PAYLOAD) == expected


@pytest.mark.parametrize("form", [each for each in DECORATED if each.endswith((".exe", ".EXE"))])
def test_an_older_token_gives_way(form: str) -> None:
    older = token_of(b"\x42" + bytes(30))
    file = form.format(f"setup_{older}").rpartition("/")[2].rpartition("\\")[2]

    name = named(file, PAYLOAD)

    assert older not in name
    assert name.lower().removeprefix("copy of ") == f"setup_{TOKEN}.exe".lower()


def test_what_stands_before_an_older_token_stays() -> None:
    assert named(f"my_setup_x64_{TOKEN}.exe", PAYLOAD) == f"my_setup_x64_{TOKEN}.exe"


def test_of_two_tokens_the_last_one_counts() -> None:
    assert payload_in(f"setup_{token_of(PAYLOAD[::-1])}_{TOKEN}.exe") == PAYLOAD


@pytest.mark.parametrize(
    "file", ["setup", "setup.zip", "setup.exe.1", ".exe", "a\\b.exe", "a:b.exe", "a\u202eb.exe"]
)
def test_what_is_no_installer_s_name_is_refused(file: str) -> None:
    with pytest.raises(ValueError, match=r"is no name of a Windows installer; give one"):
        check_installer(file)


def test_every_single_altered_sign_is_refused() -> None:
    others = string.digits + string.ascii_letters
    altered = [
        f"setup_{TOKEN[:at]}{other}{TOKEN[at + 1 :]}.exe"
        for at in range(len(TOKEN))
        for other in others
        if other != TOKEN[at]
    ]

    read = [each for each in altered if _fault(each) is None]

    assert len(altered) == 61 * len(TOKEN)
    assert read == []


def test_signs_that_have_changed_their_places_are_refused() -> None:
    swapped = {
        TOKEN[:at] + TOKEN[at + 1] + TOKEN[at] + TOKEN[at + 2 :] for at in range(len(TOKEN) - 1)
    } - {TOKEN}

    assert [each for each in swapped if _fault(f"setup_{each}.exe") is None] == []


@given(PAYLOADS, st.data())
def test_a_token_that_was_cut_is_refused(payload: bytes, data: st.DataObject) -> None:
    token = token_of(payload)
    left = data.draw(st.integers(0, len(token) - 1))

    assert _fault(f"setup_{token[:left]}.exe") is not None
    assert _fault(f"setup_{token[len(token) - left :]}.exe") is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("setup.exe", "never had any or was cut"),
        ("", "never had any or was cut"),
        (f"/down_{TOKEN}/setup.exe", "never had any or was cut"),
        (named("setup.exe", PAYLOAD[:10]), "never had any or was cut"),
        ("setup_x64.exe", "never had any or was cut"),
        (f"setup_{TOKEN[:20]}.exe", "never had any or was cut"),
        (f"setup_{TOKEN[:-5]}.exe", "was cut, or something was put to it"),
        (f"setup_{TOKEN[:-5]}_1.exe", "was cut, or something was put to it"),
        (f"setup_{TOKEN}copy.exe", "was cut, or something was put to it"),
        (f"setup_{_checked('0' + TOKEN[1:-2])}.exe", "was cut, or something was put to it"),
        (f"setup_{_checked(TOKEN[0] + 'z' * len(TOKEN[1:-2]))}.exe", "none that a notifier has"),
        (NAME.replace("p", "q"), "at least one is not as it was written"),
        (NAME.lower(), "all letters of its token are small"),
        (NAME.upper(), "all letters of its token are capital"),
    ],
)
def test_the_refusal_says_what_has_happened_to_a_name(name: str, expected: str) -> None:
    assert expected in (_fault(name) or "")


@given(st.text() | st.text(string.ascii_letters + string.digits + "_", min_size=30))
def test_no_name_is_worse_than_refused(name: str) -> None:
    assert _fault(name) is not None


def test_the_most_is_counted_in_the_bytes_that_linux_counts() -> None:
    assert length("setup.exe") == 9
    assert length("für.exe") == 8
    assert MOST_NAME < 255


def _fault(name: str) -> str | None:
    try:
        payload_in(name)
    except UnreadableName as fault:
        return str(fault)
    return None
