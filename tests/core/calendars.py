"""A story as calendars see it: each mail that is owed, with the entry that goes with it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.calendars.contentlines import Component, Property, read
from notifier.core.calendars.defects import defects
from notifier.core.delivery import Delivery, State
from notifier.core.events import Event
from notifier.core.letters import compose
from notifier.core.mime import Draft, as_bytes
from notifier.core.notice import Notice
from notifier.core.people import Person, person_key
from notifier.core.settings import Settings
from notifier.core.wording.template import Template
from tests import cast
from tests.cast import BORIS, CHEN, NOW
from tests.core.story import Story, invitation, settings

SENDER = "conf@example.com"
NETWORK = {"web_address": cast.HOME}


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail that a person is owed."""

    kind: str
    draft: Draft
    raw: bytes

    @property
    def calendar(self) -> Component | None:
        """The VCALENDAR, or None for a mail without; one with a defect is no calendar."""
        if self.draft.calendar is None:
            return None
        assert defects(self.draft.calendar, self.draft.method) == []
        root, faults = read(self.draft.calendar)
        assert faults == []
        [calendar] = root.children
        return calendar

    @property
    def events(self) -> list[Component]:
        assert self.calendar is not None, f"the {self.kind} carries no entry"
        return self.calendar.parts("VEVENT")

    @property
    def event(self) -> Component:
        """The only event."""
        [event] = self.events
        return event

    @property
    def method(self) -> str:
        return self.calendar.value("METHOD") if self.calendar else ""

    @property
    def identity(self) -> tuple[str, str, int]:
        """Method, UID without its domain, and SEQUENCE: what decides what replaces what."""
        event = self.events[0]
        return self.method, event.value("UID").partition("@")[0], int(event.value("SEQUENCE"))

    def line(self, name: str, *, of: int = 0) -> str:
        """A property of an event as it is written, without its name."""
        return written(self.events[of].first(name))


def written(prop: Property | None) -> str:
    assert prop is not None
    return "".join(f";{key}={value}" for key, value in prop.params.items()) + f":{prop.value}"


def mails(story: Story, settings: Settings, person: Person = cast.BORIS) -> list[Mail]:
    """Give the mails that a person is owed in a story, in order."""
    return list(_mails(story, settings, person_key(person)))


def _mails(story: Story, settings: Settings, key: str) -> Iterator[Mail]:
    for notice, delivery in story.deliveries.values():
        if delivery.recipient.key == key and delivery.state is State.PENDING:
            yield mail(notice, delivery, settings)


def mail(
    notice: Notice, delivery: Delivery, settings: Settings, *, now: datetime | None = None
) -> Mail:
    draft = compose(notice, delivery, template(notice.kind), settings, now=now or notice.created)
    return Mail(kind=str(notice.kind), draft=draft, raw=as_bytes(draft))


@cache
def template(kind: str) -> Template:
    """Give the shipped letter of a kind in English."""
    return Shelf(shipped_root()).template(kind, ["en"])[0]


def ours(**notifications: Any) -> Settings:
    return settings(
        server={"domain": cast.HOME, "name": "Example Conferences"},
        smtp={"sender_address": SENDER},
        network=NETWORK,
        notifications={"settle_seconds": 0} | notifications,
    )


OURS = ours()


class Play:
    """A story with its settings, and what a person's calendar hears of it."""

    def __init__(self, *events: Event, **notifications: Any) -> None:
        self.settings = ours(**notifications)
        self.story = Story(*events, settings=self.settings)

    def hear(self, event: Event, *, now: datetime = NOW) -> "Play":
        self.story.hear(event, now=now)
        return self

    def mails(self, person: Person = BORIS) -> list[Mail]:
        return mails(self.story, self.settings, person)

    def last(self, person: Person = BORIS) -> Mail:
        return self.mails(person)[-1]

    def identities(self, person: Person = BORIS) -> list[tuple[str, str, int]]:
        return [each.identity for each in self.mails(person) if each.calendar]


def invited(*events: Event, **changes: Any) -> Play:
    """Boris and Chen are invited to the review, then this happens."""
    return Play(invitation(1, BORIS, CHEN, **changes), *events)
