"""Claims about lists of masks as text files."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.core.cleaning import UNSHOWN
from notifier.core.federation.federation import MOST_ENTRIES, Entry
from notifier.core.federation.mask_lists import BadMaskList, as_entry, as_listed, parsed, written

NOVEMBER = date(2026, 11, 26)

masks = st.sampled_from(["*", "a.example", "*.Exämple.com", "v*.a_b.example", "例え.jp"])
comments = (
    st.text(max_size=20)
    | st.sampled_from(
        ["-", "- x", "2026-11-26 x", "# x", " x ", "\\U0000000a", "\\", "\\\\", "a\r\nb", "\ufeff"]
    )
    | st.builds(
        "{}{}{}".format,
        st.sampled_from(["2026-13-45", "26.11.2026", "11/26/2026", "2026-11-26"]),
        st.sampled_from(["", ",", "T", "T\t", ":\\", "\t", "\u200b", "."]),
        st.text(max_size=3),
    )
)
entries = st.builds(Entry, mask=masks, comment=comments, added=st.none() | st.dates())


@given(st.lists(entries | masks, max_size=4))
@example([Entry(mask="a.example", comment="2026-11-26")])
@example([Entry(mask="a.example", comment="-", added=NOVEMBER)])
@example([Entry(mask="a.example", comment="\u2028\x85\x1b[2J\u202e")])
@example([Entry(mask="a.example", comment="\u3000")])
def test_what_is_written_reads_back(listed: list[str | Entry]) -> None:
    text = written(listed)

    assert parsed(text.encode()) == tuple(map(as_entry, listed))
    assert text.count("\n") == len(listed)
    assert UNSHOWN.search(text) is None


def test_what_is_written_can_be_read_by_people() -> None:
    listed: list[str | Entry] = [
        "*.Exämple.org",
        Entry(mask="a.example", comment="2 # C:\\hosts", added=NOVEMBER),
        Entry(mask="b.example", comment="2026-11-26, the move\n"),
        Entry(mask="c.example", comment="26.11.2026 the move"),
    ]

    assert written(listed).splitlines() == [
        "*.Exämple.org",
        "a.example # 2026-11-26 2 # C:\\\\hosts",
        "b.example # - 2026-11-26, the move\\U0000000a",
        "c.example # - 26.11.2026 the move",
    ]


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("a.example", Entry(mask="a.example")),
        ("  a.example\t", Entry(mask="a.example")),
        ("a.example#ours", Entry(mask="a.example", comment="ours")),
        ("a.example  #  ours, # 1 ", Entry(mask="a.example", comment="ours, # 1")),
        ("a.example #", Entry(mask="a.example")),
        ("a.example # 2026-11-26", Entry(mask="a.example", added=NOVEMBER)),
        (
            "a.example # 2026-11-26   ours",
            Entry(mask="a.example", comment="ours", added=NOVEMBER),
        ),
        ("a.example # - 2026-11-26", Entry(mask="a.example", comment="2026-11-26")),
        ("a.example #\t2026-11-26\tours", Entry(mask="a.example", comment="ours", added=NOVEMBER)),
        ("a.example # - 2026-13-26 x", Entry(mask="a.example", comment="2026-13-26 x")),
        ("a.example # 10.1.20.3 x", Entry(mask="a.example", comment="10.1.20.3 x")),
        ("a.example # 20261126 x", Entry(mask="a.example", comment="20261126 x")),
        (r"a.example # C:\new\users", Entry(mask="a.example", comment=r"C:\new\users")),
        (
            r"a.example # \U00110000 \U0000d800",
            Entry(mask="a.example", comment=r"\U00110000 \U0000d800"),
        ),
    ],
)
def test_a_line_is_a_mask_and_behind_it_a_date_and_a_comment(line: str, entry: Entry) -> None:
    assert parsed(line.encode()) == (entry,)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa.example\nb.example\n",
        b"a.example\r\nb.example\r\n",
        b"a.example\rb.example",
        b"\n# a remark, c.example\n\n  # another\na.example\n \t\nb.example",
    ],
    ids=["BOM", "CRLF", "CR", "remarks and empty lines"],
)
def test_files_of_all_systems_are_read(content: bytes) -> None:
    assert parsed(content) == (Entry(mask="a.example"), Entry(mask="b.example"))


def test_an_empty_file_is_an_empty_list() -> None:
    assert parsed(b"") == ()
    assert written(()) == ""


def test_each_bad_line_is_named_by_its_number() -> None:
    with pytest.raises(BadMaskList) as refused:
        parsed(b"# masks\na.example\n10.0.0.1\n\nb.example\na..b # ours\n")

    assert [each.line for each in refused.value.faults] == [3, 6]
    assert "10.0.0.1" in refused.value.faults[0].sentence


@pytest.mark.parametrize(
    "word",
    ["2026-13-45", "2026-02-30", "26.11.2026", "11/26/2026", "2026-1-2", "2026-11-26,"],
)
def test_a_mistyped_date_does_not_become_a_comment(word: str) -> None:
    with pytest.raises(BadMaskList) as refused:
        parsed(f"a.example\nd.example # {word} wrong\n".encode())

    [fault] = refused.value.faults
    assert fault.line == 2
    assert f"'{word}' looks like a date and is none" in fault.sentence
    assert f"# - {word}" in fault.sentence


def test_what_stands_on_the_list_may_stay_though_it_is_refused_today() -> None:
    content = b"a-.example # before there was a check\nb-.example\n"

    with pytest.raises(BadMaskList) as refused:
        parsed(content, known={"a-.example"})

    assert [each.line for each in refused.value.faults] == [2]
    assert len(parsed(content, known={"a-.example", "b-.example"})) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"a.example\r\nb.example # Z\xfcrich\r\n",
        b"\xef\xbb\xbfk\xc3\xb6.example\n\xc3\xb6\xc3\xb6\xff\n",
        b"a.example\nb.examp\xc3",
    ],
    ids=["Latin-1", "behind a BOM", "cut off"],
)
def test_what_is_not_utf_8_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(BadMaskList) as refused:
        parsed(content)

    [fault] = refused.value.faults
    assert fault.line == 2
    assert "UTF-8" in fault.sentence


def test_a_comment_that_no_setting_could_hold_is_refused() -> None:
    with pytest.raises(BadMaskList) as refused:
        parsed(b"a.example # " + b"x" * 1001)

    assert "1001 signs; at most 1000" in refused.value.faults[0].sentence


def test_one_entry_too_many_is_refused_where_it_stands() -> None:
    full = b"a.example\n" * MOST_ENTRIES

    assert len(parsed(full + b"# the end\n")) == MOST_ENTRIES
    with pytest.raises(BadMaskList) as refused:
        parsed(full + b"# the end\nb.example\nc.example\n")

    [fault] = refused.value.faults
    assert fault.line == MOST_ENTRIES + 2
    assert str(MOST_ENTRIES) in fault.sentence


def test_a_list_of_an_older_version_that_is_longer_reads_back() -> None:
    known = frozenset(f"h{number}.example" for number in range(MOST_ENTRIES + 5))
    text = written(sorted(known))

    assert len(parsed(text.encode(), known=known)) == MOST_ENTRIES + 5
    with pytest.raises(BadMaskList, match="1 lines"):
        parsed(f"{text}one.more.example\n".encode(), known=known)


def test_an_entry_with_nothing_to_say_is_a_mask_alone() -> None:
    assert as_listed(Entry(mask="a.example")) == "a.example"
    assert as_listed(Entry(mask="a.example", added=NOVEMBER)) == Entry(
        mask="a.example", added=NOVEMBER
    )
