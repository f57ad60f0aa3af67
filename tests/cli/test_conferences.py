"""Claims about `notifier conferences`."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from notifier.core.events import Choices
from notifier.core.stage import Stage
from notifier.core.times.schedule import Schedule
from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, soon


def _weekly(days: int) -> Schedule:
    start = datetime.now(UTC) + timedelta(days=days)
    start = start.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    return Schedule(start=start, time_zone="UTC", duration=3600, recurrence="FREQ=WEEKLY")


def test_a_conference_is_shown_with_its_list_and_what_comes(told: Deployment) -> None:
    said = told.run("conferences", "show", "df0a2adebe", "--json")

    assert said.status == 0, said.err
    shown = said.json
    start = datetime.fromisoformat(shown["occurrences"][0])
    assert (shown["state"], shown["revision"]) == ("planned", 1)
    assert {(each["address"], each["standing"]) for each in shown["list"]} == {
        ("boris@example.org", "invited"),
        ("chen@example.cn", "invited"),
        ("dana@example.net", "invited"),
    }
    assert [
        (datetime.fromisoformat(each["at"]), each["offset"]) for each in shown["reminders"]
    ] == [
        (start - timedelta(days=1), "1d"),
        (start - timedelta(minutes=5), "5m"),
    ]
    assert shown["occurrences"][0].endswith("T12:00:00Z")


def test_a_series_shows_five_starts_and_the_reminders_of_each(empty: Deployment) -> None:
    held = soon(schedule=_weekly(2), notifications=Choices(reminders=("2h",)))
    empty.hear(cast.event("conference.invitation", {"conference": held, "participants": []}))

    shown = empty.run("conferences", "show", held.id, "--json").json

    starts = [datetime.fromisoformat(each) for each in shown["occurrences"]]
    assert [later - earlier for earlier, later in pairwise(starts)] == ([timedelta(days=7)] * 4)
    assert [
        (datetime.fromisoformat(each["at"]), each["offset"]) for each in shown["reminders"]
    ] == [(start - timedelta(hours=2), "2h") for start in starts]


def test_why_a_planned_conference_reminds_nobody_is_said(empty: Deployment) -> None:
    held = soon(notifications=Choices(reminders=()))
    empty.hear(cast.event("conference.invitation", {"conference": held, "participants": []}))

    shown = empty.run("conferences", "show", held.id)

    assert "reminds nobody any more: reminders are off, or no offset was chosen" in shown.out


def test_that_the_last_reminder_has_passed_is_said(empty: Deployment) -> None:
    held = soon(schedule=_begun(-10), notifications=Choices(reminders=("2h",)))
    empty.hear(cast.event("conference.invitation", {"conference": held, "participants": []}))

    shown = empty.run("conferences", "show", held.id)
    offsets = empty.run("conferences", "show", held.id, "--json").json["offsets"]

    assert "reminds nobody any more: the last moment (2h before) has passed" in shown.out
    assert offsets == ["2h"]


def test_a_cancelled_conference_has_nothing_to_come(empty: Deployment) -> None:
    empty.hear(
        cast.event("conference.invitation", {"conference": soon(), "participants": [cast.BORIS]}),
        cast.event("conference.cancellation", {"conference": soon(2)}),
    )

    shown = empty.run("conferences", "show", "df0a2adebe", "--json").json

    assert (shown["state"], shown["occurrences"], shown["reminders"]) == ("cancelled", [], [])


def _begun(minutes: int) -> Schedule:
    """One that began so many minutes ago, and lasts an hour."""
    begun = datetime.now(UTC).replace(second=0, microsecond=0, tzinfo=None)
    return Schedule(start=begun - timedelta(minutes=minutes), time_zone="UTC", duration=3600)


def test_a_conference_that_is_on_now_is_shown_as_running(empty: Deployment) -> None:
    held = soon(schedule=_begun(10))
    empty.hear(cast.event("conference.invitation", {"conference": held, "participants": []}))

    shown = empty.run("conferences", "show", held.id, "--json").json
    table = empty.run("conferences", "show", held.id).out

    assert shown["state"] == "running"
    assert held.schedule is not None
    until = held.schedule.start + timedelta(hours=1)
    assert shown["running_until"] == f"{until.isoformat()}Z"
    assert "(df0a2adebe): running, private" in table
    assert f"runs until {until:%Y-%m-%d %H:%M:%S} UTC" in table


def test_a_conference_whose_time_is_over_is_shown_as_ended(empty: Deployment) -> None:
    held = soon(schedule=_begun(61))
    empty.hear(cast.event("conference.invitation", {"conference": held, "participants": []}))

    shown = empty.run("conferences", "show", held.id, "--json").json

    assert (shown["state"], shown["running_until"], shown["occurrences"]) == ("ended", None, [])


def test_the_help_says_what_each_state_means(empty: Deployment) -> None:
    said = empty.run("conferences", "show", "--help").out

    assert [each for each in Stage if each not in said] == []


def test_whoever_was_taken_off_is_shown_apart_from_the_list(empty: Deployment) -> None:
    signed_up = msgspec.structs.replace(cast.CHEN, unique_link="https://conf.example.com/x")
    empty.hear(
        cast.event("conference.invitation", {"conference": soon(), "participants": [cast.BORIS]}),
        cast.event("conference.registration", {"conference": soon(2), "participant": signed_up}),
        cast.event("conference.removal", {"conference": soon(3), "participants": [cast.BORIS]}),
    )

    shown = empty.run("conferences", "show", "df0a2adebe", "--json").json

    assert [(each["name"], each["standing"]) for each in shown["list"]] == [
        ("Chen Li", "registered")
    ]
    assert [(each["name"], each["revision"]) for each in shown["removed"]] == [("Boris Petit", 3)]


def test_the_table_names_everybody(told: Deployment) -> None:
    said = told.run("conferences", "show", "df0a2adebe")

    assert said.status == 0
    assert said.out.startswith("Quarterly review (df0a2adebe): planned, private, revision 1")
    assert [name for name in ("Boris Petit", "Chen Li", "Dana Fox") if name not in said.out] == []


def test_an_unknown_conference_is_told_with_what_comes_nearest(told: Deployment) -> None:
    said = told.run("conferences", "show", "df0a2adebf")

    assert said.status == 1
    assert said.err == "notifier: There is no conference 'df0a2adebf'; did you mean df0a2adebe?\n"


def test_a_conference_that_cannot_be_read_is_not_called_missing(empty: Deployment) -> None:
    empty.with_parts(lambda parts: parts.client.hset("notifier:conference:broken", "known", b"{}"))

    said = empty.run("conferences", "show", "broken")

    assert (said.status, said.err.count("\n")) == (1, 1)
    assert "The conference broken is kept in words that this version cannot read" in said.err


# ---- telling somebody again ----------------------------------------------------------------


@pytest.mark.parametrize("named", ["boris@example.org", "boris@conf.example.com"])
def test_somebody_is_told_again_by_a_delivery_of_its_own(empty: Deployment, named: str) -> None:
    empty.run("settings", "apply", empty.file("settings.toml", SETTINGS))
    empty.hear(
        cast.event("conference.invitation", {"conference": soon(), "participants": [cast.BORIS]})
    )

    first = empty.run("conferences", "resend", "df0a2adebe", named)
    second = empty.run("conferences", "resend", "df0a2adebe", named, "--json")
    listed = empty.run("deliveries", "list", "--conference", "df0a2adebe", "--json").json

    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert first.out.startswith("The invitation to boris@example.org waits as delivery ")
    assert first.out.endswith("; a running worker sends it within seconds.\n")
    assert len({each["id"] for each in listed}) == 3
    assert {(each["kind"], each["state"]) for each in listed} == {("invitation", "pending")}
    assert second.json["id"] in {each["id"] for each in listed}
    assert second.json["message_id"] == f"<{second.json['id']}@example.com>"


def test_why_somebody_cannot_be_told_again_is_one_sentence_and_status_1(told: Deployment) -> None:
    stranger = told.run("conferences", "resend", "df0a2adebe", "eve@example.org")
    nowhere = told.run("conferences", "resend", "df0a2adebf", "boris@example.org")

    assert (stranger.status, stranger.out, nowhere.status, nowhere.out) == (1, "", 1, "")
    assert stranger.err == (
        "notifier: There is nobody 'eve@example.org' on the list of df0a2adebe, nor was there; "
        "see who is: notifier conferences show df0a2adebe\n"
    )
    assert (
        nowhere.err == "notifier: There is no conference 'df0a2adebf'; did you mean df0a2adebe?\n"
    )


def test_whoever_asks_for_nobody_asked_wrongly(told: Deployment) -> None:
    said = told.run("conferences", "resend", "df0a2adebe")

    assert said.status == 2
    assert "Missing argument 'person'. See notifier conferences resend --help." in said.err


def test_the_help_of_resend_shows_how_it_is_asked(told: Deployment) -> None:
    said = told.run("conferences", "resend", "--help")

    assert said.status == 0
    assert "Example: notifier conferences resend df0a2adebe boris@example.org" in said.out
