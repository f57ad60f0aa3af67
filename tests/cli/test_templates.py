"""Claims about `notifier templates`; none of them needs a Redis."""

from email import message_from_string, policy
from pathlib import Path

import pytest

from notifier.core.wording.variables import KINDS
from tests.cli.deployment import Deployment


@pytest.fixture
def changed(empty: Deployment) -> Deployment:
    """The administrator has written an English invitation of their own."""
    _write(empty, "en/invitation/subject.txt", "Please come: %conf_name\n")
    return empty


def _write(deployment: Deployment, name: str, text: str) -> Path:
    path = deployment.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_letter_is_listed_in_every_language(empty: Deployment) -> None:
    rows = empty.run("templates", "list", "--json").json

    listed = {(each["language"], each["kind"]) for each in rows}
    assert {(language, kind) for language in ("en", "fr") for kind in KINDS} <= listed
    assert {each["origin"] for each in rows} == {"shipped"}


def test_a_changed_letter_is_listed_with_its_files(changed: Deployment) -> None:
    rows = changed.run("templates", "list", "--json").json

    [own] = [each for each in rows if each["origin"] != "shipped"]
    assert (own["language"], own["kind"], own["files"]) == ("en", "invitation", ["subject.txt"])


def test_what_is_shipped_needs_no_remark(empty: Deployment) -> None:
    said = empty.run("templates", "lint")

    assert (said.status, said.out) == (0, "Nothing to remark.\n")


def test_a_broken_file_is_named_with_line_and_what_was_meant(changed: Deployment) -> None:
    _write(changed, "en/invitation/body.txt", "Hello\n{{ conf_nam }}\n")

    said = changed.run("templates", "lint", "invitation", "--language", "en")

    assert said.status == 1
    assert said.out.startswith("en/invitation/body.txt:2: ")
    assert "did you mean `conf_name`?" in said.out


def test_an_odd_name_is_remarked_and_is_no_failure(changed: Deployment) -> None:
    _write(changed, "en/invitation/subject.txt", "%conf_nam\n")

    said = changed.run("templates", "lint", "--json")

    assert said.status == 0
    assert [(each["file"], each["suggestion"]) for each in said.json] == [
        ("subject.txt", "conf_name")
    ]


def test_a_preview_shows_the_letter_as_it_is_now(changed: Deployment) -> None:
    said = changed.run("templates", "preview", "invitation")

    assert said.status == 0
    assert said.out.startswith("Please come: Quarterly review\n\n")


def test_a_preview_can_be_a_mail(empty: Deployment) -> None:
    said = empty.run("templates", "preview", "reschedule", "--language", "fr", "--eml")

    mail = message_from_string(said.out, policy=policy.default)
    assert mail["Content-Language"] == "fr"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_preview_of_a_room_has_no_times(empty: Deployment) -> None:
    planned = empty.run("templates", "preview", "invitation").out
    room = empty.run("templates", "preview", "invitation", "--room").out

    assert "December 7, 2026" in planned
    assert "2026" not in room


def test_a_language_without_letters_is_previewed_in_the_last_resort(empty: Deployment) -> None:
    said = empty.run("templates", "preview", "invitation", "--language", "xx", "--html")

    assert said.status == 0
    assert said.err == "There is no invitation in 'xx'; this is the one in 'en'.\n"
    assert said.out.lstrip().startswith("<!doctype html>") or "<html" in said.out


def test_a_diff_shows_what_was_changed(changed: Deployment) -> None:
    said = changed.run("templates", "diff", "invitation", "--language", "en")

    assert said.status == 0
    assert "+Please come: %conf_name" in said.out
    assert changed.run("templates", "diff", "reminder").out == ""


def test_restoring_brings_the_shipped_letter_back_and_keeps_a_copy(changed: Deployment) -> None:
    said = changed.run("templates", "restore", "invitation", "--language", "en", "--json")

    own = changed.folder / "templates/en/invitation/subject.txt"
    assert said.json == [str(own)]
    assert not own.exists()
    assert (changed.folder / "templates/.backup/en/invitation/subject.txt").exists()
    assert changed.run("templates", "diff").out == ""


def test_all_can_be_restored_at_once(changed: Deployment) -> None:
    _write(changed, "fr/reminder/subject.txt", "Bientôt\n")

    said = changed.run("templates", "restore", "--all")

    assert said.status == 0
    assert said.out.endswith("2 files taken away; the shipped ones are used.\n")


@pytest.mark.parametrize("command", ["lint", "diff", "restore"])
def test_an_unknown_language_is_told_with_those_there_are(empty: Deployment, command: str) -> None:
    said = empty.run("templates", command, "invitation", "--language", "xx")

    assert said.status == 1
    assert said.err.startswith("notifier: there are no letters in 'xx'; there are some in ")
    assert {"en", "fr"} <= set(said.err.rstrip(".\n").partition(" some in ")[2].split(", "))
