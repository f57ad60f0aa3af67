"""The shelf: which file is used, when a change is seen, and what a broken file may not do."""

import os
import shutil
import time
from pathlib import Path

import pytest

from notifier.adapters.shelf import Fault, Shelf
from notifier.adapters.template_files import FILE_LIMIT, shipped_root
from tests.adapters.shelves import letter, shipped_tree, text, write
from tests.unprivileged import unprivileged


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return shipped_tree(tmp_path / "shipped")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def told() -> list[Fault]:
    return []


@pytest.fixture
def shelf(shipped: Path, own: Path, told: list[Fault]) -> Shelf:
    return Shelf(shipped, own, report=told.append, glance_ns=0)


class TestWhichFile:
    def test_the_shipped_file_is_used_where_nothing_was_changed(self, shelf: Shelf) -> None:
        assert text(shelf) == "en Review"

    def test_the_first_language_that_has_the_kind_is_taken(self, shelf: Shelf) -> None:
        assert shelf.template("invitation", ["nl", "fr", "en"])[1] == "fr"
        assert shelf.template("reminder", ["fr", "en"])[1] == "en"

    def test_english_is_the_last_resort(self, shelf: Shelf) -> None:
        assert shelf.template("invitation", [])[1] == "en"
        assert shelf.template("invitation", ["tlh"])[1] == "en"

    @pytest.mark.parametrize("spelt", ["pt-BR", "pt_BR", "pt_br", "PT-BR"])
    def test_a_language_is_found_however_it_is_spelt(self, shelf: Shelf, spelt: str) -> None:
        assert shelf.template("invitation", [spelt])[1] == "pt-BR"

    @pytest.mark.parametrize("path", ["../own", "/etc", "..", ".", "", "en/../fr", "_layout", "\0"])
    def test_a_language_is_not_a_path(self, shelf: Shelf, path: str) -> None:
        assert shelf.template("invitation", [path])[1] == "en"

    def test_each_file_is_overridden_by_itself(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/subject.txt": "Mine"})

        said = shelf.template("invitation", ["en"])[0].render({"conf_name": "Review"})

        assert (said.subject, said.text) == ("Mine", "en Review\n")

    def test_a_shipped_language_is_better_than_ones_own_in_another(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, letter("en", said="mine"))

        assert text(shelf, ["fr", "en"]) == "fr Review"

    def test_a_language_can_be_added(self, shelf: Shelf, own: Path) -> None:
        write(own, letter("nl", said="{{ when }}{{ colon }} nl"))

        assert text(shelf, ["nl", "en"]) == "When: nl"

    def test_an_added_language_may_have_some_kinds_only(self, shelf: Shelf, own: Path) -> None:
        write(own, letter("kk"))

        assert shelf.template("invitation", ["kk", "fr", "en"])[1] == "kk"
        assert shelf.template("reminder", ["kk", "fr", "en"])[1] == "en"

    def test_a_letter_never_begins_in_one_language_and_ends_in_another(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, {"kk/invitation/subject.txt": "kk"})

        template, used = shelf.template("invitation", ["kk", "fr", "en"])

        assert (used, template.render({"conf_name": "Review"}).subject) == ("fr", "fr Review")

    def test_a_variety_takes_from_its_language_what_it_lacks(self, shelf: Shelf, own: Path) -> None:
        write(own, {"fr-CA/invitation/subject.txt": "Joual", "fr-CA/_layout/words.txt": "x = y"})

        template, used = shelf.template("invitation", ["fr-CA", "fr", "en"])
        said = template.render({"conf_name": "Review"})

        assert (used, said.subject, said.text) == ("fr-CA", "Joual", "fr Review\n")
        assert shelf.template("reminder", ["fr-CA", "fr", "en"])[1] == "en"

    def test_a_variety_without_the_letter_gets_that_of_its_language(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, {"fr-BE/_layout/words.txt": "when = Jour"})

        assert shelf.template("invitation", ["fr-BE", "fr", "en"])[1] == "fr"

    def test_a_word_of_a_language_does_not_overrule_its_variety(
        self, shelf: Shelf, shipped: Path, own: Path
    ) -> None:
        write(shipped, {"pt_BR/invitation/body.txt": "{{ when }}"})
        write(shipped, {"pt_BR/_layout/words.txt": "when = Quando"})
        write(own, {"pt/_layout/words.txt": "when = Em"})

        assert text(shelf, ["pt-BR", "pt", "en"]) == "Quando"

    def test_a_word_can_be_changed_by_itself(self, shelf: Shelf, own: Path) -> None:
        write(own, {"fr/invitation/body.txt": "{{ when }}{{ colon }} %conf_name"})
        write(own, {"fr/_layout/words.txt": "when = Jour"})

        assert text(shelf, ["fr"]) == "Jour: Review"

    def test_a_layout_can_be_changed_for_one_language_or_for_all(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, {"_layout/base.txt": "all {{ content }}"})
        write(own, {"fr/_layout/base.txt": "fr {{ content }}"})

        assert text(shelf, ["en"]) == "all en Review"
        assert text(shelf, ["fr"]) == "fr fr Review"

    def test_a_file_of_the_layout_is_printed_by_its_name(self, shelf: Shelf, own: Path) -> None:
        write(own, {"_layout/legal.txt": "No liability.", "en/invitation/body.txt": "{{ legal }}"})

        assert text(shelf) == "No liability."

    def test_the_shipped_tree_is_found(self) -> None:
        assert (shipped_root() / "en" / "invitation" / "subject.txt").is_file()

    def test_a_tree_without_english_is_refused_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="no templates"):
            Shelf(tmp_path / "nowhere")


