"""Plates: a letter about one notice in one language, with all in its place but who it is for."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from notifier.core.calendars.entries import around_attendee, calendar_bytes
from notifier.core.calendars.writing import attendee_line
from notifier.core.delivery import Delivery, Recipient
from notifier.core.headers import header_line, literal
from notifier.core.letters import calendar_entry, headers_of, same_entry, to_mailbox
from notifier.core.mime import Slot, base64_lines, frame, needs_utf8, quoted
from notifier.core.notice import Notice
from notifier.core.press.galleys import Column, Galley
from notifier.core.settings import Settings
from notifier.core.values import minutes_left, personal_values, start_told, values
from notifier.core.wire import Wire
from notifier.core.wording.stencil import Unfit
from notifier.core.wording.variables import PERSONAL


class _Own(Enum):
    """What is one person's own besides the answers of the texts."""

    ID = "id"
    TO = "to"
    SUBJECT = "subject"
    CALENDAR = "calendar"


# What a letter is made of: bytes for all, somebody's own, and the numbers of their answers.
_Piece: TypeAlias = bytes | _Own | int


# Headers that name the delivery.
_NAMING: Final = frozenset({"Message-ID", "X-Notifier-Delivery"})

# Pages that a plate keeps; whoever hears of a notice has a name or none, and a link or none.
_PAGES: Final = 8


class _Page(NamedTuple):
    """The pieces of a letter for answers of one shape, with empty places for what is own."""

    pieces: list[bytes]
    ids: list[int]
    to: list[int]
    subject: list[int]
    calendars: list[int]
    answers: list[tuple[int, int]]
    # How long the answers in the HTML may be, all of them (characters).
    room: int


