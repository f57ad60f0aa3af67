"""What a letter's lines look like on the wire."""

import itertools

import pytest

from notifier.core.wire import Wire, stuffed, wire_form


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\nb\rc", b"a\r\nb\r\nc\r\n"),
        (b"a\r\r\n\nb", b"a\r\n\r\n\r\nb\r\n"),
        (b"", b"\r\n"),
        (b"a\r\r\n\n", b"a\r\n\r\n\r\n"),
        (b"\n\r", b"\r\n\r\n"),
        (b"a\r\nb\n", b"a\r\nb\r\n"),
    ],
)
def test_every_line_ends_in_crlf(content: bytes, expected: bytes) -> None:
    assert wire_form(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\r\n", b"a\r\n"),
        (b".\r\na.b\r\n", b"..\r\na.b\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n"),
    ],
)
def test_a_dot_that_opens_a_line_is_doubled(content: bytes, expected: bytes) -> None:
    assert stuffed(content) == expected


def test_any_mixture_of_ends_and_dots_is_put_in_order() -> None:
    for letters in itertools.product(b"a.\r\n", repeat=6):
        content = bytes(letters)
        lines = content.splitlines()

        wired = wire_form(content)

        assert wired == b"".join(line + b"\r\n" for line in lines)
        doubled = [b"." * line.startswith(b".") + line for line in lines]
        assert stuffed(wired) == b"".join(line + b"\r\n" for line in doubled)


def test_what_was_looked_through_before_is_taken_as_it_is() -> None:
    letter = Wire(b"a\r\nb\r\n")

    assert wire_form(letter) is letter
    assert stuffed(letter) is letter
