"""Claims about deciding: which kind of notice, to whom, and which are skipped with a reason."""

from typing import Any

import msgspec
import pytest

from notifier.core.conference import apply
from notifier.core.events import Event
from notifier.core.notice import Kind
from notifier.core.notices import Decision, decide
from notifier.core.people import Person
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, NOW
from tests.core.story import (
    DEFAULTS,
    Story,
    cancellation,
    end,
    invitation,
    registration,
    removal,
    reschedule,
    settings,
    update,
)

WHEN = "2026-11-23T09:30:00Z"
ADMINISTRATOR: dict[str, Any] = {"name": "Chris", "email": "admin@example.com"}
LATER = cast.schedule(start=cast.START.replace(day=30, tzinfo=None))


def decided(event: Event, settings: Settings = DEFAULTS) -> Decision:
    [decision] = decide(apply(None, {}, event, now=NOW, uid="a-uid"), settings)
    return decision


def missed(**changes: Any) -> Event:
    call: dict[str, Any] = {"caller": ANNA, "recipient": BORIS, "time": WHEN}
    return cast.heard("call.missed", call | changes)


def restart(**changes: Any) -> Event:
    what: dict[str, Any] = {"reason": "internal_error", "time": WHEN, "incident": "7"}
    return cast.heard("server.restart", what | changes)


# ---- missed calls --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipient", "kind"),
    [
        (BORIS, Kind.MISSED_CALL),
        (CHEN, Kind.MISSED_CALL_UNREGISTERED),  # R4, R6
        (Person(email="chen@example.cn"), Kind.MISSED_CALL_UNREGISTERED),  # R5
        (Person(id="user@example.com"), Kind.MISSED_CALL),  # R4: an ID is no address
    ],
    ids=["a user", "dialled by address", "an address alone", "an ID that looks like one"],
)
def test_r4_the_prefix_decides_whether_somebody_is_unregistered(
    recipient: Person, kind: Kind
) -> None:
    assert decided(missed(recipient=recipient)).notice.kind is kind


def test_r2_a_conference_that_rang_somebody_is_a_missed_call() -> None:
    decision = decided(missed(conference=cast.conference()))

    assert decision.notice.kind is Kind.MISSED_CALL
    assert decision.notice.conference == cast.conference()
    assert decision.people == (BORIS,)


def test_a_missed_call_never_grows_too_old() -> None:
    assert decided(missed(conference=cast.conference())).notice.deadline is None


# ---- switches ------------------------------------------------------------------------------

# R1, R7, R27: the event of each kind on a conference to which Chen is invited, and its switch.
SWITCHES: list[tuple[Event, str, str]] = [
    (missed(), "missed_call", "missed_calls"),
    (missed(recipient=CHEN), "missed_call_unregistered", "missed_calls"),
    (invitation(2, BORIS), "invitation", "invitations"),
    (registration(2, BORIS), "registration", "registrations"),
    (reschedule(2, schedule=LATER), "reschedule", "reschedules"),
    (cancellation(2), "cancellation", "cancellations"),
    (removal(2, CHEN), "removal", "removals"),
]
each_switch = pytest.mark.parametrize(
    ("event", "kind", "switch"), SWITCHES, ids=lambda each: each if isinstance(each, str) else ""
)


@each_switch
def test_r27_each_kind_has_its_switch_and_its_skip_is_recorded(
    event: Event, kind: str, switch: str
) -> None:
    off = settings(notifications={switch: False})
    story = Story(invitation(1, CHEN), settings=off)
    story.hear(event)

    assert (kind, Reason.SWITCHED_OFF) in [(kind, reason) for kind, _name, reason in story.untold]
    assert kind not in [each for each, _name in story.told]


@each_switch
def test_r27_a_switch_leaves_all_other_kinds_alone(event: Event, kind: str, switch: str) -> None:
    names = msgspec.structs.fields(DEFAULTS.notifications)
    others = {each.name: False for each in names if each.type is bool and each.name != switch}
    story = Story(invitation(1, CHEN), settings=settings(notifications=others))
    story.hear(event)

    assert kind in [each for each, _name in story.told]


