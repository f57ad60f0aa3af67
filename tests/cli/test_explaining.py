"""Claims about `notifier explain`: a dry run says what the true run would do, and does nothing."""

from email import message_from_bytes, policy
from typing import Any

import msgspec
import pytest

from tests import cast
from tests.cli.deployment import Deployment, soon


def _explained(deployment: Deployment, *events: dict[str, Any]) -> list[dict[str, str]]:
    given = b"\n".join(cast.raw(each) for each in events)
    said = deployment.run("explain", "-", "--json", given=given)
    assert said.status == 0, said.err
    found: list[dict[str, str]] = said.json
    return found


def _decisions(found: list[dict[str, str]]) -> dict[str, tuple[str, str]]:
    return {each["recipient"]: (each["decision"], each["reason"]) for each in found}


def test_people_who_are_added_would_be_invited_and_others_not(told: Deployment) -> None:
    people = [cast.BORIS, cast.person(7), cast.person(8, email=None)]
    found = _explained(
        told, cast.event("conference.invitation", {"conference": soon(2), "participants": people})
    )

    assert _decisions(found) == {
        "boris@example.org": ("skip", "already_on_list"),
        "user7@example.org": ("send", ""),
        f"user8@{cast.HOME}": ("skip", "no_mailbox"),
    }
    assert {frozenset(each) for each in found} == {
        frozenset({"recipient", "kind", "decision", "reason", "subject"})
    }


def test_each_subject_is_in_the_readers_language(told: Deployment) -> None:
    found = _explained(
        told,
        cast.event(
            "conference.invitation",
            {"conference": soon(2), "participants": [cast.person(7, language="fr"), cast.ANNA]},
        ),
        cast.event("conference.reschedule", {"conference": soon(3, days=6)}),
    )

    assert {
        each["recipient"]: each["subject"] for each in found if each["kind"] == "reschedule"
    } == {
        "user7@example.org": "Nouvel horaire : Quarterly review",
        "anna@example.com": "New time: Quarterly review",
    }


def test_whom_nothing_has_reached_yet_is_invited_to_the_new_time(told: Deployment) -> None:
    found = _explained(told, cast.event("conference.reschedule", {"conference": soon(2, days=6)}))

    assert {(each["recipient"], each["kind"]) for each in found} == {
        ("boris@example.org", "invitation"),
        ("chen@example.cn", "invitation"),
        ("dana@example.net", "invitation"),
    }


def test_whom_nothing_has_reached_yet_hears_of_no_end(told: Deployment) -> None:
    found = _explained(told, cast.event("conference.cancellation", {"conference": soon(2)}))

    assert {(each["kind"], each["decision"], each["reason"]) for each in found} == {
        ("cancellation", "skip", "never_told")
    }


def test_a_change_that_nobody_can_see_tells_nobody(told: Deployment) -> None:
    event = cast.event("conference.reschedule", {"conference": soon(2, description="other")})

    assert _explained(told, event) == []
    said = told.run("explain", "-", given=cast.raw(event))
    assert (said.status, said.out.splitlines()[-1]) == (0, "Nobody would be told anything.")


def test_events_are_played_upon_each_other(told: Deployment) -> None:
    added = cast.person(7)
    found = _explained(
        told,
        cast.event("conference.invitation", {"conference": soon(2), "participants": [added]}),
        cast.event("conference.removal", {"conference": soon(3), "participants": [cast.BORIS]}),
        cast.event("conference.cancellation", {"conference": soon(4)}),
    )

    cancelled = {each["recipient"] for each in found if each["kind"] == "cancellation"}
    assert cancelled == {"user7@example.org", "chen@example.cn", "dana@example.net"}


def test_who_is_listed_by_id_and_by_address_would_be_told_once(told: Deployment) -> None:
    twice = {"id": "#mailto:boris@example.org"}
    found = _explained(
        told,
        cast.event("conference.invitation", {"conference": soon(2), "participants": [twice]}),
        cast.event("conference.cancellation", {"conference": soon(3)}),
    )

    boris = [each for each in found if each["recipient"] == "boris@example.org"]
    # By ID nothing has reached him; by his address he would have been told by then.
    assert sorted(each["reason"] for each in boris if each["kind"] == "cancellation") == [
        "",
        "never_told",
    ]


