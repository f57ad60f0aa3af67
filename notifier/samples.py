"""A notice of every kind and the person who hears of it, for looking at letters beforehand."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.events import CallMissed, Conference, ServerRestarted
from notifier.core.letters import compose
from notifier.core.mail_servers import Smtp
from notifier.core.mime import Draft
from notifier.core.network.network import Network
from notifier.core.notice import Calendar, Kind, Notice, short_id
from notifier.core.people import Person
from notifier.core.settings import Administrator, Server, Settings
from notifier.core.times.schedule import Moved, Schedule, next_occurrence
from notifier.core.values import Values, values
from notifier.core.wording.template import Template
from notifier.core.wording.typed import typed_in
from notifier.core.wording.variables import VARIABLES

NOW: Final = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
ZONE: Final = "Europe/Paris"
# Where clocks change on other days than in that zone.
FAR_ZONE: Final = "America/New_York"

ONCE: Final = Schedule(
    start=datetime(2026, 12, 7, 15, 0),  # noqa: DTZ001 - wall time, its zone stands beside it
    time_zone=ZONE,
    duration=5400,
)
# Skips a day and holds one at another time, as series do.
WEEKLY: Final = msgspec.structs.replace(
    ONCE,
    recurrence="FREQ=WEEKLY;BYDAY=MO",
    exceptions=(datetime(2026, 12, 28, 15, 0),),  # noqa: DTZ001
    moved=(
        Moved(
            original=datetime(2026, 12, 21, 15, 0),  # noqa: DTZ001
            start=datetime(2026, 12, 22, 10, 0),  # noqa: DTZ001
            duration=3600,
        ),
    ),
)
BEFORE: Final = msgspec.structs.replace(ONCE, start=datetime(2026, 12, 4, 10, 0))  # noqa: DTZ001
WEEKLY_BEFORE: Final = msgspec.structs.replace(BEFORE, recurrence="FREQ=WEEKLY;BYDAY=FR")


class Shape(StrEnum):
    """What the conference is like."""

    ONCE = "once"
    SERIES = "series"
    ROOM = "room"


SCHEDULES: Final = {Shape.ONCE: ONCE, Shape.SERIES: WEEKLY, Shape.ROOM: None}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What a letter is composed from; `now` is the moment at which it is (aware, UTC)."""

    notice: Notice
    delivery: Delivery
    settings: Settings
    now: datetime

    def letter(self, template: Template) -> Draft:
        return compose(self.notice, self.delivery, template, self.settings, now=self.now)

    def variables(self) -> Values:
        """Give all that the letter may print; what it has nothing for is empty."""
        recipient = self.delivery.recipient
        said = values(
            self.notice, recipient, self.settings, language=recipient.language, now=self.now
        )
        return {name: said.get(name, "") for name in VARIABLES[self.notice.kind]}


def sample(kind: Kind, language: str, *, shape: Shape = Shape.ONCE, zone: str = ZONE) -> Sample:
    """Give what a letter of `kind` is made from, with names and words as people type in `language`.

    The reader's clocks are those of `zone` (IANA). What only a plan can be told of, such as a
    reminder, is told of a single conference where `shape` is a room.
    """
    said = typed_in(language)
    notice = _notice(kind, _conference(said, shape), said)
    registered = kind is Kind.REGISTRATION
    recipient = Recipient(
        key="boris@conf.example.com",
        name=said["user_display_name"],
        address="boris@example.org",
        language=language,
        time_zone=zone,
        unique_link="https://conf.example.com/c/df0a2adebe?p=5Yq0vTn2" if registered else "",
    )
    delivery = Delivery(
        id=short_id("sample", kind, language, shape),
        notice=notice.id,
        kind=kind,
        recipient=recipient,
        state=State.SENDING,
        created=NOW,
        updated=NOW,
        conference=notice.conference.id if notice.conference else None,
    )
    return Sample(notice=notice, delivery=delivery, settings=_settings(), now=_moment(notice))


def _conference(said: dict[str, str], shape: Shape) -> Conference:
    schedule = SCHEDULES[shape]
    return Conference(
        id="df0a2adebe",
        revision=2,
        name=said["conf_name"],
        launch="scheduled" if schedule else "virtual_room",
        description=said["conf_description"],
        schedule=schedule,
        owner=_owner(said),
    )


def _owner(said: dict[str, str]) -> Person:
    return Person(
        id="anna@conf.example.com",
        name=said["owner_name"],
        email="anna@example.com",
        mobile_phone="+33 6 12 34 56 78",
        work_phone="+33 1 23 45 67 80",
        home_phone="+33 1 23 45 67 81",
        sip_number="4711",
    )


