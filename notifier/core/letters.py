"""Letters: a notice to one person as a complete message (RFC 5322, calendar §1.4 and §6)."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal

from notifier.core.calendars.entries import calendar_bytes
from notifier.core.calendars.telling import CalendarEntry
from notifier.core.cleaning import clean_line, cut
from notifier.core.delivery import Delivery, Recipient
from notifier.core.headers import date_text, mailbox_text
from notifier.core.links import conference_url, shown_name
from notifier.core.mime import Draft, Header
from notifier.core.notice import Calendar, Kind, Notice
from notifier.core.people import BadAddress, Person, display_name, mailbox
from notifier.core.settings import Settings
from notifier.core.values import values
from notifier.core.wording.template import Template

# Kinds that carry a calendar entry, with the method of RFC 5546. Deliberately absent: reminders and
# missed calls, which some servers would swallow as calendar mail (calendar §0, item 10).
METHODS: Final[dict[Kind, Literal["REQUEST", "CANCEL"]]] = {
    Kind.INVITATION: "REQUEST",
    Kind.REGISTRATION: "REQUEST",
    Kind.RESCHEDULE: "REQUEST",
    Kind.CANCELLATION: "CANCEL",
    Kind.REMOVAL: "CANCEL",
}

# Longer names are cut in lists of mails; of an owner's name so much is shown at least, however long
# that of the server is (characters).
NAME_SHOWN: Final = 64
SHORTEST: Final = 16

# The sign itself, and what East Asian input methods type for it.
_AT_SIGNS: Final = frozenset("@\uff20\ufe6b")

PRODUCT: Final = "-//Notifier//Notifier 0.1//EN"


def compose(
    notice: Notice, delivery: Delivery, template: Template, settings: Settings, *, now: datetime
) -> Draft:
    """Give the letter of `delivery`; what it says comes from the notice, at `now` (aware UTC).

    `Message-ID` and `Date` do not depend on `now`: a second try is recognised as the same mail.
    """
    recipient = delivery.recipient
    language, counting = template.language, "time_left" in template.uses
    said = values(notice, recipient, settings, language=language, now=now, counting=counting)
    wording = template.render(said)
    entry = calendar_entry(notice, recipient, settings, said)
    return Draft(
        headers=(
            *headers_of(notice, delivery, settings),
            ("Subject", wording.subject),
            ("Content-Language", template.language),
        ),
        text=wording.text,
        html=wording.html,
        calendar=calendar_bytes(entry) if entry else None,
        method=entry.method if entry else "",
        attached=settings.notifications.attach_ics,
        boundary=delivery.id,
    )


def message_id(delivery: Delivery, settings: Settings) -> str:
    """Give what identifies the mail of a delivery, the same at every try (RFC 5322 §3.6.4)."""
    return f"<{delivery.id}@{_domain(settings)}>"


def delivery_of(message_id: str, settings: Settings) -> str | None:
    """Give the delivery that a `Message-ID` names; None for mails of somebody else's."""
    found = _MESSAGE_ID.fullmatch(message_id.strip())
    ours = found and found[2].lower() == _domain(settings).lower()
    return found[1] if found and ours else None


# Bounces quote it with its angle brackets or without; our ids are what `short_id` makes.
_MESSAGE_ID: Final = re.compile(r"<?([0-9a-f]{20})@([^\s<>@]+)>?")


def calendar_entry(
    notice: Notice, recipient: Recipient, settings: Settings, said: dict[str, str]
) -> CalendarEntry | None:
    """Give the calendar entry that goes with a notice, or None where none does (calendar §1.3)."""
    method = METHODS.get(notice.kind) if notice.entry else None
    conference, calendar = notice.conference, notice.calendar
    if method is None or conference is None or conference.schedule is None or calendar is None:
        return None
    decided = settings.notifications
    # Whoever has a link of their own has signed up, and later mails do not forget it.
    registered = notice.kind is Kind.REGISTRATION or bool(recipient.unique_link)
    link = _personal_link(recipient, settings) or conference_url(conference, settings.network)
    organizer = _organizer(conference.owner, recipient, settings)
    return CalendarEntry(
        method=method,
        uid=_uid(calendar, settings),
        sequence=calendar.sequence,
        dtstamp=notice.created,
        created=calendar.created,
        last_modified=notice.created,
        organizer_name=_owner_at(conference.owner, settings.server.name),
        organizer_address=organizer or settings.smtp.sender_address,
        sent_by=settings.smtp.sender_address if organizer else "",
        attendee_name=recipient.name,
        attendee_address=recipient.address,
        partstat="ACCEPTED" if registered else "NEEDS-ACTION",
        summary=shown_name(conference),
        description=_description(link, said),
        url=link,
        schedule=conference.schedule,
        now=notice.created,
        classification="PRIVATE" if registered else "PUBLIC",
        # RFC 5546 §3.2.5: uninviting one person does not cancel the event.
        status_cancelled=notice.kind is Kind.CANCELLATION or decided.cancelled_in_removals,
        alarm_minutes=decided.alarm_minutes or None,
        prodid=PRODUCT,
    )


