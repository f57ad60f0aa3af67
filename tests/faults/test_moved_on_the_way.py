"""A conference is moved while its reminder is with the mail server: the old time reaches nobody."""

from collections import Counter

from tests.accounts import doubled, each_told
from tests.smtp_servers import wait_until
from tests.stage import LISTENER, PEOPLE, WORKER, Stage, planned, reminded_in

ABOUT = "moved-on-the-way"


def test_r16_a_conference_moved_while_its_reminder_is_on_the_way_reminds_anew(
    opened: Stage,
) -> None:
    opened.ensure(LISTENER, WORKER)
    opened.invite(ABOUT, start=reminded_in(5))
    opened.wait_for_mails(len(PEOPLE), ABOUT)

    # What the server says takes so long that the letters wait for their 354.
    opened.road.answered.delay_seconds = 4
    wait_until(lambda: held_at(opened) == {"sending"}, seconds=20, what="the claims")
    moved = planned(ABOUT, start=reminded_in(10), revision=2)
    opened.publish("conference.reschedule", {"conference": moved})
    wait_until(lambda: "reschedule" in kinds(opened), seconds=4, what="the move")
    in_time = held_at(opened)
    opened.road.heal()
    opened.wait_for_mails(3 * len(PEOPLE), ABOUT, seconds=40)

    # Else the move came too late to try this; what is overtaken already met it at its fence.
    assert in_time <= {"sending", "superseded"}
    mails = opened.mails_about(ABOUT)
    told = each_told(mails)
    assert sorted(told) == sorted(
        (kind, ABOUT, str(person.email))
        for kind in ("invitation", "reminder", "reschedule")
        for person in PEOPLE
    )
    assert (set(told.values()), doubled(mails)) == ({1}, 0)
    # A mail arrives before its delivery says so.
    ends = {("superseded", "newer_revision"): len(PEOPLE), ("sent", ""): len(PEOPLE)}
    wait_until(lambda: ends_of_reminders(opened) == ends, seconds=20, what="the ends")


def held_at(opened: Stage) -> set[str]:
    """The states of the reminders."""
    rows = opened.rows_about(ABOUT).values()
    return {row["state"] for row in rows if row["kind"] == "reminder"}


def kinds(opened: Stage) -> set[str]:
    return {row["kind"] for row in opened.rows_about(ABOUT).values()}


def ends_of_reminders(opened: Stage) -> Counter[tuple[str, str]]:
    """How many reminders are in each state, with the reason for those that never left."""
    rows = [row for row in opened.rows_about(ABOUT).values() if row["kind"] == "reminder"]
    return Counter(
        (row["state"], row["why"] if row["state"] == "superseded" else "") for row in rows
    )
