"""Names of installers: how addresses travel in `setup_TOKEN.exe` and are read from it (R41).

A token consists of letters and digits, which nothing rewrites that a file passes on its way:
browsers, servers, archives, copies. To read one:

1. Take the name of the installer's own file, without its folders (on Windows the long one, which
   GetLongPathName gives: a short one, SETUP_~1.EXE, holds no token). In it, take the longest runs
   of `0` to `9`, `A` to `Z`, `a` to `z` that stand behind a `_`. The token is the last one that
   passes the steps 2 and 3. So ` (1)`, ` - Copy` or `.exe.download` do no harm.
2. It has at least 30 signs. Each is a digit: `0` to `9` are 0 to 9, `A` to `Z` 10 to 35, `a` to
   `z` 36 to 61. The first digit is the number of signs of the whole token, modulo 62.
3. Read all digits but the last two as one number to the base 62, the most significant digit first.
   Its remainder modulo 3833 is the number of the last two. (3833 is a prime, so no single altered
   sign and no two that have changed their places pass.)
4. Read the digits between the first and the last two as one number to the base 62. It is the
   payload, read as one number, most significant byte first: w digits are a payload of as many
   bytes as 62^w can hold, n for the largest n with 256^n ≤ 62^w. The first byte is not zero.
5. The first byte is the header: its upper two bits are the version, 1; its lower six are the
   number of the key, modulo 64. The others are sealed with AEAD_AES_SIV_CMAC_256 (RFC 5297): the
   first 16 are the synthetic IV, the rest is the ciphertext. The key has 32 bytes; the only
   associated data is the header, one byte; there is no nonce, so the same addresses have the same
   name. Refuse what is not authentic.
6. What is opened holds the addresses, as `packed.py` says.

The keys stand in the settings, `[network] installer_keys`, as `NUMBER:KEY,NUMBER:KEY` with the key
in hexadecimal digits (`notifier settings export --with-secrets` prints them); a client carries
those that it is to read. For trying it out, with the key number 1 that is the bytes 00 to 1f, and
the addresses `vc.example.com` with port 4307, `vc2.example.com` with port 443, 192.0.2.7 with port
4307 and 2001:db8::5 with port 8443:

    packed   39143c4602a7984a66bf91e28540000080dd8c000020761200186dc02000a41f60
    payload  412eb51a4534ed20fce3f7bc5fb732def6e613a7fe8540ae9ff77d8e1321cdf2
             25727aba41543d87ced7ecfe4317d049da62
    name     setup_90X7BmshJyOavTaRi6PHcjYTxDsP3uqcp8jnDZLlGKbRVljNWutGfYFMCSReScqt2jq30jc.exe
"""

import re
from typing import Final

from notifier.core.cleaning import UNSHOWN

# Windows has 260 for a whole path; a folder for downloads leaves this much. A sign that is not
# ASCII counts as its bytes in UTF-8, of which Linux takes 255.
MOST_NAME: Final = 200

VERSION: Final = 1
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE: Final = len(_DIGITS)
# The largest prime below 62².
_CHECK: Final = 3833
_CHECK_SIGNS: Final = 2

# The header, the synthetic IV and the 3 bytes that are least packed, with length and check (signs).
_LEAST: Final = 30
_RUN: Final = re.compile(r"(?<=_)[0-9A-Za-z]+")
_INSTALLER: Final = re.compile(r"(?P<stem>.+)(?P<suffix>\.(exe|msi))", re.IGNORECASE | re.DOTALL)
# What Windows forbids in names of files, and what nobody sees.
_FORBIDDEN: Final = re.compile(rf'[\t\n\r<>:"/\\|?*]|{UNSHOWN.pattern}')
_FOLDERS: Final = re.compile(r".*[/\\]", re.DOTALL)


class UnreadableName(ValueError):
    """A name from which no addresses can be read; the text says why, and what to do."""


# ---- writing ---------------------------------------------------------------------------------