def same_entry(recipient: Recipient, settings: Settings) -> bool:
    """Tell whether nothing but the attendee is this recipient's own in a calendar entry."""
    decided = settings.notifications
    return decided.organizer == "sender" and not _personal_link(recipient, settings)


def _personal_link(recipient: Recipient, settings: Settings) -> str:
    return recipient.unique_link if settings.notifications.entry_link == "personal" else ""


def _organizer(owner: Person, recipient: Recipient, settings: Settings) -> str | None:
    """Give the owner's address, where an administrator wants it in entries; else None.

    Not to the owners themselves: Outlook and Exchange swallow what comes from its own reader.
    """
    if settings.notifications.organizer == "sender":
        return None
    address = _own_address(owner)
    is_reader = address is not None and address.lower() == recipient.address.lower()
    return None if is_reader else address


def _description(link: str, said: Mapping[str, str]) -> str:
    """Give the link, what the conference is about, and whom to ask: a name and a phone number.

    No address but the reader's stands in an entry, and nothing in it needs translating.
    """
    phone = said.get("owner_mobile_phone") or said.get("owner_work_phone")
    owner = said.get("owner_name", "")
    to_ask = ", ".join(part for part in (owner, phone) if part and not _is_address(owner))
    return "\n\n".join(part for part in (link, said.get("conf_description"), to_ask) if part)


def headers_of(notice: Notice, delivery: Delivery, settings: Settings) -> Iterator[Header]:
    """Give the headers of a letter but those that its words make."""
    recipient = delivery.recipient
    yield "From", _mailbox(_sender_name(notice, settings), settings.smtp.sender_address)
    yield "To", to_mailbox(recipient)
    owner = notice.conference.owner if notice.conference else None
    if settings.notifications.reply_to_owner and owner and (address := _own_address(owner)):
        yield "Reply-To", _mailbox(display_name(owner), address)
    yield "Date", date_text(notice.created)
    yield "Message-ID", message_id(delivery, settings)
    if notice.calendar:
        # All mails about one life of a conference hang on one thread.
        thread = f"<{_uid(notice.calendar, settings)}>"
        yield "In-Reply-To", thread
        yield "References", thread
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"
    yield "X-Notifier-Delivery", delivery.id
    yield "X-Notifier-Kind", notice.kind
    if delivery.conference:
        yield "X-Notifier-Conference", clean_line(delivery.conference)


def to_mailbox(recipient: Recipient) -> str:
    """Give whom a letter is addressed to."""
    return _mailbox(recipient.name, recipient.address)


def _own_address(owner: Person) -> str | None:
    """Give the owner's address, if it is one: no letter is to fail over a wrong one."""
    try:
        found = mailbox(owner)
    except BadAddress:
        return None
    return found.address if found else None


def _sender_name(notice: Notice, settings: Settings) -> str:
    """Give the owner for what a conference tells, else the server; never an address."""
    server = settings.smtp.sender_name or settings.server.name
    if notice.conference is None or notice.call is not None:
        return server
    return _owner_at(notice.conference.owner, server)


def _owner_at(owner: Person, server: str) -> str:
    """Give who asks people to come: the owner's name; whoever has none but an address is left out.

    Guests are not told addresses (calendar §1.2).
    """
    name, at_server = display_name(owner), f" ({server})"
    if _is_address(name):
        return server
    return cut(name, max(SHORTEST, NAME_SHOWN - len(at_server))) + at_server


def _is_address(name: str) -> bool:
    """Tell whether a name would be taken for an address, by a reader or by a filter of spam."""
    return not _AT_SIGNS.isdisjoint(name)


def _mailbox(name: str, address: str) -> str:
    """Give a mailbox for a header; a name that looks like an address is left out (calendar §6)."""
    return mailbox_text("" if _is_address(name) else clean_line(name, NAME_SHOWN), address)


def _uid(calendar: Calendar, settings: Settings) -> str:
    return f"{calendar.uid}-{calendar.generation}@{calendar.domain or _domain(settings)}"


def _domain(settings: Settings) -> str:
    return settings.smtp.domain or "localhost"
