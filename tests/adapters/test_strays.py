"""What lies in the administrator's tree in vain, and is told instead of passed over."""

from pathlib import Path

import pytest

from notifier.adapters.strays import strays
from tests.adapters.shelves import letter, shipped_tree, write


def found(folder: Path, *names: str) -> list[tuple[str, str | None]]:
    own = folder / "own"
    write(own, dict.fromkeys(names, "x"))
    shipped = shipped_tree(folder / "shipped")
    return [(f"{each.path.relative_to(own)}", each.nearest) for each in strays(own, shipped)]


@pytest.mark.parametrize(
    ("typed", "told", "meant"),
    [
        ("fr/invitaton/body.txt", "fr/invitaton", "invitation"),
        ("fr/Invitation/body.txt", "fr/Invitation", "invitation"),
        ("fr/invitation/Body.txt", "fr/invitation/Body.txt", "body.txt"),
        ("fr/invitation/body.htm", "fr/invitation/body.htm", "body.html"),
        ("fr/invitation/letter.md", "fr/invitation/letter.md", None),
        ("fr/body.txt", "fr/body.txt", None),
        ("invitation/body.txt", "invitation", None),
        ("templates/fr/invitation/body.txt", "templates", None),
        ("fr_/invitation/body.txt", "fr_", "fr"),
        ("_layout/Base.html", "_layout/Base.html", None),
        ("_layout/conf_name.txt", "_layout/conf_name.txt", None),
        ("_layout", "_layout", None),
    ],
)
def test_a_mistyped_name_is_told_with_what_was_meant(
    tmp_path: Path, typed: str, told: str, meant: str | None
) -> None:
    assert found(tmp_path, typed) == [(told, meant)]


def test_a_language_in_two_spellings_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, "pt-BR/invitation/body.txt", "pt_BR/invitation/body.txt") == [
        ("pt-BR", None)
    ]


def test_what_is_read_and_traces_and_notes_are_not_told(tmp_path: Path) -> None:
    names = [*letter("fr"), *letter("kk"), "_layout/legal.txt", "fr/_layout/words.txt"]
    traces = ["fr/invitation/body.txt~", "fr/invitation/.body.txt.swp", "fr/invitation/4913"]
    others = ["README.md", "fr/notes.txt", ".git/config", "fr/invitation/body.txt.bak"]

    assert found(tmp_path, *names, *traces, *others) == []


def test_a_tree_that_is_missing_has_nothing_in_vain(tmp_path: Path) -> None:
    assert list(strays(tmp_path / "nowhere", shipped_tree(tmp_path / "shipped"))) == []
