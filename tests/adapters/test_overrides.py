"""Letters of one's own: where they begin, what changes under them, and how they are taken back."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.adapters.overrides import Overrides
from notifier.adapters.shelf import Shelf
from tests.adapters.shelves import letter, shipped_tree, text, write
from tests.unprivileged import unprivileged

BODY = "en/invitation/body.txt"


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return shipped_tree(tmp_path / "shipped")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


@pytest.fixture
def overrides(shipped: Path, own: Path) -> Overrides:
    return Overrides(shipped, own)


def begin(overrides: Overrides, file: str = "body.txt", language: str = "en") -> Path:
    [begun] = overrides.begin("invitation", language, (file,))
    return begun.path


class TestBeginning:
    def test_an_override_begins_as_the_shipped_file(self, overrides: Overrides, own: Path) -> None:
        path = begin(overrides)

        assert path == own / BODY
        assert path.read_text() == "en %conf_name"

    def test_what_is_already_ones_own_stays(self, overrides: Overrides, own: Path) -> None:
        write(own, {BODY: "mine"})

        [begun] = overrides.begin("invitation", "en", ("body.txt",))

        assert (begun.new, begun.path.read_text()) == (False, "mine")

    def test_a_language_that_is_not_shipped_begins_with_what_its_readers_get(
        self, overrides: Overrides, own: Path
    ) -> None:
        assert begin(overrides, language="kk") == own / "kk/invitation/body.txt"
        assert begin(overrides, language="fr-CA").read_text() == "fr %conf_name"

    def test_a_language_keeps_the_spelling_that_its_folder_has(
        self, overrides: Overrides, own: Path
    ) -> None:
        assert begin(overrides, language="pt-br").parent.parent == own / "pt_BR"

    def test_the_layout_of_all_languages_can_be_begun(
        self, overrides: Overrides, own: Path
    ) -> None:
        [begun] = overrides.begin("_layout", "", ("base.txt",))

        assert begun.path == own / "_layout/base.txt"
        assert overrides.shippable("_layout", "") == ("base.html", "base.txt")
        assert overrides.shippable("_layout", "fr") == ("base.html", "base.txt", "words.txt")


class TestBases:
    def test_nothing_has_changed_under_a_new_override(self, overrides: Overrides) -> None:
        begin(overrides).write_text("mine")

        assert overrides.outdated(None, None) == []

    def test_what_an_upgrade_changes_under_an_override_is_shown(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        begin(overrides).write_text("mine\n")
        write(shipped, {BODY: "newer\n"})

        [compared] = overrides.compared("invitation", "en")

        assert overrides.outdated(None, None) == [own / BODY]
        assert compared.base == "changed"
        assert "-en %conf_name\n+newer\n" in compared.underneath
        assert "-newer\n+mine\n" in compared.yours

    def test_a_shipped_file_that_is_gone_is_shown(
        self, overrides: Overrides, shipped: Path
    ) -> None:
        begin(overrides, language="fr")
        (shipped / "fr/invitation/body.txt").unlink()

        [compared] = overrides.compared("invitation", "fr")

        assert compared.base == "gone"
        assert "-fr %conf_name\n" in compared.underneath

    def test_a_file_copied_by_hand_gets_its_base_when_it_is_first_seen(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        write(own, {BODY: "mine"})

        noted = overrides.note()
        write(shipped, {BODY: "newer"})

        assert noted
        assert overrides.outdated("invitation", "en") == [own / BODY]

    def test_a_process_that_uses_a_file_notes_its_base(self, own: Path, shipped: Path) -> None:
        write(own, {BODY: "mine", "_layout/base.txt": "my {{ content }}"})

        text(Shelf(shipped, own, glance_ns=0))

        assert (own / ".base" / BODY).read_text() == "en %conf_name"
        assert (own / ".base/_layout/base.txt").exists()

    def test_a_later_look_does_not_forget_what_was_shipped_then(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        begin(overrides)
        write(shipped, {BODY: "newer"})

        overrides.note()

        assert overrides.outdated(None, None) == [own / BODY]

    def test_accepting_makes_the_present_the_base_and_leaves_the_file(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        begin(overrides).write_text("mine")
        begin(overrides, language="fr")
        write(shipped, {BODY: "newer", "fr/invitation/body.txt": "nouveau"})

        taken = overrides.accept("invitation", "en")

        assert taken == [own / BODY]
        assert overrides.outdated(None, None) == [own / "fr/invitation/body.txt"]
        assert (own / BODY).read_text() == "mine"

    def test_an_editor_that_renames_does_not_lose_the_base(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        path = begin(overrides)
        path.rename(path.with_name("body.txt~"))

        overrides.note()
        path.write_text("mine")
        write(shipped, {BODY: "newer"})

        assert overrides.outdated(None, None) == [path]

    def test_an_override_that_was_removed_long_ago_leaves_no_base(
        self, overrides: Overrides, own: Path, shipped: Path
    ) -> None:
        path = begin(overrides)
        path.unlink()
        os.utime(path.parent, (1, 1))

        overrides.note()

        assert not (own / ".base" / BODY).exists()

    def test_a_language_of_ones_own_has_no_base(self, overrides: Overrides) -> None:
        begin(overrides, language="kk")

        [compared] = overrides.compared("invitation", "kk")

        assert (compared.base, compared.underneath) == ("none", "")

    def test_a_base_that_lies_elsewhere_is_not_read(
        self, overrides: Overrides, own: Path, tmp_path: Path
    ) -> None:
        begin(overrides)
        (tmp_path / "secret").write_text("the secret key")
        (own / ".base" / BODY).unlink()
        (own / ".base" / BODY).symlink_to(tmp_path / "secret")

        [compared] = overrides.compared("invitation", "en")

        assert (compared.base, compared.underneath) == ("unknown", "")


@pytest.fixture
def read_only(own: Path) -> Iterator[Path]:
    write(own, {BODY: "mine"})
    own.chmod(0o555)
    yield own
    own.chmod(0o755)


def test_a_tree_that_is_read_only_is_said_to_be_and_is_used(
    overrides: Overrides, shipped: Path, read_only: Path
) -> None:
    def look() -> tuple[bool, str, str]:
        [compared] = overrides.compared("invitation", "en")
        return overrides.note(), compared.base, text(Shelf(shipped, read_only))

    assert unprivileged(look) == (False, "unknown", "mine")


class TestRestoring:
    def test_a_second_restoring_keeps_the_copies_of_the_first(
        self, overrides: Overrides, own: Path
    ) -> None:
        for said in ("first", "second", "third"):
            write(own, {BODY: said})
            overrides.restore("invitation", language="en")

        kept = sorted((own / ".backup/en/invitation").iterdir())
        assert [(path.name, path.read_text()) for path in kept] == [
            ("body.txt", "third"),
            ("body.txt.1", "first"),
            ("body.txt.2", "second"),
        ]

    def test_one_kind_is_restored_in_all_languages(self, overrides: Overrides, own: Path) -> None:
        write(own, letter("en") | letter("fr") | letter("en", "reminder"))

        overrides.restore("invitation")

        assert {each.kind for each in overrides.tree() if each.origin != "shipped"} == {"reminder"}

    def test_folders_that_hold_nothing_any_more_go_too(
        self, overrides: Overrides, own: Path
    ) -> None:
        write(own, {BODY: "mine", "fr/notes.txt": "call Anna"})
        write(own, letter("fr"))

        overrides.restore()

        assert sorted(path.name for path in own.iterdir()) == [".backup", "fr"]
        assert [path.name for path in (own / "fr").iterdir()] == ["notes.txt"]

    def test_what_is_restored_has_no_base_any_more(self, overrides: Overrides, own: Path) -> None:
        begin(overrides)

        overrides.restore("invitation", language="en")

        assert not (own / ".base" / BODY).exists()