def token_of(payload: bytes) -> str:
    """Give the token of a payload, whose first byte is not zero."""
    digits = _written(int.from_bytes(payload, "big"), _width(len(payload)))
    length = 1 + len(digits) + _CHECK_SIGNS
    said = _DIGITS[length % _BASE] + digits
    return said + _written(_read(said) % _CHECK, _CHECK_SIGNS)


def named(file: str, payload: bytes) -> str:
    """Give the name of an installer with the token of a payload in it, however long it gets.

    `file` is its name without folders, and was checked; a token that it carries already gives way,
    with what a copy has put behind it.
    """
    stem, suffix = _parted(file)
    return f"{stem}_{token_of(payload)}{suffix}"


def length(name: str) -> int:
    """Give the length of a name, of which `MOST_NAME` are allowed."""
    return len(name.encode("utf-8", "surrogateescape"))


def check_installer(file: str) -> None:
    """Raise ValueError where `file`, without folders, is no name of an installer."""
    if not _INSTALLER.fullmatch(file) or _FORBIDDEN.search(file):
        raise ValueError(
            f"{file[:MOST_NAME]!r} is no name of a Windows installer; "
            "give one that ends with .exe or .msi, and has no sign that Windows forbids in names"
        )


def _parted(file: str) -> tuple[str, str]:
    """Give what stands before a token, and what stands behind it, from `.` on."""
    found = _INSTALLER.fullmatch(file)
    assert found is not None  # it was checked
    token = _last_token(_RUN.findall(file))
    stem = file[: file.rindex(f"_{token}")] if token else found["stem"]
    return stem, found["suffix"]


# ---- reading ---------------------------------------------------------------------------------


def payload_in(name: str) -> bytes:
    """Give the payload that the token in a name carries; raises UnreadableName."""
    runs = _RUN.findall(_FOLDERS.sub("", name))
    token = _last_token(runs)
    if token is None:
        raise UnreadableName(_fault(max(reversed(runs), key=len, default="")))
    return _payload(token)


def _fault(run: str) -> str:
    """Say what is wrong with a run that ought to be a token."""
    if len(run) < _LEAST:
        return (
            "no run of letters and digits behind a `_` is long enough to carry addresses, so it "
            "never had any or was cut; give the name that notifier network installer-name printed"
        )
    if run in {run.lower(), run.upper()}:
        return (
            f"all letters of its token are {'small' if run == run.lower() else 'capital'}, and "
            "there the two differ; give the name as it was before something rewrote it"
        )
    if not _has_length(run):
        return (
            f"its token has {len(run)} signs, and the first of them says another length: it was "
            "cut, or something was put to it without a space or sign between; give the whole name"
        )
    return (
        f"its token has all of its {len(run)} signs, and at least one is not as it was written; "
        "copy the name instead of typing it"
    )


def _last_token(runs: list[str]) -> str | None:
    """Give the last run that is a token as it was written."""
    return next(filter(_is_whole, reversed(runs)), None)


def _is_whole(run: str) -> bool:
    said, check = run[:-_CHECK_SIGNS], run[-_CHECK_SIGNS:]
    fits = _LEAST <= len(run) < MOST_NAME and _has_length(run)
    return fits and _read(said) % _CHECK == _read(check)


def _has_length(run: str) -> bool:
    return _DIGITS.index(run[0]) == len(run) % _BASE


def _payload(token: str) -> bytes:
    digits = token[1:-_CHECK_SIGNS]
    size = ((_BASE ** len(digits)).bit_length() - 1) // 8
    try:
        return _read(digits).to_bytes(size, "big")
    except OverflowError:
        # Nobody writes such a token, and chance passes the check once in some thousand times.
        raise UnreadableName("its token is none that a notifier has written") from None


# ---- numbers ---------------------------------------------------------------------------------


def _width(size: int) -> int:
    """Give how many digits hold as many bytes."""
    width = 0
    while _BASE**width < 256**size:
        width += 1
    return width


def _written(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, _BASE)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _read(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * _BASE + _DIGITS.index(digit)
    return number
