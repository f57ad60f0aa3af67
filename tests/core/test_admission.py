"""Claims about admission: who of those in a notice is kept out, by which entry, in every kind."""

from typing import Any

import msgspec
import pytest

from notifier.core.admission import KEPT, exclusion_of
from notifier.core.delivery import State
from notifier.core.events import Event
from notifier.core.exclusion import Exclusion, Party
from notifier.core.federation.federation import DISABLED, NOT_LISTED
from notifier.core.notice import Kind, Notice
from notifier.core.people import Person
from notifier.core.planning import plan
from notifier.core.reasons import Reason
from notifier.core.settings import Settings
from tests import cast
from tests.cast import ANNA, BORIS, CHEN, DANA, ELSEWHERE, NOW
from tests.core.story import (
    Story,
    cancellation,
    invitation,
    registration,
    removal,
    reschedule,
    settings,
)

MASK = "*.example.net"
CLOSED = settings(federation={"mode": "blacklist", "blacklist": ["a.example", MASK]})
NOTICE = Notice(
    id="n", root="r", kind=Kind.REMINDER, event="e", created=NOW, conference=cast.conference()
)
OWNED_ELSEWHERE = msgspec.structs.replace(NOTICE, conference=cast.conference(owner=DANA))
LATER = cast.schedule(start=cast.START.replace(hour=18, tzinfo=None))


def by_dana(party: Party, by: str = MASK) -> Exclusion:
    return Exclusion(party=party, server=ELSEWHERE, by=by)


def missed(caller: Person = ANNA, recipient: Person = BORIS, **changes: Any) -> Event:
    told = {"caller": caller, "recipient": recipient, "time": cast.plain(NOW)}
    return cast.heard("call.missed", told | changes)


# Each tells Boris or Dana of something, with Dana in one part: as the one told, or as another.
OF_DANA = [
    (missed(caller=DANA), Party.CALLER),
    (missed(recipient=DANA), Party.RECIPIENT),
    (missed(conference=cast.conference(owner=DANA)), Party.OWNER),
    (missed(caller=DANA, recipient=DANA, conference=cast.conference(owner=DANA)), Party.CALLER),
    (invitation(1, DANA), Party.RECIPIENT),
    (invitation(1, BORIS, owner=DANA), Party.OWNER),
    (registration(1, DANA), Party.RECIPIENT),
    (registration(1, BORIS, owner=DANA), Party.OWNER),
]
# What comes to a list, after an invitation to it.
TO_THE_LIST = {
    "reschedule": lambda **changes: reschedule(2, schedule=LATER, **changes),
    "cancellation": lambda **changes: cancellation(2, **changes),
}


@pytest.mark.parametrize(("event", "party"), OF_DANA)
def test_r45_what_is_not_told_says_whose_server_is_kept_out_and_by_which_entry(
    event: Event, party: Party
) -> None:
    story = Story(event, settings=CLOSED)

    [(_notice, delivery)] = story.deliveries.values()
    assert (delivery.state, delivery.reason) == (State.SKIPPED, Reason.FEDERATION)
    assert delivery.excluded == by_dana(party)


@pytest.mark.parametrize("event", TO_THE_LIST.values(), ids=TO_THE_LIST)
@pytest.mark.parametrize(
    ("told", "changes", "party"),
    [(DANA, {}, Party.RECIPIENT), (BORIS, {"owner": DANA}, Party.OWNER)],
    ids=["on the list", "owner"],
)
def test_r45_so_does_what_goes_to_a_whole_list(
    event: Any, told: Person, changes: dict[str, Any], party: Party
) -> None:
    story = Story(invitation(1, told, **changes), event(**changes), settings=CLOSED)

    assert story.told == []
    assert [each.excluded for _notice, each in story.deliveries.values()] == [by_dana(party)] * 2
    # What keeps everybody from being told is in the notice, whenever the list is gone through.
    whole = by_dana(party) if changes else None
    assert [each.excluded for each, _delivery in story.deliveries.values()] == [whole] * 2


def test_r45_so_does_a_removal() -> None:
    story = Story(invitation(1, DANA, BORIS), removal(2, DANA, BORIS), settings=CLOSED)

    excluded = {each.kind: each.excluded for _notice, each in story.deliveries.values() if
                each.recipient.key == DANA.id}  # fmt: skip
    assert excluded == dict.fromkeys(("invitation", "removal"), by_dana(Party.RECIPIENT))
    assert ("removal", "Boris") in story.told