class Plate:
    """Prints the letters about one notice to people of one language, region, zone and standing."""

    def __init__(
        self,
        notice: Notice,
        delivery: Delivery,
        galley: Galley,
        settings: Settings,
        *,
        now: datetime,
    ) -> None:
        """Take the delivery of somebody who gets this letter; raises Unfit if it needs a hand."""
        template, recipient = galley.template, delivery.recipient
        self._notice = notice
        self._settings = settings
        self._template = template
        language, uses = template.language, template.uses
        counting = "time_left" in uses
        self._said = values(
            notice, recipient, settings, language=language, now=now, counting=counting
        )
        self._cleaned = template.cleaned(self._said, uses)
        asked = galley.html.personal_names | galley.text.personal_names
        self._names = uses & PERSONAL
        self._beside = {name: self._cleaned[name] for name in asked - PERSONAL}
        self._html = _Half(galley.html, self._cleaned)
        self._text = _Half(galley.text, self._cleaned)
        self._id_length = len(delivery.id)
        self._pages: dict[tuple[bool, ...], _Page] = {}
        self._head = list(self._header_pieces(delivery))
        self._start = start_told(notice) if counting else None
        self._minutes = minutes_left(self._start, now) if self._start else 0
        entry = calendar_entry(notice, recipient, settings, self._said)
        self._method = entry.method if entry else None
        self._partstat = entry.partstat if entry else ""
        self._around = around_attendee(entry) if entry and same_entry(recipient, settings) else None

    def outdated(self, now: datetime) -> bool:
        """Tell whether another time is left by now than it says."""
        return self._start is not None and minutes_left(self._start, now) != self._minutes

    def printed(self, delivery: Delivery) -> Wire:
        """Give the letter of `delivery`; raises Unfit if it has to be written by itself.

        No line of it begins with a dot, and CRLF alone ends them: headers are held to that line by
        line, and what is in quoted-printable or base64 can be no other.
        """
        recipient = delivery.recipient
        if not recipient.address.isascii() or len(delivery.id) != self._id_length:
            raise Unfit("an address or an id changes how other headers are written")
        own = self._template.cleaned(personal_values(self._notice, recipient), self._names)
        own |= self._beside
        html, text = self._html.personal(own), self._text.personal(own)
        page = self._page(html, text)
        if sum(map(len, html)) > page.room:
            raise Unfit("there is too much in it to be shown whole")
        return Wire(b"".join(self._filled(page, delivery, own, html + text)))

    def _filled(
        self, page: _Page, delivery: Delivery, own: dict[str, str], answers: list[str]
    ) -> list[bytes]:
        pieces = page.pieces.copy()
        number = delivery.id.encode("ascii")
        for place in page.ids:
            pieces[place] = number
        for place in page.to:
            pieces[place] = header_line("To", literal(to_mailbox(delivery.recipient)))
        for place in page.subject:
            pieces[place] = self._subject(own)
        if self._method:
            encoded = base64_lines(self._calendar(delivery.recipient))
            for place in page.calendars:
                pieces[place] = encoded
        for place, answer in page.answers:
            pieces[place] = quoted(answers[answer])
        return pieces

    def _page(self, html: list[str], text: list[str]) -> _Page:
        shape = tuple(map(bool, html + text))
        page = self._pages.get(shape)
        if page is None:
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            page = self._pages[shape] = self._made_up(html, text)
        return page

    def _made_up(self, html: list[str], text: list[str]) -> _Page:
        """Put everything in its place for answers of this shape."""
        fillings: dict[Slot, Iterable[_Piece]] = {
            Slot.BOUNDARY: [_Own.ID],
            Slot.TEXT: self._text.pieces(text, behind=len(html)),
            Slot.HTML: self._html.pieces(html),
            Slot.CALENDAR: [_Own.CALENDAR],
        }
        whole: list[_Piece] = list(self._head)
        for each in frame(self._method, attached=self._settings.notifications.attach_ics):
            whole.extend(fillings[each] if isinstance(each, Slot) else [each])
        open_ = [(at, piece) for at, piece in enumerate(whole) if not isinstance(piece, bytes)]
        return _Page(
            pieces=[piece if isinstance(piece, bytes) else b"" for piece in whole],
            ids=[at for at, piece in open_ if piece is _Own.ID],
            to=[at for at, piece in open_ if piece is _Own.TO],
            subject=[at for at, piece in open_ if piece is _Own.SUBJECT],
            calendars=[at for at, piece in open_ if piece is _Own.CALENDAR],
            answers=[(at, piece) for at, piece in open_ if isinstance(piece, int)],
            room=self._html.room(html),
        )

    def _header_pieces(self, delivery: Delivery) -> Iterator[_Piece]:
        headers = list(headers_of(self._notice, delivery, self._settings))
        if needs_utf8(each for each in headers if each[0] != "To"):
            raise Unfit("an address outside ASCII changes how every header is written")
        for name, value in headers:
            if name == "To":
                yield _Own.TO
            elif name in _NAMING:
                yield from _with_own_id(header_line(name, literal(value)), delivery.id)
            else:
                yield header_line(name, literal(value))
        personal = self._template.subject_uses & PERSONAL
        yield _Own.SUBJECT if personal else self._subject(self._cleaned)
        yield header_line("Content-Language", literal(self._template.language))

    def _subject(self, own: dict[str, str]) -> bytes:
        subject = self._template.subject(self._cleaned | own)
        shown = subject or self._template.subject_of_last_resort(self._said)
        return header_line("Subject", literal(shown))

    def _calendar(self, recipient: Recipient) -> bytes:
        if self._around is not None:
            line = attendee_line(recipient.name, recipient.address, self._partstat)
            return line.join(self._around)
        entry = calendar_entry(self._notice, recipient, self._settings, self._said)
        assert entry is not None  # everybody who hears of this notice gets one, or nobody
        return calendar_bytes(entry)


class _Half:
    """One text of a plate, whose common answers are known."""

    def __init__(self, column: Column, values: dict[str, str]) -> None:
        self._column = column
        self._common = column.common(values)

    def personal(self, values: dict[str, str]) -> list[str]:
        return self._column.personal(values)

    def pieces(self, personal: list[str], *, behind: int = 0) -> Iterator[_Piece]:
        """Give the text with the common answers filled in; personal ones count from `behind`."""
        shape = self._column.shape(self._common + personal)
        shared = len(self._common)
        words = shape.words.copy()
        at = 0
        for place, number in shape.slots:
            if number < shared:
                words[place] = quoted(self._common[number])
                continue
            yield b"".join(words[at:place])
            yield number - shared + behind
            at = place + 1
        yield b"".join(words[at:])

    def room(self, personal: list[str]) -> int:
        """Give how long the personal answers may be together (characters)."""
        return self._column.room(self._common, personal)


def _with_own_id(line: bytes, delivery: str) -> Iterator[_Piece]:
    """Give a header with a place for the id of each delivery; they are of one length."""
    pieces = line.split(delivery.encode("ascii"))
    if len(pieces) != 2:
        raise Unfit("the id of the delivery is folded or found twice in a header")
    yield from (pieces[0], _Own.ID, pieces[1])