@pytest.mark.parametrize("server", [True, False])
@pytest.mark.parametrize("own", [True, False, None])
def test_r7_a_conference_overrides_the_server_either_way(server: bool, own: bool | None) -> None:
    switch = settings(notifications={"invitations": server})
    event = invitation(1, BORIS, notifications={"invitations": own})

    skip = decided(event, switch).notice.skip

    invites = server if own is None else own
    assert skip == (None if invites else Reason.SWITCHED_OFF)


def test_r7_a_later_edit_overrides_too() -> None:
    quiet = {"invitations": False}

    story = Story(
        invitation(1, BORIS),
        update(2, notifications=quiet),
        invitation(3, CHEN, notifications=quiet),
    )

    assert story.told == [("invitation", "Boris")]
    assert story.untold == [("invitation", "Chen", "switched_off")]


def test_r7_the_invitation_to_a_new_start_heeds_the_conference_too() -> None:
    quiet = {"invitations": False}
    story = Story(invitation(1, BORIS), end(2))

    story.hear(reschedule(3, schedule=LATER, notifications=quiet))  # R19

    assert story.told == [("invitation", "Boris")]
    assert story.untold == [("invitation", "Boris", "switched_off")]


# ---- whom ----------------------------------------------------------------------------------


def test_r9_only_the_people_added_are_invited() -> None:
    story = Story(invitation(1, BORIS), invitation(2, CHEN))

    assert story.told == [("invitation", "Boris"), ("invitation", "Chen")]


def test_r9_people_on_the_list_already_are_recorded_as_that() -> None:
    story = Story(invitation(1, BORIS), invitation(2, BORIS, CHEN))

    assert story.untold == [("invitation", "Boris", "already_on_list")]


def test_r8_a_room_is_invited_to_without_times() -> None:
    notice = decided(invitation(1, BORIS, launch="virtual_room")).notice

    assert notice.conference is not None
    assert notice.conference.schedule is None
    assert notice.deadline is None


def test_r10_a_registration_tells_the_one_person_who_signed_up() -> None:
    decision = decided(registration(1, BORIS))

    assert (decision.notice.kind, decision.people) == (Kind.REGISTRATION, (BORIS,))
    assert not decision.notice.everyone


@pytest.mark.parametrize("launch", ["scheduled", "virtual_room"])
@pytest.mark.parametrize("access", ["private", "public"])
def test_r23_removals_are_told_in_every_mode(launch: str, access: str) -> None:
    mode = {"launch": launch, "access": access}

    story = Story(invitation(1, BORIS, **mode), removal(2, BORIS, **mode))

    assert story.told[1:] == [("removal", "Boris")]


@pytest.mark.parametrize("event", [update(2, name="New"), end(2)], ids=["update", "end"])
def test_silent_events_decide_nothing(event: Event) -> None:
    story = Story(invitation(1, BORIS))

    assert decide(story.hear(event), DEFAULTS) == []


# R27: whoever is named in vain is recorded under the kind they waited for.
IN_VAIN: list[tuple[list[Event], Event, tuple[str, str, str]]] = [
    ([cancellation(2)], invitation(1, BORIS), ("invitation", "Boris", "cancelled")),
    ([cancellation(2)], registration(1, BORIS), ("registration", "Boris", "cancelled")),
    ([cancellation(2)], removal(1, BORIS), ("removal", "Boris", "cancelled")),
    ([end(2)], invitation(1, BORIS), ("invitation", "Boris", "ended")),
    ([end(2)], removal(1, BORIS), ("removal", "Boris", "not_on_list")),
    ([invitation(1, BORIS), end(2)], removal(3, BORIS), ("removal", "Boris", "ended")),
    ([removal(2, BORIS)], invitation(1, BORIS), ("invitation", "Boris", "removed")),
    ([invitation(3, BORIS)], removal(2, BORIS), ("removal", "Boris", "newer_revision")),
]


@pytest.mark.parametrize(("before", "event", "recorded"), IN_VAIN)
def test_r27_nobody_is_dropped_without_a_reason(
    before: list[Event], event: Event, recorded: tuple[str, str, str]
) -> None:
    story = Story(*before)
    told = list(story.told)
    story.hear(event)

    assert recorded in story.untold
    assert story.told == told