@pytest.mark.parametrize(
    ("notice", "person", "party"),
    [
        (NOTICE, DANA, Party.RECIPIENT),
        (OWNED_ELSEWHERE, BORIS, Party.OWNER),
        (OWNED_ELSEWHERE, DANA, Party.OWNER),
    ],
)
def test_r45_a_reminder_says_so_too_though_it_is_nobody_s_event(
    notice: Notice, person: Person, party: Party
) -> None:
    assert plan(notice, person, CLOSED).excluded == by_dana(party)


@pytest.mark.parametrize(
    ("tables", "by"),
    [
        ({"mode": "disabled"}, DISABLED),
        ({"mode": "whitelist", "whitelist": ["a.example"]}, NOT_LISTED["whitelist"]),
        ({"mode": "blacklist", "blacklist": ["meet.*", MASK]}, "meet.*"),
    ],
)
def test_r43_where_no_entry_keeps_a_server_out_words_say_what_does(
    tables: dict[str, Any], by: str
) -> None:
    delivery = plan(NOTICE, DANA, settings(federation=tables))

    assert delivery.excluded == by_dana(Party.RECIPIENT, by)


@pytest.mark.parametrize("person", [BORIS, CHEN], ids=["here", "nowhere"])
def test_r45_whoever_lives_here_or_nowhere_is_excluded_by_nothing(person: Person) -> None:
    delivery = plan(NOTICE, person, CLOSED)

    assert (delivery.state, delivery.excluded) == (State.PENDING, None)


@pytest.mark.parametrize("skip", [Reason.REMOVED, Reason.SWITCHED_OFF, Reason.STARTED])
def test_another_reason_stands_alone(skip: Reason) -> None:
    assert plan(OWNED_ELSEWHERE, DANA, CLOSED, skip=skip).excluded is None
    assert plan(msgspec.structs.replace(NOTICE, skip=skip), DANA, CLOSED).excluded is None


def test_what_is_switched_off_is_so_whoever_it_is_about() -> None:
    off = settings(federation={"mode": "whitelist"}, notifications={"missed_calls": False})

    story = Story(missed(caller=DANA), settings=off)

    [(notice, delivery)] = story.deliveries.values()
    assert (delivery.reason, delivery.excluded) == (Reason.SWITCHED_OFF, None)
    assert notice.excluded is None


def test_r48_a_notice_to_everyone_stays_as_it_was_decided_to_its_last_slice() -> None:
    decided = msgspec.structs.replace(
        OWNED_ELSEWHERE, skip=Reason.FEDERATION, excluded=by_dana(Party.OWNER)
    )

    delivery = plan(decided, BORIS, settings())

    assert (delivery.reason, delivery.excluded) == (Reason.FEDERATION, by_dana(Party.OWNER))


def test_a_notice_of_an_earlier_version_is_skipped_as_it_says() -> None:
    decided = msgspec.structs.replace(OWNED_ELSEWHERE, skip=Reason.FEDERATION)

    then, since = plan(decided, BORIS, CLOSED), plan(decided, BORIS, settings())

    assert (then.reason, then.excluded) == (Reason.FEDERATION, by_dana(Party.OWNER))
    assert (since.reason, since.excluded) == (Reason.FEDERATION, None)


@pytest.mark.parametrize(
    ("id_", "server"),
    [
        ("dana@Meet.Example.NET.", ELSEWHERE),
        ("dana@kö.Example.net", "xn--k-1ga.example.net"),
        ("a@b@meet.example.net", ELSEWHERE),
        ("dana@" + "x" * 4000 + ".example.net", "x" * KEPT),
    ],
)
def test_servers_are_named_in_one_form_whatever_an_id_says(id_: str, server: str) -> None:
    person = Person(id=id_, email="dana@example.net")

    excluded = exclusion_of(NOTICE, CLOSED, recipient=person)

    assert excluded is not None
    assert excluded.server == server


def test_no_restart_is_kept_from_an_administrator() -> None:
    closed = msgspec.structs.replace(
        Settings(),
        federation=CLOSED.federation,
        server=CLOSED.server,
    )
    restart = msgspec.structs.replace(NOTICE, kind=Kind.SERVER_RESTART, conference=None)

    assert plan(restart, Person(id="administrator", email="a@example.net"), closed).excluded is None


@pytest.mark.parametrize("dots", ["。", "．", "｡", " 。. "])
def test_r45_a_server_of_dots_alone_is_kept_out_under_the_name_that_it_has(dots: str) -> None:
    nowhere = msgspec.structs.replace(DANA, id=f"dana@{dots}")
    closed = settings(federation={"mode": "disabled"})

    found = exclusion_of(NOTICE, closed, recipient=nowhere)

    assert found is not None
    assert found.server
