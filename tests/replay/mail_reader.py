"""What a mail program does with the calendar part of a mail: RFC 5546 to the word, and no more.

No library at hand applies iTIP messages; mail programs do it themselves. This one is dumb on
purpose: it accepts everything, asks nobody, and knows nothing of the notifier.
"""

from email import message_from_bytes, policy
from typing import Any

from icalendar import Calendar as Parsed

from tests.replay.calendar_server import Calendar
from tests.smtp_servers import Mail

# SEQUENCE, then DTSTAMP: by these a later message is told from an earlier one (RFC 5546, 2.1.5).
Age = tuple[int, Any]


class MailReader:
    """Reads one person's mails in the order of their arrival, and keeps their calendar."""

    def __init__(self, address: str, calendar: Calendar) -> None:
        self._address = address
        self._calendar = calendar
        self._ages: dict[str, Age] = {}  # of the newest message about each UID, of all time
        self._stored: set[str] = set()
        self.ignored: list[str] = []  # what was stale, or took back what was not there

    def read(self, mail: Mail) -> None:
        """Open a mail; one without a calendar part changes nothing."""
        message = message_from_bytes(mail.content, policy=policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                self._take(content, str(part.get_param("method")))

    def _take(self, content: bytes, method: str) -> None:
        parsed = Parsed.from_ical(content)
        assert isinstance(parsed, Parsed)
        assert parsed["METHOD"] == method
        events = parsed.walk("VEVENT")
        for event in events:
            # RFC 5546, 3.2.2 and 3.2.5: it is for me, or it is none of my business.
            assert str(event["ATTENDEE"]).lower() == f"mailto:{self._address}".lower()
        uid = str(events[0]["UID"])
        age: Age = (events[0].decoded("SEQUENCE"), events[0].decoded("DTSTAMP"))
        if uid in self._ages and age < self._ages[uid]:
            self.ignored.append(f"{method} {uid}: stale")
            return
        self._ages[uid] = age
        if method == "REQUEST":
            self._store(uid, parsed)
        else:
            self._remove(uid, method)

    def _store(self, uid: str, parsed: Parsed) -> None:
        """A REQUEST without a RECURRENCE-ID of its own replaces the whole (RFC 5546, 3.2.2)."""
        # RFC 4791, 4.1: what is stored has no METHOD.
        del parsed["METHOD"]
        self._calendar.put(uid, parsed.to_ical())
        self._stored.add(uid)

    def _remove(self, uid: str, method: str) -> None:
        """A CANCEL of the whole takes the entry away (RFC 5546, 3.2.5)."""
        if uid not in self._stored:
            self.ignored.append(f"{method} {uid}: nothing there")
            return
        self._calendar.delete(uid)
        self._stored.remove(uid)
