"""Claims about `notifier templates`; none of them needs a Redis."""

from email import message_from_bytes, message_from_string, policy
from pathlib import Path

import pytest

from notifier.core.wording.variables import KINDS, VARIABLES
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


def test_what_cannot_be_read_or_is_never_read_is_told_too(changed: Deployment) -> None:
    _write(changed, "fr/invitation/body.txt", "").write_bytes("Réunion".encode("latin-1"))
    _write(changed, "fr/invitaton/body.txt", "x")
    _write(changed, "kk/invitation/subject.txt", "x")
    _write(changed, "en/_layout/words.txt", "a = b\n\ngreeting = Dear %usr_display_name,\n")

    said = changed.run("templates", "lint")

    assert said.status == 1
    told = [line.partition("; did you mean ") for line in said.out.splitlines()]
    assert [(what.partition(": ")[0], meant) for what, _, meant in told] == [
        ("en/_layout/words.txt:3", "`user_display_name`?"),
        ("fr/invitation/body.txt:1", ""),
        ("kk/invitation/body.html", ""),
        ("fr/invitaton", "`invitation`?"),
        ("kk/_layout/words.txt", ""),
    ]
    assert "the file is not UTF-8; save it as UTF-8" in said.out


def test_lint_mends_what_mends_itself_when_it_is_asked_to(changed: Deployment) -> None:
    odd = _write(changed, "en/invitation/subject.txt", "\ufeff%сonf_name, {{ сonf_id }}\n")
    before = changed.run("templates", "lint", "--json")
    kept = odd.read_bytes()

    said = changed.run("templates", "lint", "--fix")

    assert {each["file"] for each in before.json} == {"subject.txt"}
    assert kept.startswith(b"\xef\xbb\xbf")
    assert odd.read_bytes() == b"%conf_name, {{ conf_id }}\n"
    assert (said.status, said.out) == (0, "Nothing to remark.\n")
    assert "look-alike letters straightened" in said.err


def test_a_preview_shows_the_letter_as_it_is_now(changed: Deployment) -> None:
    said = changed.run("templates", "preview", "invitation")

    assert said.status == 0
    assert said.out.startswith("Please come: Quarterly review\n\n")


def test_a_preview_can_be_a_mail(empty: Deployment) -> None:
    said = empty.run("templates", "preview", "reschedule", "--language", "fr", "--eml")

    mail = message_from_string(said.out, policy=policy.default)
    assert mail["Content-Language"] == "fr"
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    assert mail["X-Notifier-Kind"] == "reschedule"
    assert mail["To"] == "Boris Petit <boris@example.org>"


def test_a_preview_of_a_room_has_no_times(empty: Deployment) -> None:
    planned = empty.run("templates", "preview", "invitation").out
    room = empty.run("templates", "preview", "invitation", "--room").out

    assert "December 7, 2026" in planned
    assert "2026" not in room


def test_a_preview_of_a_series_says_its_days_and_that_clocks_change(bare: Deployment) -> None:
    said = bare.run("templates", "preview", "invitation", "--series").out

    assert "every Monday at 3:00 PM (Europe/Paris)" in said.replace("\u00a0", " ")
    assert "The clocks change: for you it starts" in said


def test_a_preview_is_by_the_clocks_of_a_reader(bare: Deployment) -> None:
    said = bare.run("templates", "preview", "reminder", "--zone", "Asia/Tokyo")
    wrong = bare.run("templates", "preview", "reminder", "--zone", "Asia/Tokio")

    assert "(Asia/Tokyo, UTC+09:00)" in said.out
    assert wrong.status == 2
    assert "'Asia/Tokio' is no time zone" in wrong.err


def test_a_preview_with_nasty_names_is_one_mail_all_the_same(bare: Deployment) -> None:
    said = bare.run("templates", "preview", "invitation", "--nasty", "--eml")

    mail = message_from_bytes(said.raw, policy=policy.default)
    assert mail.defects == []
    assert mail["Bcc"] is None
    assert "\u202e" not in str(mail["Subject"])
    page = mail.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()


