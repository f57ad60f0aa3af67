"""Plates: a letter about one notice in one language, with all in its place but who it is for."""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from notifier.core.calendars.entries import around_attendee, calendar_bytes
from notifier.core.calendars.writing import attendee_line
from notifier.core.delivery import Delivery, Recipient
from notifier.core.headers import header_line, known_line, literal
from notifier.core.letters import calendar_entry, headers_of, same_entry, to_mailbox
from notifier.core.mime import base64_lines, needs_utf8
from notifier.core.notice import Notice
from notifier.core.press.imposing import Places, Stone
from notifier.core.settings import Settings
from notifier.core.values import minutes_left, personal_values, start_told, values
from notifier.core.wire import Wire
from notifier.core.wording.stencil import Unfit
from notifier.core.wording.variables import PERSONAL


class _Own(Enum):
    """What in the headers is one person's own."""

    ID = "id"
    TO = "to"
    SUBJECT = "subject"


# What headers are made of: bytes for all, and somebody's own.
_Piece: TypeAlias = bytes | _Own

# Headers that name the delivery.
_NAMING: Final = frozenset({"Message-ID", "X-Notifier-Delivery"})

# Headers that letters about many notices have in common.
_SHARED: Final = frozenset(
    {
        "From",
        "Reply-To",
        "Date",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "X-Notifier-Kind",
    }
)

# Pages that a plate keeps; whoever hears of a notice has a name or none, and a link or none.
_PAGES: Final = 8


class _Page(NamedTuple):
    """The pieces of a body for answers of one shape, with empty places for what is own.

    Answers are told by their numbers among the personal ones of their text.
    """

    pieces: list[bytes]
    ids: list[int]
    calendars: list[int]
    html: Places
    text: Places
    # How long the answers in the HTML may be, all of them (characters).
    room: int
    # Whether bytes that stand side by side are one piece.
    closed: bool = False

    def closed_up(self) -> "_Page":
        """Give the same page in fewer pieces: the second letter pays for it, all later ones gain.

        The first does not: most notices are told to one person.
        """
        own = (
            *self.ids,
            *self.calendars,
            *(at for at, _ in self.html),
            *(at for at, _ in self.text),
        )
        pieces, moved, begun = [b""], {}, 1
        for at in sorted(own):
            pieces += (b"".join(self.pieces[begun:at]), b"")
            moved[at], begun = len(pieces) - 1, at + 1
        pieces.append(b"".join(self.pieces[begun:]))
        return _Page(
            pieces=pieces,
            ids=[moved[at] for at in self.ids],
            calendars=[moved[at] for at in self.calendars],
            html=[(moved[at], number) for at, number in self.html],
            text=[(moved[at], number) for at, number in self.text],
            room=self.room,
            closed=True,
        )


class Plate:
    """Prints the letters about one notice to people of one language, region, zone and standing."""

    def __init__(
        self,
        notice: Notice,
        delivery: Delivery,
        stone: Stone,
        settings: Settings,
        *,
        now: datetime,
    ) -> None:
        """Take the delivery of somebody who gets this letter; raises Unfit if it needs a hand."""
        galley, recipient = stone.galley, delivery.recipient
        template = galley.template
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
        self._galley, self._stone = galley, stone
        self._html = galley.html.common(self._cleaned)
        self._text = galley.text.common(self._cleaned)
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
        html, text = self._galley.html.personal(own), self._galley.text.personal(own)
        page = self._page(html, text)
        if sum([len(html[number]) for _place, number in page.html]) > page.room:
            raise Unfit("there is too much in it to be shown whole")
        pieces = page.pieces.copy()
        self._fill(pieces, page, delivery)
        self._galley.html.put_in(pieces, page.html, html)
        self._galley.text.put_in(pieces, page.text, text)
        pieces[0] = self._headers(delivery, own)
        return Wire(b"".join(pieces))

    def _fill(self, pieces: list[bytes], page: _Page, delivery: Delivery) -> None:
        """Put in what is somebody's own besides the answers."""
        number = delivery.id.encode("ascii")
        for place in page.ids:
            pieces[place] = number
        if self._method:
            encoded = base64_lines(self._calendar(delivery.recipient))
            for place in page.calendars:
                pieces[place] = encoded

    def _headers(self, delivery: Delivery, own: dict[str, str]) -> bytes:
        number = delivery.id.encode("ascii")
        to = header_line("To", literal(to_mailbox(delivery.recipient)))
        said = {_Own.ID: number, _Own.TO: to}
        if _Own.SUBJECT in self._head:
            said[_Own.SUBJECT] = self._subject(own)
        return b"".join(
            [piece if isinstance(piece, bytes) else said[piece] for piece in self._head]
        )

    def _page(self, html: list[str], text: list[str]) -> _Page:
        shape = tuple(map(bool, html + text))
        page = self._pages.get(shape)
        if page is None:
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            page = self._pages[shape] = self._made_up(html, text)
        elif not page.closed:
            page = self._pages[shape] = page.closed_up()
        return page

    def _made_up(self, html: list[str], text: list[str]) -> _Page:
        """Put everything in its place for answers of this shape."""
        forme = self._stone.forme(
            self._html + html,
            self._text + text,
            method=self._method,
            attached=self._settings.notifications.attach_ics,
        )
        pieces = forme.pieces.copy()
        common_html, own_html = _parted(forme.html, shared=len(self._html))
        common_text, own_text = _parted(forme.text, shared=len(self._text))
        self._galley.html.put_in(pieces, common_html, self._html)
        self._galley.text.put_in(pieces, common_text, self._text)
        return _Page(
            pieces=pieces,
            ids=forme.ids,
            calendars=forme.calendars,
            html=own_html,
            text=own_text,
            room=forme.room - sum([len(self._html[number]) for _place, number in common_html]),
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
                yield (known_line if name in _SHARED else header_line)(name, literal(value))
        personal = self._template.subject_uses & PERSONAL
        yield _Own.SUBJECT if personal else self._subject(self._cleaned)
        yield known_line("Content-Language", self._template.language)

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


def _parted(places: Places, *, shared: int) -> tuple[Places, Places]:
    """Give the places of common answers, and those of personal ones by their own numbers."""
    common = [each for each in places if each[1] < shared]
    own = [(place, number - shared) for place, number in places if number >= shared]
    return common, own


def _with_own_id(line: bytes, delivery: str) -> Iterator[_Piece]:
    """Give a header with a place for the id of each delivery; they are of one length."""
    pieces = line.split(delivery.encode("ascii"))
    if len(pieces) != 2:
        raise Unfit("the id of the delivery is folded or found twice in a header")
    yield from (pieces[0], _Own.ID, pieces[1])
