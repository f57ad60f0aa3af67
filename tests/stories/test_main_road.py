"""From `XADD` to the mail box: each event type yields exactly the mails that the rules say."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from notifier.core.mail_servers import Security
from tests.smtp_servers import Authority, mail_server
from tests.stories.road import Road, road

LOGIN = ("conf@example.com", "s3cret")
START = datetime.now(UTC).replace(microsecond=0, tzinfo=None) + timedelta(days=40)

ANNA = {"id": "anna@conf.example.com", "name": "Anna Keller", "email": "anna@example.com"}
BORIS = {
    "id": "boris@conf.example.com",
    "name": "Boris Petit",
    "email": "boris@example.org",
    "language": "fr",
    "time_zone": "America/New_York",
}
CHEN = {"id": "#mailto:chen@example.net", "name": "Chen"}
DANA = {"id": "dana@conf.example.com", "name": "Dana", "directory_email": "dana@example.org"}
NOBODY = {"id": "nobody@conf.example.com", "name": "No Mailbox"}


@pytest.fixture(scope="module", params=["starttls", "ssl", "none"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Road]:
    """Run the whole notifier once for each security."""
    security: Security = request.param
    folder = tmp_path_factory.mktemp(security)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(_server(security, folder))
        login = None if security == "none" else LOGIN
        yield stack.enter_context(road(folder, server, login=login))


def test_an_invitation_reaches_the_people_added_and_no_others(running: Road) -> None:
    plan = planned("inv")

    running.publish("conference.invitation", invite(plan, BORIS, CHEN, NOBODY))

    boris, chen = running.new_mails(2)
    assert told(boris) == ("boris@example.org", "invitation", "REQUEST")
    assert told(chen) == ("chen@example.net", "invitation", "REQUEST")
    assert boris["Content-Language"] == "fr"
    assert "America/New_York" in text(boris)
    assert "https://conf.example.com/c/inv" in text(chen)
    assert_silence(running)


def test_a_registration_carries_the_personal_link_of_one_person(running: Road) -> None:
    link = "https://conf.example.com/c/web?p=5Yq0vTn2"

    running.publish(
        "conference.registration",
        {"conference": planned("web"), "participant": {**CHEN, "unique_link": link}},
    )

    [mail] = running.new_mails(1)
    assert told(mail) == ("chen@example.net", "registration", "REQUEST")
    assert link in text(mail)


def test_a_move_is_told_to_everybody_on_the_list(running: Road) -> None:
    running.publish("conference.invitation", invite(planned("move"), BORIS, DANA))
    running.new_mails(2)

    later = planned("move", revision=2, start=START + timedelta(hours=3))
    running.publish("conference.reschedule", {"conference": later})

    boris, dana = running.new_mails(2)
    assert told(boris) == ("boris@example.org", "reschedule", "REQUEST")
    assert told(dana) == ("dana@example.org", "reschedule", "REQUEST")
    assert "SEQUENCE:1" in calendar(dana)


def test_an_update_is_silent(running: Road) -> None:
    running.publish("conference.invitation", invite(planned("quiet"), BORIS))
    running.new_mails(1)

    running.publish("conference.update", {"conference": planned("quiet", revision=2, name="New")})
    running.publish("conference.removal", invite(planned("quiet", revision=3, name="New"), BORIS))

    [mail] = running.new_mails(1)
    assert told(mail) == ("boris@example.org", "removal", "CANCEL")
    assert "New" in mail["Subject"]


def test_a_cancellation_is_told_once_and_ends_it(running: Road) -> None:
    running.publish("conference.invitation", invite(planned("gone"), BORIS, CHEN))
    running.new_mails(2)

    cancelled = {"conference": planned("gone", revision=2)}
    running.publish("conference.cancellation", cancelled)
    running.publish("conference.cancellation", cancelled)

    assert [told(mail)[1:] for mail in running.new_mails(2)] == [("cancellation", "CANCEL")] * 2


def test_an_ended_conference_says_nothing_any_more(running: Road) -> None:
    running.publish("conference.invitation", invite(planned("done"), BORIS))
    running.new_mails(1)

    running.publish("conference.end", {"conference": planned("done", revision=2)})
    running.publish("conference.cancellation", {"conference": planned("done", revision=3)})

    assert_silence(running)


def test_missed_calls_have_a_letter_each_for_users_and_for_guests(running: Road) -> None:
    at = datetime.now(UTC).isoformat()

    running.publish("call.missed", {"caller": ANNA, "recipient": BORIS, "time": at})
    running.publish("call.missed", {"caller": ANNA, "recipient": CHEN, "time": at})

    boris, chen = running.new_mails(2)
    assert told(boris) == ("boris@example.org", "missed_call", None)
    assert told(chen) == ("chen@example.net", "missed_call_unregistered", None)
    assert "anna@conf.example.com" in text(boris)


def test_a_restart_is_told_to_the_administrator_once_an_incident(running: Road) -> None:
    restart = {
        "reason": "internal_error",
        "time": datetime.now(UTC).isoformat(),
        "incident": f"incident {running.redis_url}",
    }

    running.publish("server.restart", {**restart, "reason": "planned", "incident": "update"})
    running.publish("server.restart", restart)
    running.publish("server.restart", restart)

    [mail] = running.new_mails(1)
    assert told(mail) == ("admin@example.com", "server_restart", None)
    assert_silence(running)


def test_a_bounce_tells_nobody(running: Road) -> None:
    running.publish("recipient.bounced", {"address": "gone@example.org", "status": "5.1.1"})

    assert_silence(running)


def test_what_is_not_an_event_is_buried_and_the_next_one_goes_on(running: Road) -> None:
    running.put(b"{ not json")
    running.put(b"x", name=b"something")
    running.publish("conference.unheard_of", {})
    running.publish("conference.invitation", {"conference": {"id": "half"}, "participants": []})
    running.publish("conference.invitation", invite(planned("after"), BORIS))

    [mail] = running.new_mails(1)

    assert mail["X-Notifier-Conference"] == "after"
    assert running.command(b"XLEN", b"notifier:rejected") == b":4\r\n"


def test_an_event_told_twice_is_heard_once(running: Road) -> None:
    invitation = invite(planned("twice"), BORIS)

    running.publish("conference.invitation", invitation, id="the same")
    running.publish("conference.invitation", invitation, id="the same")

    running.new_mails(1)
    assert_silence(running)


def test_a_reminder_fires_between_its_moment_and_the_start(running: Road) -> None:
    start = (datetime.now(UTC) + timedelta(seconds=64)).replace(microsecond=0)
    soon = planned("soon", start=start.replace(tzinfo=None), offsets=["1m"])
    running.publish("conference.invitation", invite(soon, BORIS, CHEN))
    running.new_mails(2)

    mails = running.new_mails(2, seconds=40)

    arrived = datetime.now(UTC)
    moment = start - timedelta(minutes=1)
    assert [told(mail)[1:] for mail in mails] == [("reminder", None)] * 2
    # A second or two on a machine that is not busy.
    assert moment <= arrived < moment + timedelta(seconds=20)
    assert "in 1 minute" in text(mails[1])
    assert_silence(running)


def planned(
    conference_id: str,
    *,
    revision: int = 1,
    start: datetime = START,
    name: str = "Quarterly review",
    offsets: list[str] | None = None,
) -> dict[str, Any]:
    """Give a conference as its server would describe it."""
    return {
        "id": conference_id,
        "revision": revision,
        "name": name,
        "description": "Bring your numbers.",
        "launch": "scheduled",
        "access": "private",
        "schedule": {"start": start.isoformat(), "time_zone": "UTC", "duration": 3600},
        "owner": ANNA,
        "notifications": {"invitations": None, "reminders": offsets},
    }


def invite(conference: dict[str, Any], *people: dict[str, Any]) -> dict[str, Any]:
    """Give the data of an invitation or a removal."""
    return {"conference": conference, "participants": list(people)}


def told(mail: EmailMessage) -> tuple[str, str, str | None]:
    """Give who was told what, and the method of the calendar entry in the mail."""
    entries = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    method = entries[0].get_param("method") if entries else None
    address = mail["To"].addresses[0].addr_spec
    assert method is None or isinstance(method, str)
    return address, str(mail["X-Notifier-Kind"]), method


def text(mail: EmailMessage) -> str:
    """Give the plain text as a person reads it."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendar(mail: EmailMessage) -> str:
    """Give the calendar entry."""
    [entry] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return str(entry.get_content())


def assert_silence(running: Road) -> None:
    """Claim that everything was heard and no further mail has come."""
    running.settled()
    assert len(running.seen.mails) == running.read


def _server(security: Security, folder: Path) -> Any:
    if security == "none":
        return mail_server(security="none")
    authority = Authority()
    return mail_server(
        security=security,
        context=authority.context(),
        ca_file=authority.file(folder),
        login=LOGIN,
    )