# ---- the administrator ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "box", "skip"),
    [
        ("internal_error", True, None),
        ("internal_error", False, Reason.SWITCHED_OFF),
        ("planned", True, Reason.PLANNED_RESTART),
        ("planned", False, Reason.PLANNED_RESTART),
    ],
)
def test_r26_only_internal_errors_with_the_box_ticked(
    reason: str, box: bool, skip: Reason | None
) -> None:
    chosen = settings(administrator={**ADMINISTRATOR, "notify_on_restart": box})

    decision = decided(restart(reason=reason), chosen)

    assert decision.notice.skip == skip
    assert [each.email for each in decision.people] == ["admin@example.com"]


def test_r26_an_incident_is_told_once_and_another_again() -> None:
    chosen = settings(administrator=ADMINISTRATOR)

    story = Story(restart(), restart(), restart(incident="8"), settings=chosen)

    assert len(story.told) == 2


def test_r26_restarts_without_an_incident_are_incidents_each() -> None:
    chosen = settings(administrator=ADMINISTRATOR)

    story = Story(restart(incident=None), restart(incident=None), settings=chosen)

    assert len(story.told) == 2


def test_r26_a_planned_restart_does_not_use_up_an_incident() -> None:
    chosen = settings(administrator=ADMINISTRATOR)

    story = Story(restart(reason="planned"), restart(), settings=chosen)

    assert story.told == [("server_restart", "Chris")]


def test_r26_without_an_administrator_that_is_recorded() -> None:
    story = Story(restart())

    assert story.untold == [("server_restart", "administrator", "no_administrator")]


# ---- federation ----------------------------------------------------------------------------

CLOSED = settings(federation={"mode": "whitelist"})
OWNED_ELSEWHERE = {"owner": DANA}


@pytest.mark.parametrize(
    "events",
    [
        [missed(caller=DANA)],
        [missed(recipient=DANA)],
        [missed(conference=cast.conference(owner=DANA))],
        [invitation(1, DANA)],
        [invitation(1, BORIS, **OWNED_ELSEWHERE)],
        [registration(1, DANA)],
    ],
    ids=["caller", "recipient", "owner who rang", "invited", "owner", "registered"],
)
def test_r45_who_lives_on_a_blocked_server_makes_no_mail(events: list[Event]) -> None:
    story = Story(*events, settings=CLOSED)

    assert story.told == []
    assert [reason for _kind, _name, reason in story.untold] == [Reason.FEDERATION]


def test_r45_people_here_and_people_known_by_address_are_never_blocked() -> None:
    story = Story(invitation(1, BORIS, CHEN, DANA), settings=CLOSED)

    assert story.told == [("invitation", "Boris"), ("invitation", "Chen")]
    assert story.untold == [("invitation", "Dana", "federation")]


@pytest.mark.parametrize(
    "event",
    [reschedule(2, schedule=LATER, owner=DANA), cancellation(2, owner=DANA)],
    ids=lambda event: event.type,
)
def test_r45_what_goes_to_everybody_is_blocked_with_its_owner(event: Event) -> None:
    story = Story(invitation(1, BORIS, owner=DANA), event, settings=CLOSED)

    assert story.told == []
    assert len(story.untold) == 2


# ---- what a notice carries -----------------------------------------------------------------


def test_a_notice_is_useless_after_the_last_end() -> None:
    assert decided(invitation(1, BORIS)).notice.deadline == cast.END


def test_a_notice_about_an_endless_series_never_grows_too_old() -> None:
    series = cast.schedule(recurrence="FREQ=DAILY")

    assert decided(invitation(1, BORIS, schedule=series)).notice.deadline is None


def test_a_notice_carries_the_trace_of_its_event() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    event = cast.heard(
        "call.missed", {"caller": ANNA, "recipient": BORIS, "time": WHEN}, traceparent=trace
    )

    assert decided(event).notice.traceparent == trace


def test_the_same_event_makes_the_same_notice() -> None:
    event = invitation(1, BORIS)

    assert decided(event).notice == decided(event).notice


def test_another_event_makes_another_notice() -> None:
    assert decided(invitation(1, BORIS)).notice.root != decided(invitation(1, BORIS)).notice.root