def test_a_preview_is_opened_in_a_browser(bare: Deployment, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > "$0.asked"\n')
    browser.chmod(0o755)

    said = bare.run("templates", "preview", "invitation", "--open", BROWSER=f"{browser} %s")

    page = Path(said.out.strip())
    assert "Quarterly review" in page.read_text(encoding="utf-8")
    assert (tmp_path / "browser.asked").read_text().strip() == page.as_uri()


def test_where_there_is_no_browser_the_page_is_named(bare: Deployment) -> None:
    said = bare.run("templates", "preview", "invitation", "--open", BROWSER="/bin/false %s")

    assert said.status == 0
    assert said.err == "There is no browser here; open this file in one:\n"
    assert Path(said.out.strip()).is_file()


def test_a_preview_says_which_file_it_is_made_without(bare: Deployment) -> None:
    _write(bare, "en/invitation/body.txt", "Hello\n{{ conf_nam }}\n")

    said = bare.run("templates", "preview", "invitation")

    assert "en/invitation/body.txt:2: `conf_nam` is not known here" in said.err
    assert "did you mean `conf_name`?" in said.err
    assert "Anna Keller invites you" in said.out


def test_a_language_without_letters_is_previewed_in_the_last_resort(empty: Deployment) -> None:
    said = empty.run("templates", "preview", "invitation", "--language", "xx", "--html")

    assert said.status == 0
    assert said.err == "There is no invitation in 'xx'; this is the one in 'en'.\n"
    assert said.out.lstrip().startswith("<!doctype html>") or "<html" in said.out


def test_a_preview_without_settings_says_that_the_language_is_a_guess(bare: Deployment) -> None:
    said = bare.run("templates", "preview", "invitation", "--language", "xx")

    assert said.err.endswith("Redis did not say what the server's own language is.\n")


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
    _write(changed, "kk/reminder/subject.txt", "Жақында\n")

    said = changed.run("templates", "restore", "--all")

    assert said.status == 0
    assert "Left, because nothing is shipped there: kk" in said.out
    assert said.out.endswith("2 files taken away; the shipped ones are used.\n")


def test_all_letters_of_a_language_can_be_restored(changed: Deployment) -> None:
    reminder = _write(changed, "fr/reminder/subject.txt", "Bientôt\n")
    invitation = _write(changed, "fr/invitation/subject.txt", "Venez\n")

    said = changed.run("templates", "restore", "--language", "fr", "--json")

    assert said.json == [str(invitation), str(reminder)]
    assert (changed.folder / "templates/en/invitation/subject.txt").exists()


def test_one_letter_can_be_restored_in_all_languages(changed: Deployment) -> None:
    _write(changed, "fr/invitation/subject.txt", "Venez\n")
    _write(changed, "fr/reminder/subject.txt", "Bientôt\n")

    changed.run("templates", "restore", "invitation")

    [left] = [each for each in changed.run("templates", "list", "--json").json if each["files"]]
    assert (left["language"], left["kind"]) == ("fr", "reminder")


@pytest.mark.parametrize("asked", [[], ["invitation", "--all"], ["--language", "fr", "--all"]])
def test_restoring_nothing_or_too_much_is_asked_wrongly(bare: Deployment, asked: list[str]) -> None:
    said = bare.run("templates", "restore", *asked)

    assert said.status == 2
    assert "give" in said.err
    assert "--all" in said.err


@pytest.mark.parametrize("command", [["restore", "--all"], ["accept"], ["lint", "--fix"]])
@pytest.mark.parametrize(
    ("tree", "found"), [("", "NOTIFIER_TEMPLATES is not set"), ("/no/such", "which is missing")]
)
def test_no_tree_of_ones_own_is_said_plainly(
    bare: Deployment, command: list[str], tree: str, found: str
) -> None:
    said = bare.run("templates", *command, NOTIFIER_TEMPLATES=tree)

    assert said.status == 1
    assert found in said.err


def test_a_letter_of_ones_own_begins_with_the_shipped_one(bare: Deployment) -> None:
    own = bare.folder / "templates/fr/invitation"

    said = bare.run("templates", "edit", "invitation", "--language", "fr", "--file", "body.txt")
    again = bare.run("templates", "edit", "invitation", "--language", "fr", "--json")

    assert said.out == f"{own / 'body.txt'}\n"
    assert [each["new"] for each in again.json] == [True, True, False]
    assert bare.run("templates", "diff").out == ""


def test_a_language_that_is_not_shipped_is_begun_with_a_word_on_whose_letter_is_used(
    bare: Deployment,
) -> None:
    said = bare.run(
        "templates", "edit", "invitation", "--language", "zh-CN", "--file", "subject.txt"
    )

    assert said.status == 0
    assert "Nothing is shipped in 'zh-CN', whose readers get 'zh-Hans' so far" in said.err


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (["invtation", "--language", "fr"], "did you mean 'invitation'?"),
        (["invitation"], "give a language"),
        (["invitation", "--language", ""], "'' is no language"),
        (["invitation", "--language", "france"], "'france' is no language"),
        (["invitation", "--language", "fr", "--file", "body.htm"], "did you mean 'body.html'?"),
        (["_layout", "--language", "fr"], "--file: base.html"),
    ],
)
def test_a_mistyped_edit_is_told_what_was_meant(
    bare: Deployment, asked: list[str], hint: str
) -> None:
    said = bare.run("templates", "edit", *asked)

    assert said.status == 2
    assert hint in said.err
    assert list((bare.folder / "templates").iterdir()) == []


