"""People: who somebody is, where their mail goes, and what they are called."""

import re
from functools import lru_cache
from typing import Annotated, Final

import email_validator
import msgspec

from notifier.core.cleaning import clean_line

# Conference servers live in intranets: `anna@conf.local` and `anna@mail.test` are mailboxes there.
# Emptying the list is the way that the library documents.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# What somebody dials to reach a person who is known by mail address only (R4).
MAILTO: Final = "#mailto:"

# Addresses that are remembered: somebody on a long list is looked at several times in a row, and
# the checks take 30 µs.
KEPT: Final = 1024

# The plain addresses, which are nearly all: the library takes twenty times as long to find nothing
# against one, and gives it back unchanged. Whatever is longer than a label may be, is not in lower
# case, or could be an encoded word or an A-label is left to the library.
_PLAIN: Final = re.compile(
    r"(?=.{3,63}\Z)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*"
)

# A longer display name helps nobody and breaks header folding in old clients (characters).
NAME_LIMIT: Final = 200

Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person as a publisher describes them (contract §1, Person)."""

    id: Text | None = None
    name: Text | None = None
    email: Text | None = None
    directory_email: Text | None = None
    language: Text | None = None
    time_zone: Text | None = None
    mobile_phone: Text | None = None
    work_phone: Text | None = None
    home_phone: Text | None = None
    sip_number: Text | None = None
    role: Text | None = None
    unique_link: Text | None = None

    def __post_init__(self) -> None:
        if not self.id and not self.email:
            raise ValueError("a person needs an `id` or an `email`; both are missing or empty")


class BadAddress(ValueError):
    """A text that was given as a mail address is not one."""


class Mailbox(msgspec.Struct, frozen=True):
    """An address that mail can be sent to (RFC 5321 §4.1.2), its domain in A-labels (RFC 5891)."""

    address: str


def parse_address(text: str) -> str:
    """Give the one addr-spec in `text`, its domain as A-labels; raise BadAddress with the reason.

    Lists, display names, routes, line ends and anything over 254 characters are refused
    (RFC 5321 §4.5.3.1): a lenient reader would send to somebody else.
    """
    return text if _PLAIN.fullmatch(text) else _checked(text)


@lru_cache(maxsize=KEPT)
def _checked(text: str) -> str:
    if "=?" in text:
        raise BadAddress("it looks like an encoded word, which readers of mail take apart")
    try:
        found = email_validator.validate_email(
            text.strip(" "), check_deliverability=False, globally_deliverable=False, strict=True
        )
    except email_validator.EmailNotValidError as fault:
        raise BadAddress(str(fault)) from None
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def canonical(address: str) -> str:
    """Give an address as it is compared: one spelling, whoever wrote it; what is none stays."""
    try:
        return parse_address(address).lower()
    except BadAddress:
        return address.strip().lower()


def person_key(person: Person) -> str:
    """Give what makes this person the same person in every event: the ID, else the address.

    `#mailto:Boris@X.org` and a person with nothing but `email: boris@x.org` are one (R4).
    """
    if person.id and not is_unregistered(person):
        return person.id
    return MAILTO + (mailto_address(person) or person.email or "").strip(" ").lower()


def is_unregistered(person: Person) -> bool:
    """Tell whether somebody is known by mail address only: `#mailto:…`, or no ID at all (R4)."""
    return not person.id or person.id.startswith(MAILTO)


def mailbox(person: Person) -> Mailbox | None:
    """Give where this person's mail goes, or None if nowhere; raise BadAddress.

    The profile's address, else the one from the directory (R3); for `#mailto:` the rest of the ID.
    A user ID looks like an address and is never used as one (R4).
    """
    for candidate in (mailto_address(person), person.email, person.directory_email):
        if candidate and candidate.strip(" "):
            return Mailbox(parse_address(candidate))
    return None


def display_name(person: Person) -> str:
    """Give what to call this person: the name, else the address, else the ID; one clean line."""
    shown = person.name or mailto_address(person) or person.email or person.id or ""
    return clean_line(shown, NAME_LIMIT) or clean_line(person.id or person.email or "", NAME_LIMIT)


def home_server(person: Person) -> str | None:
    """Give the server named behind the `@` of the ID, or None for people without an ID (R45)."""
    if is_unregistered(person) or person.id is None or "@" not in person.id:
        return None
    return person.id.rpartition("@")[2].strip(" .").lower() or None


def unregistered(address: str) -> Person:
    """Give the person behind a bare mail address."""
    return Person(id=MAILTO + address)


def mailto_address(person: Person) -> str | None:
    """Give the address of somebody whose ID is `#mailto:…`, else None (R4)."""
    if person.id and person.id.startswith(MAILTO):
        return person.id.removeprefix(MAILTO)
    return None