def test_an_event_that_was_heard_already_would_be_told_to_nobody(told: Deployment) -> None:
    call = {"caller": cast.ANNA, "recipient": cast.CHEN, "time": "2026-11-23T09:30:00Z"}
    event = cast.event("call.missed", call)

    found = _explained(told, event, event)

    assert [(each["decision"], each["reason"]) for each in found] == [
        ("send", ""),
        ("skip", "duplicate"),
    ]


def test_a_kind_that_is_switched_off_is_skipped_with_its_reason(empty: Deployment) -> None:
    applied = empty.run("settings", "apply", "-", given=b"[notifications]\ninvitations = false\n")
    assert applied.status == 0, applied.err

    found = _explained(
        empty,
        cast.event("conference.invitation", {"conference": soon(), "participants": [cast.BORIS]}),
    )

    assert _decisions(found) == {"boris@example.org": ("skip", "switched_off")}


def test_what_a_dry_run_says_is_what_happens(empty: Deployment) -> None:
    people = [cast.BORIS, cast.CHEN, cast.DANA, cast.person(8, email=None), cast.person(9)]
    story = [
        cast.event("conference.invitation", {"conference": soon(), "participants": people}),
        cast.event("conference.removal", {"conference": soon(2), "participants": [cast.CHEN]}),
        cast.event("conference.invitation", {"conference": soon(3), "participants": [cast.CHEN]}),
        cast.event("conference.reschedule", {"conference": soon(4, days=6)}),
    ]

    for event in story:
        found = _explained(empty, event)
        before = {each["id"] for each in empty.run("deliveries", "list", "--json").json}
        empty.hear(event)
        empty.believe(soon().id)
        after = empty.run("deliveries", "list", "--json").json
        planned = [each for each in after if each["id"] not in before]
        assert sorted((each["recipient"], each["kind"], each["reason"]) for each in planned) == (
            sorted((each["recipient"], each["kind"], each["reason"]) for each in found)
        )


def test_a_dry_run_writes_nothing(told: Deployment) -> None:
    async def everything(parts: Any) -> dict[bytes, bytes]:
        return {key: await parts.client.dump(key) async for key in parts.client.scan_iter()}

    before = told.with_parts(everything)

    _explained(told, cast.event("conference.cancellation", {"conference": soon(2)}))

    assert told.with_parts(everything) == before


def test_the_very_mails_are_written_as_files(told: Deployment) -> None:
    event = cast.event("conference.reschedule", {"conference": soon(2, days=6)})
    folder = told.folder / "mails"

    said = told.run("explain", "-", "--eml", str(folder), given=cast.raw(event))

    assert said.status == 0, said.err
    mails = [
        message_from_bytes(each.read_bytes(), policy=policy.default) for each in folder.iterdir()
    ]
    assert sorted(str(each["To"]) for each in mails) == [
        "Boris Petit <boris@example.org>",
        "Chen Li <chen@example.cn>",
        "Dana Fox <dana@example.net>",
    ]
    assert {part.get_content_type() for part in mails[0].walk()} >= {"text/plain", "text/calendar"}


def test_an_address_with_slashes_names_a_file_in_the_folder(told: Deployment) -> None:
    crooked = msgspec.structs.replace(cast.person(7), email="a/b/c@example.org")
    folder = told.folder / "inside" / "mails"
    event = cast.event("conference.invitation", {"conference": soon(2), "participants": [crooked]})

    said = told.run("explain", "-", "--eml", str(folder), given=cast.raw(event))

    assert said.status == 0, said.err
    assert [each.is_file() for each in folder.iterdir()] == [True]


def test_a_list_longer_than_a_slice_is_walked_to_its_end(empty: Deployment) -> None:
    people = [cast.person(number) for number in range(900)]
    empty.hear(cast.event("conference.invitation", {"conference": soon(), "participants": people}))

    found = _explained(empty, cast.event("conference.cancellation", {"conference": soon(2)}))

    assert {each["recipient"] for each in found} == {each.email for each in people}
    assert len(found) == 900


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            b"{}",
            "standard input, line 1: $.specversion: Object missing required field `specversion`",
        ),
        (b"{\n1\n}", "standard input, line 2: $: not JSON"),
        (b"", "holds no event"),
    ],
)
def test_what_is_no_event_is_said_in_one_line(
    told: Deployment, given: bytes, expected: str
) -> None:
    said = told.run("explain", "-", given=given)

    assert said.status == 1
    assert expected in said.err
    assert said.err.count("\n") == 1
