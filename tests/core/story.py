"""A story: events heard one after the other, and who was told what in the end."""

from datetime import datetime
from typing import Any

import msgspec

from notifier.core.change import Change
from notifier.core.delivery import Delivery, State
from notifier.core.events import Event
from notifier.core.life import Known, Member, on_list
from notifier.core.notice import Kind, Notice
from notifier.core.overtaken import overtaken
from notifier.core.people import Person, person_key
from notifier.core.planning import forms, planned_for_list
from notifier.core.reasons import Reason
from notifier.core.settings import Settings, merged
from notifier.hearing import Heard, after, listen
from notifier.ports.inbox import Entry
from notifier.remembering import Remembered
from tests import cast

# Dana's server takes part, and nobody waits for a second thought.
DEFAULTS = merged(
    Settings(),
    {
        "server": {"domain": cast.HOME},
        "federation": {"mode": "blacklist"},
        "notifications": {"settle_seconds": 0},
    },
)


def settings(**tables: dict[str, Any]) -> Settings:
    """The settings of a test: home is the cast's server; `tables` are laid over it."""
    return merged(DEFAULTS, tables)


def told_of(type_: str, revision: int = 1, *people: Person, **changes: Any) -> Event:
    """An event about the cast's conference; `said_at` is when it was said, None for not at all."""
    attributes = {"time": changes.pop("said_at")} if "said_at" in changes else {}
    if attributes.get("time", "") is None:
        attributes = {"time": cast.NOW}
    data: dict[str, Any] = {"conference": cast.conference(revision, **changes)}
    if type_ in ("conference.invitation", "conference.removal"):
        data["participants"] = people
    if type_ == "conference.registration":
        [data["participant"]] = people
    return cast.heard(type_, data, **cast.plain(attributes))


def invitation(revision: int = 1, *people: Person, **changes: Any) -> Event:
    return told_of("conference.invitation", revision, *people, **changes)


def registration(revision: int, person: Person, **changes: Any) -> Event:
    return told_of("conference.registration", revision, person, **changes)


def removal(revision: int, *people: Person, **changes: Any) -> Event:
    return told_of("conference.removal", revision, *people, **changes)


def reschedule(revision: int, **changes: Any) -> Event:
    return told_of("conference.reschedule", revision, **changes)


def cancellation(revision: int, **changes: Any) -> Event:
    return told_of("conference.cancellation", revision, **changes)


def update(revision: int, **changes: Any) -> Event:
    return told_of("conference.update", revision, **changes)


def end(revision: int, **changes: Any) -> Event:
    return told_of("conference.end", revision, **changes)


class Story:
    """Hears events the way the service does, and spreads notices to everyone at once."""

    def __init__(self, *events: Event, settings: Settings = DEFAULTS) -> None:
        self.remembered = Remembered()
        self.deliveries: dict[str, tuple[Notice, Delivery]] = {}
        self._settings = settings
        for event in events:
            self.hear(event)

    def hear(self, event: Event, *, now: datetime = cast.NOW) -> Change:
        entry = Entry(id="1-0", fields={})
        heard = listen(entry, event, self.remembered, self._settings, now=now, uid="a-uid")
        self.remembered = after(self.remembered, heard)
        self._plan(heard)
        return heard.change

    @property
    def known(self) -> Known:
        assert self.remembered.known is not None
        return self.remembered.known

    def member(self, person: Person) -> Member:
        return self.remembered.members[person_key(person)]

    @property
    def listed(self) -> set[str]:
        """The keys of the people on the list."""
        members = self.remembered.members
        return {key for key, row in members.items() if on_list(row, self.known)}

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and name of every mail that is owed, in order."""
        return [
            (str(notice.kind), delivery.recipient.name.partition(" ")[0])
            for notice, delivery in self.deliveries.values()
            if delivery.state is State.PENDING
        ]

    @property
    def untold(self) -> list[tuple[str, str, str]]:
        """Kind, name and reason of everybody who was left out."""
        return [
            (str(notice.kind), delivery.recipient.name.partition(" ")[0], delivery.reason)
            for notice, delivery in self.deliveries.values()
            if delivery.state is not State.PENDING
        ]

    @property
    def notices(self) -> list[Notice]:
        """The notice of each mail that is owed, in order."""
        owed = self.deliveries.values()
        return [notice for notice, delivery in owed if delivery.state is State.PENDING]

    def owed(self, kind: Kind, person: Person = cast.BORIS) -> Notice:
        """The first notice of a kind that is owed to a person."""
        return next(
            notice
            for notice, delivery in self.deliveries.values()
            if notice.kind is kind and delivery.recipient.key == person_key(person)
        )

    def overtakes(
        self, notice: Notice, person: Person = cast.BORIS, *, now: datetime = cast.NOW
    ) -> Reason | None:
        """Why a notice is no longer true for a person, if so."""
        member = self.remembered.members.get(person_key(person))
        return overtaken(notice, self.known, member, now=now)

    def _plan(self, heard: Heard) -> None:
        notices = {each.id: each for step in heard.commitments for each in step.notices}
        for step in heard.commitments:
            for delivery in step.deliveries:
                self.deliveries.setdefault(delivery.id, (notices[delivery.notice], delivery))
        for notice in notices.values():
            if notice.everyone:
                self._spread(notice)

    def _spread(self, notice: Notice) -> None:
        members = self.remembered.members.values()
        letters = {each.id: each for each in (notice, *forms(notice, self._settings))}
        for delivery in planned_for_list(notice, members, self.known, self._settings):
            self.deliveries.setdefault(delivery.id, (letters[delivery.notice], delivery))


def again(event: Event) -> Event:
    """The same event under a new ID."""
    return msgspec.structs.replace(event, id=event.id + "-again")
