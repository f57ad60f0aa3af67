"""Files that an editor is at: what is half there is not used, and nobody is told of it."""

import os
import threading
from pathlib import Path
from typing import Final

import pytest

from notifier.adapters.shelf import Fault, Shelf
from tests.adapters.shelves import shipped_tree, text, write

BODY: Final = "en/invitation/body.txt"
# An editor is through with a file within this time (nanoseconds).
QUIET: Final = 200_000_000


class Table:
    """A shelf whose clock is set by the test, on what the disk says."""

    def __init__(self, folder: Path) -> None:
        self.own = folder / "own"
        self.told: list[Fault] = []
        self.moment = 0
        shipped = shipped_tree(folder / "shipped")
        self.shelf = Shelf(
            shipped, self.own, report=self.told.append, glance_ns=0, now_ns=lambda: self.moment
        )

    def save(self, content: bytes, *, name: str = BODY) -> None:
        write(self.own, {name: content})
        self.moment = (self.own / name).stat().st_ctime_ns

    def wait(self) -> None:
        self.moment += QUIET


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


HALF: Final = {
    "truncated": b"",
    "a piece of it": b"x" * 8192,
    "within a character": "Réunion à"[:-1].encode() + "à".encode()[:1],
}


@pytest.mark.parametrize("half", HALF.values(), ids=HALF)
def test_half_a_file_is_not_used_and_not_told(table: Table, half: bytes) -> None:
    table.save(b"before")
    before = text(table.shelf)

    table.save(half)
    meanwhile = text(table.shelf)
    table.save(b"after")

    assert (before, meanwhile, text(table.shelf)) == ("before", "before", "after")
    assert table.told == []


@pytest.mark.parametrize("half", [HALF["truncated"], HALF["within a character"]])
def test_what_stays_half_is_told_once(table: Table, half: bytes) -> None:
    table.save(half)

    for _ in range(3):
        text(table.shelf)
        table.wait()

    assert [fault.path for fault in table.told] == [table.own / BODY]


def test_a_whole_file_that_is_as_long_as_a_piece_is_used_in_a_moment(table: Table) -> None:
    table.save(b"x" * 4096)
    text(table.shelf)

    table.wait()

    assert text(table.shelf) == "x" * 4096
    assert table.told == []


TRACES: Final = [".body.txt.swp", "body.txt~", "4913", "#body.txt#", "body.txt.bak", ".#body.txt"]


def test_traces_of_editors_are_not_read(table: Table) -> None:
    table.save(b"mine")
    for name in TRACES[:-1]:
        table.save(b"{{", name=f"en/invitation/{name}")
    # Emacs locks a file by a link that leads nowhere.
    (table.own / "en/invitation" / TRACES[-1]).symlink_to("anna@desk.4711:1795640326")

    assert text(table.shelf) == "mine"
    assert table.shelf.faults() == []


def test_letters_written_while_a_file_is_saved_over_and_over_are_whole(tmp_path: Path) -> None:
    own = tmp_path / "own"
    path = own / BODY
    write(own, {BODY: "a" * 10_000})
    told: list[Fault] = []
    shelf = Shelf(shipped_tree(tmp_path / "shipped"), own, report=told.append, glance_ns=0)
    text(shelf)
    begun, over = threading.Event(), threading.Event()

    def edit() -> None:
        """Save as editors do, in pieces of what one write takes, and by renaming."""
        for round_ in range(24):
            letter = b"abcdef"[round_ % 6 : round_ % 6 + 1]
            if round_ % 2:
                draft = path.with_name(".body.txt.new")
                draft.write_bytes(letter * 10_000)
                draft.replace(path)
            else:
                with path.open("wb", buffering=0) as file:
                    for length in (4096, 4096, 1808):
                        file.write(letter * length)
                        os.sched_yield()
            begun.set()
        over.set()

    editor = threading.Thread(target=edit)
    editor.start()
    begun.wait()
    seen = set()
    while not over.is_set():
        seen.add(text(shelf))
    editor.join()

    assert {(len(said), len(set(said))) for said in seen} == {(10_000, 1)}
    assert text(shelf) == "f" * 10_000
    assert told == []
