"""The letters that judges look at: every kind in every language, as its person would get it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Final

import msgspec

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from notifier.core.mime import Draft, as_bytes
from notifier.core.notice import Kind
from notifier.core.wording.template import Template
from notifier.core.wording.variables import ROOM_KINDS
from notifier.samples import Shape
from tests.letters.approved import draft, languages

# By their tags; the tree is walked, so a language that is added comes before the judges by itself.
LANGUAGES: Final = languages()

# These tell of no conference, so the shape of one changes nothing.
WITHOUT_CONFERENCE: Final = frozenset(
    {Kind.MISSED_CALL, Kind.MISSED_CALL_UNREGISTERED, Kind.SERVER_RESTART}
)


class Specimen(msgspec.Struct, frozen=True, kw_only=True):
    """A letter, and what it is an example of."""

    kind: Kind
    language: str
    shape: Shape
    draft: Draft
    mail: bytes

    def __str__(self) -> str:
        return f"{self.kind} in {self.language}, {self.shape}"

    @property
    def html(self) -> bytes:
        """The HTML as it is after the journey."""
        return parts(self.mail, "text/html")[0]


@cache
def specimens() -> tuple[Specimen, ...]:
    """Give the matrix: kinds × languages × shapes.

    A series is seen from elsewhere, the others from the zone of the conference: to judges one time
    is as good as another, and the series says all that a foreign zone adds.
    """
    return tuple(
        specimen(kind, language, shape)
        for language in LANGUAGES
        for kind in Kind
        for shape in shapes(kind)
    )


def shapes(kind: Kind) -> list[Shape]:
    if kind in WITHOUT_CONFERENCE:
        return [Shape.ONCE]
    return [each for each in Shape if each is not Shape.ROOM or kind in ROOM_KINDS]


def specimen(kind: Kind, language: str, shape: Shape) -> Specimen:
    drafted = draft(_SHELF, kind, language, shape)
    mail = as_bytes(drafted)
    return Specimen(kind=kind, language=language, shape=shape, draft=drafted, mail=mail)


def english(kind: Kind) -> Template:
    """Give the shipped template of a kind in the language that all understand."""
    return _SHELF.template(kind, ["en"])[0]


_SHELF: Final = Shelf(shipped_root(), glance_ns=10**18)


def parts(mail: bytes, content_type: str) -> list[bytes]:
    """Give the decoded bytes of all parts of a type, as the standard library reads them."""
    message = message_from_bytes(mail, _class=EmailMessage, policy=policy.SMTP)
    found = (each for each in message.walk() if each.get_content_type() == content_type)
    return [bytes(each.get_payload(decode=True)) for each in found]
