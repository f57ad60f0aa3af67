"""Letters: a notice to one person as a complete message (RFC 5322, calendar §1.4 and §6)."""

from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final, Literal

from notifier.core.delivery import Delivery, Recipient
from notifier.core.ics import CalendarEntry, calendar_bytes
from notifier.core.links import conference_url
from notifier.core.notice import Kind, Notice
from notifier.core.people import clean_line, display_name
from notifier.core.settings import Settings
from notifier.core.template import Template
from notifier.core.values import values

# Kinds that carry a calendar entry, with the method of RFC 5546. Deliberately absent: reminders and
# missed calls, which some servers would swallow as calendar mail (calendar §0, item 10).
METHODS: Final[dict[Kind, Literal["REQUEST", "CANCEL"]]] = {
    Kind.INVITATION: "REQUEST",
    Kind.REGISTRATION: "REQUEST",
    Kind.RESCHEDULE: "REQUEST",
    Kind.CANCELLATION: "CANCEL",
    Kind.REMOVAL: "CANCEL",
}

PRODUCT: Final = "-//Notifier//Notifier 0.1//EN"


def compose(
    notice: Notice, delivery: Delivery, template: Template, settings: Settings, *, now: datetime
) -> EmailMessage:
    """Give the message of `delivery`; what it says comes from the notice, at `now` (aware UTC).

    `Message-ID` and `Date` do not depend on `now`: a second try is recognised as the same mail.
    """
    recipient = delivery.recipient
    said = values(notice, recipient, settings, language=template.language, now=now)
    wording = template.render(said)
    message = EmailMessage(policy=SMTP if recipient.address.isascii() else SMTPUTF8)
    for name, value in _headers(notice, delivery, settings):
        message[name] = value
    message["Subject"] = wording.subject
    message.set_content(wording.text, cte="quoted-printable")
    message.add_alternative(wording.html, subtype="html", cte="quoted-printable")
    entry = calendar_entry(notice, recipient, settings, said)
    if entry:
        _attach(message, entry, also_as_file=settings.notifications.attach_ics)
    # Set last: what begins with Content- moves into the first part when the second is added.
    message["Content-Language"] = template.language
    _settle_parts(message, delivery.id)
    return message


def message_id(delivery: Delivery, settings: Settings) -> str:
    """Give what identifies the mail of a delivery, the same at every try (RFC 5322 §3.6.4)."""
    return f"<{delivery.id}@{_domain(settings)}>"


def calendar_entry(
    notice: Notice, recipient: Recipient, settings: Settings, said: dict[str, str]
) -> CalendarEntry | None:
    """Give the calendar entry that goes with a notice, or None where none does (calendar §1.3)."""
    method = METHODS.get(notice.kind)
    conference, calendar = notice.conference, notice.calendar
    if method is None or conference is None or conference.schedule is None or calendar is None:
        return None
    registered = notice.kind is Kind.REGISTRATION
    link = recipient.unique_link or conference_url(conference, settings.network)
    return CalendarEntry(
        method=method,
        uid=f"{calendar.uid}-{calendar.generation}@{_domain(settings)}",
        sequence=calendar.sequence,
        dtstamp=notice.created,
        created=calendar.created,
        last_modified=notice.created,
        organizer_name=f"{display_name(conference.owner)} ({settings.server.name})",
        organizer_address=settings.smtp.sender_address,
        attendee_name=recipient.name,
        attendee_address=recipient.address,
        partstat="ACCEPTED" if registered else "NEEDS-ACTION",
        summary=conference.name,
        description="\n\n".join(part for part in (link, said.get("conf_description")) if part),
        url=link,
        schedule=conference.schedule,
        now=notice.created,
        classification="PRIVATE" if registered else "PUBLIC",
        # RFC 5546 §3.2.5: uninviting one person does not cancel the event.
        status_cancelled=notice.kind is Kind.CANCELLATION,
        prodid=PRODUCT,
    )


def _headers(
    notice: Notice, delivery: Delivery, settings: Settings
) -> Iterator[tuple[str, str | Address | datetime]]:
    recipient = delivery.recipient
    yield "From", _mailbox(_sender_name(notice, settings), settings.smtp.sender_address)
    yield "To", _mailbox(recipient.name, recipient.address)
    owner = notice.conference.owner if notice.conference else None
    if settings.notifications.reply_to_owner and owner and owner.email:
        yield "Reply-To", _mailbox(display_name(owner), owner.email)
    yield "Date", notice.created
    yield "Message-ID", message_id(delivery, settings)
    if notice.calendar:
        # All mails about one life of a conference hang on one thread.
        thread = f"<{notice.calendar.uid}-{notice.calendar.generation}@{_domain(settings)}>"
        yield "In-Reply-To", thread
        yield "References", thread
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"
    yield "X-Notifier-Delivery", delivery.id
    yield "X-Notifier-Kind", notice.kind
    if delivery.conference:
        yield "X-Notifier-Conference", clean_line(delivery.conference)


def _sender_name(notice: Notice, settings: Settings) -> str:
    """Give the owner for what a conference tells, else the server; never an address."""
    server = settings.smtp.sender_name or settings.server.name
    owner = display_name(notice.conference.owner) if notice.conference else ""
    about_a_conference = notice.conference is not None and notice.call is None
    return f"{owner} ({server})" if about_a_conference and "@" not in owner else server


def _mailbox(name: str, address: str) -> Address:
    """Give a mailbox for a header; a name that looks like an address is left out (calendar §6)."""
    shown = "" if "@" in name else clean_line(name, limit=64)
    local, _, domain = address.rpartition("@")
    return Address(display_name=shown, username=local, domain=domain)


def _attach(message: EmailMessage, entry: CalendarEntry, *, also_as_file: bool) -> None:
    """Add the entry as the richest alternative, and as a file for clients that look only there.

    As bytes in base64: both copies decode to exactly what `calendar_bytes` made (calendar §0.5).
    """
    content = calendar_bytes(entry)
    message.add_alternative(
        content,
        maintype="text",
        subtype="calendar",
        params={"charset": "utf-8", "method": entry.method, "component": "VEVENT"},
    )
    if also_as_file:
        message.add_attachment(
            content,
            maintype="application",
            subtype="ics",
            filename="invite.ics",
            params={"name": "invite.ics"},
        )


def _settle_parts(message: EmailMessage, delivery_id: str) -> None:
    """Fix the boundaries, so that a second try is the same mail to the byte.

    `=_` cannot stand in quoted-printable or base64 (RFC 2045 §5.1.1, §6.7).
    """
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{delivery_id}_{number}")
        if part is not message:
            del part["MIME-Version"]


def _domain(settings: Settings) -> str:
    return settings.smtp.sender_address.rpartition("@")[2] or "localhost"
