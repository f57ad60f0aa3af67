r"""Lists of masks as text files: one mask a line, and behind a `#` who wanted it and since when.

    # The whole line is a remark, and is not kept.
    *.example.com
    conf.example.net    # 2026-11-26 our partners in Lyon
    v*.example.org      # wanted by Chris

The first word behind the `#` is the day when the mask came onto the list, if it is a date; the rest
is the comment. A comment that itself begins with a date, or with what looks like one, and has none
before it, has a `-` there: `# - 2026-11-26 is the day of the move`. What would not survive in a
line stands as `\U0000000a` does for a line break, and `\\` is a backslash; any other backslash is
what it is. So `parsed` reads whatever `written` wrote. Lines end as on any system; the text is
UTF-8, with or without a BOM.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from re import Match
from typing import Final

import msgspec

from notifier.core.cleaning import UNSHOWN
from notifier.core.federation.federation import MOST_ENTRIES, Entry
from notifier.core.federation.masks import check_mask

# As long as any line of the settings (characters).
LONGEST_COMMENT: Final = 1000

# As much of a wrong date as a sentence about it quotes (characters).
_QUOTED: Final = 30

# Which says that a comment has no date before it.
_NO_DATE: Final = "-"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What somebody means as a date, in the order of any country, with a time or a comma behind it.
_LIKE_A_DATE: Final = re.compile(
    r"([0-9]{4}([-./])[0-9]{1,2}\2[0-9]{1,2}|[0-9]{1,2}([-./])[0-9]{1,2}\3[0-9]{4})([T,;:]\S*)?"
)
# In lines that people write; what is written here has none but spaces.
_BLANK: Final = re.compile(r"[ \t]")
_LINE_END: Final = re.compile("\r\n|\n|\r")
# A backslash, what nobody sees or what ends a line, and blanks at either end.
_ESCAPED: Final = re.compile(rf"\\|[\t\n\r]|{UNSHOWN.pattern}|^ +| +$")
_ESCAPE: Final = re.compile(r"\\(?:(\\)|U([0-9A-Fa-f]{8}))")


class Fault(msgspec.Struct, frozen=True):
    """One line that is no entry, and why; lines are counted from 1."""

    line: int
    sentence: str


class BadMaskList(ValueError):
    """A text is no list of masks; all of its faults, in the order of the lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} lines are no entries")
        self.faults = faults


def as_entry(listed: str | Entry) -> Entry:
    """Give the entry; a mask alone is one without comment and date."""
    return listed if isinstance(listed, Entry) else Entry(mask=listed)


def as_listed(entry: Entry) -> str | Entry:
    """Give what stands in the settings: a mask alone where there is nothing else to say."""
    return entry if entry.comment or entry.added else entry.mask


# ---- writing -------------------------------------------------------------------------------


def written(entries: Iterable[str | Entry]) -> str:
    """Give a list as text, a line for each entry, in its order."""
    return "".join(f"{_line(as_entry(each))}\n" for each in entries)


def _line(entry: Entry) -> str:
    comment = _ESCAPED.sub(_as_escapes, entry.comment)
    behind = " ".join(filter(None, (_since(entry.added, comment), comment)))
    return f"{entry.mask.strip(' ')} # {behind}" if behind else entry.mask.strip(" ")


def _since(added: date | None, comment: str) -> str:
    """Give the date, or the sign that there is none where the comment looks like one."""
    if added:
        return added.isoformat()
    first = comment.partition(" ")[0]
    return _NO_DATE if first == _NO_DATE or _LIKE_A_DATE.fullmatch(first) else ""


def _as_escapes(found: Match[str]) -> str:
    if found[0] == "\\":
        return r"\\"
    return "".join(f"\\U{ord(each):08x}" for each in found[0])


# ---- reading -------------------------------------------------------------------------------


def parsed(content: bytes, *, known: Collection[str] = frozenset()) -> tuple[Entry, ...]:
    """Give the entries of a text in its order, all or nothing; raises BadMaskList.

    `known` masks stand on the list already and may stay, whatever is refused today, and however
    many they are.
    """
    read = list(_read(_lines(content), known))
    faults = tuple(each for each in read if isinstance(each, Fault))
    if faults:
        raise BadMaskList(faults)
    return tuple(each for each in read if isinstance(each, Entry))


def _lines(content: bytes) -> list[str]:
    try:
        return _LINE_END.split(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # Its place is counted behind a BOM, as its object is.
        line = len(_LINE_END.split(error.object[: error.start].decode()))
        sentence = "it is not UTF-8 text; save the file as UTF-8"
        raise BadMaskList((Fault(line, sentence),)) from error


def _read(lines: Iterable[str], known: Collection[str]) -> Iterator[Entry | Fault]:
    # An older version took longer lists, which may become shorter by and by.
    most = max(MOST_ENTRIES, len(known))
    entries = 0
    for number, line in enumerate(lines, start=1):
        mask, _, behind = line.partition("#")
        if not mask.strip():
            continue
        entries += 1
        if entries > most:
            yield Fault(number, f"a list has at most {most} entries, and this is one more")
            return
        said = behind.strip(" \t")
        entry = _entry(mask.strip(), said)
        fault = _no_date(said) or _fault(entry, known)
        yield Fault(number, fault) if fault else entry


def _entry(mask: str, behind: str) -> Entry:
    first, rest = _first_word(behind)
    added = _as_date(first)
    said = rest if added or first == _NO_DATE else behind
    comment = _ESCAPE.sub(_as_meant, said.strip(" \t"))
    return Entry(mask=mask, comment=comment, added=added)


def _first_word(behind: str) -> tuple[str, str]:
    first, *rest = _BLANK.split(behind, maxsplit=1)
    return first, "".join(rest)


def _no_date(behind: str) -> str | None:
    """Say that what stands in the place of the date looks like one and is none."""
    first, _ = _first_word(behind)
    if not _LIKE_A_DATE.fullmatch(first) or _as_date(first):
        return None
    return (
        f"{first[:_QUOTED]!r} looks like a date and is none; a date is year-month-day, such as "
        f"2026-11-26, and a comment that begins so has a - before it: # - {first[:_QUOTED]}"
    )


def _fault(entry: Entry, known: Collection[str]) -> str | None:
    """Say why an entry cannot be taken."""
    signs = len(entry.comment)
    if signs > LONGEST_COMMENT:
        return f"its comment has {signs} signs; at most {LONGEST_COMMENT} are kept"
    if entry.mask in known:
        return None
    try:
        check_mask(entry.mask)
    except ValueError as fault:
        return str(fault)
    return None


def _as_date(word: str) -> date | None:
    """Give the day that a word names; Python alone would take `20261126` and `2026-W48` too."""
    try:
        return date.fromisoformat(word) if _DATE.fullmatch(word) else None
    except ValueError:
        return None


def _as_meant(found: Match[str]) -> str:
    """Give the sign behind an escape; one that no text can hold stays as it was written."""
    if found[1]:
        return "\\"
    code = int(found[2], 16)
    surrogate = 0xD800 <= code <= 0xDFFF
    return chr(code) if code <= 0x10FFFF and not surrogate else found[0]