class TestChanges:
    def test_nothing_is_compiled_twice(self, shelf: Shelf) -> None:
        first, _ = shelf.template("invitation", ["en"])

        assert shelf.template("invitation", ["en"])[0] is first

    def test_a_saved_file_is_used_by_the_next_letter(self, shelf: Shelf, own: Path) -> None:
        seen = [text(shelf)]

        for said in ("first", "again", "twice"):  # As long as each other, and at once.
            write(own, {"en/invitation/body.txt": said})
            seen.append(text(shelf))

        assert seen == ["en Review", "first", "again", "twice"]

    def test_an_editor_that_renames_is_seen(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/body.txt": "one", "en/invitation/.body.txt.swp": "two"})
        before = text(shelf)

        (own / "en/invitation/.body.txt.swp").replace(own / "en/invitation/body.txt")

        assert (before, text(shelf)) == ("one", "two")

    def test_an_old_file_put_in_place_is_seen(self, shelf: Shelf, own: Path) -> None:
        text(shelf)

        write(own, {"en/invitation/body.txt": "old"})
        os.utime(own / "en/invitation/body.txt", (1, 1))

        assert text(shelf) == "old"

    def test_a_file_whose_time_was_set_back_after_a_save_is_seen(
        self, shipped: Path, own: Path
    ) -> None:
        """As rsync and `cp -p` leave it: as large and as old as what was there."""
        later = [time.time_ns()]
        shelf = Shelf(shipped, own, glance_ns=0, now_ns=lambda: later[0])
        path = own / "en/invitation/body.txt"
        write(own, {"en/invitation/body.txt": "old"})
        os.utime(path, (1, 1))
        later[0] += 10**9
        text(shelf)  # which notes the base beside it
        before = text(shelf)

        path.write_text("new", encoding="utf-8")
        os.utime(path, (1, 1))

        assert (before, text(shelf)) == ("old", "new")

    def test_a_file_of_tomorrow_hides_no_change_of_another(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/subject.txt": "Mine"})
        os.utime(own / "en/invitation/subject.txt", (2**32, 2**32))
        seen = []

        for said in ("one", "two", "six"):
            write(own, {"en/invitation/body.txt": said})
            seen.append(text(shelf))

        assert seen == ["one", "two", "six"]

    def test_a_file_taken_away_is_seen(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/body.txt": "mine"})
        before = text(shelf)

        (own / "en/invitation/body.txt").unlink()

        assert (before, text(shelf)) == ("mine", "en Review")

    def test_a_changed_layout_is_seen_by_every_kind(self, shelf: Shelf, own: Path) -> None:
        text(shelf), text(shelf, kind="reminder")

        write(own, {"_layout/base.txt": "new {{ content }}"})

        assert text(shelf).startswith("new")
        assert text(shelf, kind="reminder").startswith("new")

    def test_a_changed_shipped_file_is_seen(self, shelf: Shelf, shipped: Path) -> None:
        text(shelf)

        write(shipped, {"en/invitation/body.txt": "newer"})

        assert text(shelf) == "newer"

    def test_files_are_not_looked_at_for_every_letter_of_a_batch(
        self, shipped: Path, own: Path
    ) -> None:
        clock = [time.time_ns()]
        shelf = Shelf(shipped, own, glance_ns=20, now_ns=lambda: clock[0])
        before = text(shelf)
        write(own, {"en/invitation/body.txt": "mine"})

        at_once = text(shelf)
        clock[0] += 20

        assert (before, at_once, text(shelf)) == ("en Review", "en Review", "mine")


BROKEN: dict[str, str | bytes] = {
    "syntax": "{% if conf_name %}",
    "unknown": "{{ nobody }}",
    "forbidden": "{% for i in range(10) %}{% endfor %}",
    "half-written": "",
    "latin-1": "Réunion".encode("latin-1"),
    "UTF-16 without a mark": "Review".encode("utf-16-le"),
    "half of UTF-16": "Review".encode("utf-16")[:-1],
    "blanks": " \n",
    "too large": "x" * (FILE_LIMIT + 1),
    "5 MB": "x" * 5_000_000,
}


class TestBrokenFiles:
    @pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
    @pytest.mark.parametrize("file", ["subject.txt", "body.html", "body.txt"])
    def test_the_shipped_file_is_used_instead(
        self, shelf: Shelf, own: Path, file: str, content: str | bytes
    ) -> None:
        write(own, {f"en/invitation/{file}": content})

        said = shelf.template("invitation", ["en"])[0].render({"conf_name": "Review"})

        assert (said.subject, said.text) == ("en Review", "en Review\n")
        (fault,) = shelf.faults()
        assert (fault.path, fault.used) == (own / "en/invitation" / file, "shipped")

    @pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
    def test_the_last_good_version_is_used_where_there_was_one(
        self, shelf: Shelf, own: Path, content: str | bytes
    ) -> None:
        write(own, {"en/invitation/body.txt": "good"})
        text(shelf)

        write(own, {"en/invitation/body.txt": content})

        assert text(shelf) == "good"
        assert [fault.used for fault in shelf.faults()] == ["last good"]

    def test_the_other_files_are_used_all_the_same(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/body.html": "{{", "en/invitation/subject.txt": "Mine"})

        assert shelf.template("invitation", ["en"])[0].render({}).subject == "Mine"

    def test_a_broken_layout_breaks_no_letter(self, shelf: Shelf, own: Path) -> None:
        write(own, {"_layout/base.txt": "no letter", "en/_layout/words.txt": "nonsense"})
        write(own, {"_layout/base.html": "<p {{ content }}"})

        assert text(shelf) == "en Review"
        assert text(shelf, kind="reminder") == "en Review"
        assert {fault.path.name for fault in shelf.faults()} == {
            "base.txt",
            "base.html",
            "words.txt",
        }

    def test_two_broken_files_are_both_named(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/subject.txt": "{{", "en/invitation/body.txt": "{{"})

        assert text(shelf) == "en Review"
        assert len(shelf.faults()) == 2

    def test_a_broken_language_of_ones_own_gives_way_to_the_next(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, letter("nl", said="{{"))

        assert shelf.template("invitation", ["nl", "fr"])[1] == "fr"

    def test_a_mended_file_is_used_and_its_fault_is_gone(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/body.txt": "{{"})
        text(shelf)

        write(own, {"en/invitation/body.txt": "mended"})

        assert text(shelf) == "mended"
        assert shelf.faults() == []

    def test_a_fault_is_told_once_until_it_is_mended(
        self, shelf: Shelf, own: Path, told: list[Fault]
    ) -> None:
        write(own, {"_layout/base.txt": "{{"})
        for _ in range(3):
            text(shelf), text(shelf, kind="reminder"), text(shelf, ["fr"])
        once = len(told)

        write(own, {"_layout/base.txt": "{{ content }}"})
        text(shelf)
        write(own, {"_layout/base.txt": "{{"})
        text(shelf)

        assert (once, len(told)) == (1, 2)

    def test_a_fault_is_told_once_however_it_is_edited_to_and_fro(
        self, shelf: Shelf, own: Path, told: list[Fault]
    ) -> None:
        for said in ("{{", "{{ nobody }}", "{{", "{{ nobody }}"):
            write(own, {"en/invitation/body.txt": said})
            text(shelf)

        assert len(told) == 2

    def test_a_fault_is_told_again_after_the_file_was_away(
        self, shelf: Shelf, own: Path, told: list[Fault]
    ) -> None:
        for _ in range(2):
            write(own, {"en/invitation/body.txt": "{{"})
            text(shelf)
            (own / "en/invitation/body.txt").unlink()
            text(shelf)

        assert len(told) == 2

    def test_a_language_that_was_taken_away_has_no_faults(self, shelf: Shelf, own: Path) -> None:
        write(own, letter("kk", said="{{"))
        text(shelf, ["kk"])

        shutil.rmtree(own / "kk")
        text(shelf, ["kk"])

        assert shelf.faults() == []

    def test_what_was_good_before_a_file_was_taken_away_does_not_come_back(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, {"en/invitation/body.txt": "good"})
        text(shelf)
        shelf.restore("invitation")
        text(shelf)

        write(own, {"en/invitation/body.txt": "{{"})

        assert text(shelf) == "en Review"

    def test_readers_of_a_broken_letter_that_is_not_shipped_get_the_next_language(
        self, shelf: Shelf, own: Path
    ) -> None:
        write(own, letter("kk") | {"kk/invitation/body.html": "{{"})

        assert shelf.template("invitation", ["kk", "fr"])[1] == "fr"
        [fault] = shelf.faults_of("invitation", ["kk", "fr"])
        assert (fault.language, fault.used) == ("kk", "next language")

    def test_a_broken_word_is_not_laid_upon_another_file(self, shelf: Shelf, own: Path) -> None:
        write(own, {"fr/invitation/body.txt": "{{ when }} {{ mine }}"})
        write(own, {"en/_layout/words.txt": "when = x\nmine = {{"})

        said = text(shelf, ["fr"])

        assert said == "fr Review"  # the body, which is broken without its word
        faults = {fault.path.relative_to(own).as_posix(): fault.line for fault in shelf.faults()}
        assert faults == {"en/_layout/words.txt": 2, "fr/invitation/body.txt": 1}

    def test_a_fault_says_where_it_is_and_what_was_meant(self, shelf: Shelf, own: Path) -> None:
        write(own, {"fr/invitation/body.txt": "x\n{{ conf_nmae }}"})

        (fault,) = shelf.faults()

        assert (fault.language, fault.kind, fault.line) == ("fr", "invitation", 2)
        assert fault.suggestion == "conf_name"

    def test_a_mark_of_windows_editors_is_no_fault(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/subject.txt": "\ufeffÉtude".encode()})
        write(own, {"en/invitation/body.txt": "Étude\r\nligne".encode("utf-16")})

        said = shelf.template("invitation", ["en"])[0].render({})

        assert (said.subject, said.text) == ("Étude", "Étude\nligne\n")
        assert shelf.faults() == []

    def test_folders_pipes_and_dangling_links_in_place_of_files_are_survived(
        self, shelf: Shelf, own: Path
    ) -> None:
        (own / "en/invitation/subject.txt").mkdir(parents=True)
        os.mkfifo(own / "en/invitation/body.txt")
        (own / "en/invitation/body.html").symlink_to("nowhere")
        (own / "_layout").write_text("not a folder", encoding="utf-8")

        assert text(shelf) == "en Review"
        assert {fault.path.name: fault.message for fault in shelf.faults()} == {
            "subject.txt": "the file is a folder",
            "body.txt": "the file is not a regular file",
            "body.html": "the file is a link that leads nowhere",
        }

    def test_links_in_a_circle_are_survived(self, shelf: Shelf, own: Path) -> None:
        (own / "en/invitation").mkdir(parents=True)
        (own / "en/invitation/body.txt").symlink_to("body.txt")

        assert text(shelf) == "en Review"
        assert [fault.message for fault in shelf.faults()] == [
            "the file is a link that leads in a circle"
        ]

    @pytest.mark.parametrize("closed", ["en/invitation/body.txt", "en/invitation", "en"])
    def test_what_may_not_be_read_is_a_fault_and_not_missing(
        self, shelf: Shelf, own: Path, closed: str
    ) -> None:
        write(own, {"en/invitation/body.txt": "mine"})
        (own / closed).chmod(0)

        def look() -> tuple[str, set[str]]:
            return text(shelf), {fault.message for fault in shelf.faults_of("invitation", ["en"])}

        said, faults = unprivileged(look)
        (own / closed).chmod(0o755)

        assert said == "en Review"
        assert faults == {"the file cannot be read: Permission denied"}

    def test_a_tree_that_is_a_file_is_survived(self, shipped: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x", encoding="utf-8")

        assert text(Shelf(shipped, tmp_path / "file")) == "en Review"

    def test_a_word_that_breaks_is_left_out(self, shelf: Shelf, own: Path) -> None:
        write(own, {"en/invitation/body.txt": "{{ when }}", "en/_layout/words.txt": "when = {{"})

        assert text(shelf) == "When"


class TestTaking:
    @pytest.fixture(autouse=True)
    def changed(self, own: Path) -> None:
        write(own, {"en/invitation/body.txt": "mine\n", "en/reminder/body.txt": "mine\n"})
        write(own, {"fr/invitation/body.txt": "mine\n", "_layout/base.txt": "x {{ content }}"})
        write(own, letter("nl"))

    def test_the_tree_says_whose_each_file_is(self, shelf: Shelf) -> None:
        origins = {(each.language, each.kind, each.file): each.origin for each in shelf.tree()}

        assert origins["en", "invitation", "body.txt"] == "changed"
        assert origins["en", "invitation", "subject.txt"] == "shipped"
        assert origins["nl", "invitation", "body.txt"] == "added"
        assert origins["", "_layout", "base.txt"] == "changed"

    def test_the_difference_is_shown(self, shelf: Shelf) -> None:
        shown = shelf.diff("invitation", "en")

        assert "-en %conf_name\n" in shown
        assert "+mine\n" in shown
        assert shelf.diff("reminder", "fr") == ""

    def test_one_letter_is_restored(self, shelf: Shelf, own: Path) -> None:
        taken = shelf.restore("invitation", language="en")

        assert taken == [own / "en/invitation/body.txt"]
        assert text(shelf) == "x en Review"
        assert text(shelf, kind="reminder") == "x mine"

    def test_all_letters_of_a_language_are_restored_with_the_layout(self, shelf: Shelf) -> None:
        shelf.restore(language="en")

        assert (text(shelf), text(shelf, kind="reminder")) == ("en Review", "en Review")
        assert text(shelf, ["fr"]) == "mine"

    def test_everything_is_restored_but_what_was_never_shipped(self, shelf: Shelf) -> None:
        shelf.restore()

        assert (text(shelf), text(shelf, ["fr"])) == ("en Review", "fr Review")
        assert text(shelf, ["nl"]) == "nl Review"

    def test_what_was_taken_is_kept_as_a_backup(self, shelf: Shelf, own: Path) -> None:
        shelf.restore("invitation", language="en")

        kept = own / ".backup" / "en" / "invitation" / "body.txt"
        assert kept.read_text(encoding="utf-8") == "mine\n"
        assert all(each.language != ".backup" for each in shelf.tree())

    def test_the_newest_backup_has_the_plain_name(self, shelf: Shelf, own: Path) -> None:
        shelf.restore("invitation", language="en")
        write(own, {"en/invitation/body.txt": "later"})

        shelf.restore("invitation", language="en")

        kept = own / ".backup" / "en" / "invitation" / "body.txt"
        assert kept.read_text(encoding="utf-8") == "later"

    def test_without_a_tree_of_ones_own_there_is_nothing_to_restore(self, shipped: Path) -> None:
        assert Shelf(shipped).restore() == []