def test_what_an_upgrade_changed_is_named_shown_and_accepted(bare: Deployment) -> None:
    """What is kept as the base stands in for the files of an older package."""
    bare.run("templates", "edit", "invitation", "--language", "en", "--file", "subject.txt")
    own = _write(bare, "en/invitation/subject.txt", "Please come: %conf_name\n")
    _write(bare, ".base/en/invitation/subject.txt", "You are invited\n")

    [listed] = [each for each in bare.run("templates", "list", "--json").json if each["files"]]
    doctor = bare.run("doctor", "--json")
    diff = bare.run("templates", "diff")
    [compared] = bare.run("templates", "diff", "--json").json
    accepted = bare.run("templates", "accept", "--json")

    assert listed["outdated"] == ["subject.txt"]
    told = [each["found"] for each in doctor.json if each["name"] == "templates"]
    assert told == [f"the shipped letter has changed since yours was made: {own}"]
    assert "-You are invited\n+Invitation: %conf_name\n" in diff.out
    assert "-Invitation: %conf_name\n+Please come: %conf_name\n" in diff.out
    assert compared["base"] == "changed"
    assert accepted.json == [str(own)]
    [after] = bare.run("templates", "diff", "--json").json
    assert (after["base"], after["underneath"]) == ("same", "")


def test_the_doctor_says_that_the_folder_of_the_letters_is_missing(bare: Deployment) -> None:
    said = bare.run("doctor", "--json", NOTIFIER_TEMPLATES="/no/such")

    [told] = [each for each in said.json if each["name"] == "templates"]
    assert told["status"] == "warn"
    assert told["found"] == "/no/such is missing; all letters are as shipped"


def test_the_doctor_advises_to_restore_the_broken_letter_alone(bare: Deployment) -> None:
    _write(bare, "fr/invitation/body.txt", "{{")
    _write(bare, "_layout/base.txt", "no letter")

    said = bare.run("doctor", "--json")

    assert "template fault" not in said.err  # It stands in the table already.
    advised = [each["advice"] for each in said.json if each["name"] == "templates"]
    assert advised == [
        "mend the file, or notifier templates restore _layout",
        "mend the file, or notifier templates restore invitation --language fr",
    ]


@pytest.mark.parametrize("command", [["list"], ["lint"], ["diff"], ["preview", "reminder"]])
def test_a_folder_that_is_none_is_told_to_whoever_only_looks(
    bare: Deployment, command: list[str]
) -> None:
    file = _write(bare, "file", "no folder")

    said = bare.run("templates", *command, NOTIFIER_TEMPLATES=str(file))

    assert said.status == 0
    assert f"NOTIFIER_TEMPLATES names {file}, which is no folder" in said.err


def test_an_empty_language_is_none_and_not_all(bare: Deployment) -> None:
    layout = _write(bare, "_layout/base.txt", "{{ content }}")

    said = bare.run("templates", "restore", "--language", "")
    all_of_it = bare.run("templates", "restore", "--language", "", "--all")
    looked = bare.run("templates", "diff", "--language", "")

    assert (said.status, all_of_it.status, looked.status) == (1, 2, 1)
    assert looked.err.startswith("notifier: there are no letters in ''; there are some in ")
    assert layout.exists()


@pytest.mark.parametrize("command", ["lint", "diff", "restore"])
def test_an_unknown_language_is_told_with_those_there_are(empty: Deployment, command: str) -> None:
    said = empty.run("templates", command, "invitation", "--language", "xx")

    assert said.status == 1
    assert said.err.startswith("notifier: there are no letters in 'xx'; there are some in ")
    assert {"en", "fr"} <= set(said.err.rstrip(".\n").partition(" some in ")[2].split(", "))


def test_what_a_letter_may_print_is_listed_with_samples_in_its_language(empty: Deployment) -> None:
    rows = empty.run("templates", "variables", "reschedule", "--language", "fr", "--json").json

    samples = {each["name"]: each["sample"] for each in rows}
    assert samples.keys() == VARIABLES["reschedule"]
    assert samples["previous_recurrence"].startswith("tous les vendredis")
    assert samples["conf_unique_link"] == ""


def test_samples_in_a_language_without_letters_are_refused(empty: Deployment) -> None:
    said = empty.run("templates", "variables", "reminder", "--language", "tlh")

    assert said.status == 1
    assert "there are no letters in 'tlh'; there are some in ar, de, en" in said.err