def _notice(kind: Kind, conference: Conference, said: dict[str, str]) -> Notice:
    plain = Notice(
        id=short_id("sample", kind), root="sample", kind=kind, event="sample", created=NOW
    )
    match kind:
        case Kind.SERVER_RESTART:
            return msgspec.structs.replace(plain, restart=_restart())
        case Kind.MISSED_CALL | Kind.MISSED_CALL_UNREGISTERED:
            return msgspec.structs.replace(plain, call=_call(said))
        case _:
            return _of_conference(plain, conference)


def _of_conference(plain: Notice, conference: Conference) -> Notice:
    timed = plain.kind in {Kind.REMINDER, Kind.RESCHEDULE, Kind.CANCELLATION}
    if timed and conference.schedule is None:
        conference = msgspec.structs.replace(conference, launch="scheduled", schedule=ONCE)
    told = msgspec.structs.replace(
        plain,
        revision=conference.revision,
        conference=conference,
        calendar=Calendar(uid="7f3b9c52d1e84a06", generation=1, sequence=1, created=NOW),
    )
    if plain.kind is Kind.RESCHEDULE:
        weekly = conference.schedule == WEEKLY
        return msgspec.structs.replace(told, previous=WEEKLY_BEFORE if weekly else BEFORE)
    if plain.kind is not Kind.REMINDER or conference.schedule is None:
        return told
    start = next_occurrence(conference.schedule, after=NOW)
    return msgspec.structs.replace(told, occurrence=start, offset=15)


def _call(said: dict[str, str]) -> CallMissed:
    recipient = Person(
        id="boris@conf.example.com", name=said["user_display_name"], email="boris@example.org"
    )
    return CallMissed(caller=_owner(said), recipient=recipient, time=NOW)


def _restart() -> ServerRestarted:
    return ServerRestarted(
        reason="internal_error",
        time=NOW,
        incident="2026-12-01/1",
        details="core-eu-1: out of memory in the mixer\nincident 2026-12-01/1",
    )


def _moment(notice: Notice) -> datetime:
    """Give when the letter is written: a reminder a quarter of an hour before its start."""
    if notice.occurrence and notice.offset:
        return notice.occurrence.start - timedelta(minutes=notice.offset)
    return NOW


def _settings() -> Settings:
    return Settings(
        server=Server(
            name="Example Conferences", domain="conf.example.com", language="en", time_zone=ZONE
        ),
        smtp=Smtp(sender_address="conf@example.com", sender_name="Example Conferences"),
        administrator=Administrator(
            name="Chris Moreau", email="admin@example.com", phone="+33 1 23 45 67 89"
        ),
        network=Network(web_address="conf.example.com"),
    )


# What breaks mails elsewhere: line ends and headers, controls, a turned direction, an encoded word,
# tags, entities, and what a template would read (calendar §7, item 6).
_HOSTILE: Final = (
    'Review\r\nBcc: eve@example.net\x00; "A": \u202egnp.exe\u2029 =?utf-8?B?SGFj?= '
    "<script>alert(1)</script> %conf_url {{ 7 * 7 }} {% for x in y %} &lt; 👩‍💻 "
)
_HOSTILE_LINK: Final = "javascript:alert(1)//\r\nX-Evil: 1"
# As long as the contract lets them be, without a blank at which a line could break (characters).
_LONGEST_NAME: Final = 240
_LONGEST_WORD: Final = 256
_LONG_PROSE: Final = 10_000


def hostile(made: Sample) -> Sample:
    """Give the same letter with hostile and very long values wherever people type something."""
    name, person = _stretched(_LONGEST_NAME), _stretched(_LONGEST_WORD)
    prose = f"{_HOSTILE}\r\n.\r\n</td></table><a href='{_HOSTILE_LINK}'>\r\nBEGIN:VEVENT\r\n"
    prose += "W" * (_LONG_PROSE - len(prose))
    villain = Person(
        id=person,
        name=person,
        email="anna@example.com",
        mobile_phone=_HOSTILE_LINK,
        work_phone=person,
        home_phone=person,
        sip_number=person,
    )
    notice = made.notice
    if notice.conference:
        conference = msgspec.structs.replace(
            notice.conference, name=name, description=prose, owner=villain, url=_HOSTILE_LINK
        )
        notice = msgspec.structs.replace(notice, conference=conference)
    if notice.call:
        call = msgspec.structs.replace(notice.call, caller=villain)
        notice = msgspec.structs.replace(notice, call=call)
    if notice.restart:
        restart = msgspec.structs.replace(notice.restart, incident=person, details=prose)
        notice = msgspec.structs.replace(notice, restart=restart)
    recipient = msgspec.structs.replace(
        made.delivery.recipient,
        name=person,
        unique_link=made.delivery.recipient.unique_link and _HOSTILE_LINK,
    )
    delivery = msgspec.structs.replace(made.delivery, recipient=recipient)
    return msgspec.structs.replace(made, notice=notice, delivery=delivery)


def _stretched(length: int) -> str:
    return _HOSTILE + "W" * (length - len(_HOSTILE))
