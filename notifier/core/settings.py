"""Settings: what an administrator decides at run time (contract §2)."""

import re
import reprlib
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from notifier.core.federation.federation import Federation, check_lists
from notifier.core.mail_servers import Smtp
from notifier.core.network.network import Network, check_network
from notifier.core.secrets import SECRETS, hidden, unhidden
from notifier.core.section import Line, Section, check_address
from notifier.core.times.offsets import MAX_OFFSETS, offset_minutes
from notifier.core.times.zones import known_zone
from notifier.core.toml_words import in_toml


class Server(Section, frozen=True):
    """Who we are."""

    name: Line = "Video conferences"
    domain: Line = ""
    language: Line = "en"
    time_zone: Line = "UTC"

    def __post_init__(self) -> None:
        if not known_zone(self.time_zone):
            raise ValueError(
                f"`time_zone` is {self.time_zone!r}; allowed is a zone of the tz database, "
                "such as 'Europe/Paris'"
            )


class Administrator(Section, frozen=True):
    """Whom to ask, and who hears of restarts (R25, R26)."""

    name: Line = ""
    email: Line = ""
    phone: Line = ""
    notify_on_restart: bool = True

    def __post_init__(self) -> None:
        check_address("email", self.email)


class Notifications(Section, frozen=True):
    """One switch a kind (R27)."""

    missed_calls: bool = True
    invitations: bool = True
    registrations: bool = True
    reminders: bool = True
    reschedules: bool = True
    cancellations: bool = True
    removals: bool = True
    # How long a move or a removal waits for a second thought, which then takes its place.
    settle_seconds: Annotated[int, Meta(ge=0, le=3600)] = 3
    reply_to_owner: bool = False
    attach_ics: bool = True
    # Whom calendar entries name as ORGANIZER. As the owner's they are refused by some calendars.
    organizer: Literal["sender", "owner"] = "sender"
    # The join link in the entry of somebody who signed up; calendars are often shared.
    entry_link: Literal["personal", "generic"] = "personal"
    # How long before the start a calendar rings, 0: not at all; at most four weeks.
    alarm_minutes: Annotated[int, Meta(ge=0, le=40_320)] = 15
    # STATUS:CANCELLED in the entry of a removal, which RFC 5546 §3.2.5 forbids and some calendars
    # need.
    cancelled_in_removals: bool = False


class Reminders(Section, frozen=True):
    """When to remind where a conference says nothing itself (R12)."""

    offsets: Annotated[tuple[str, ...], Meta(max_length=MAX_OFFSETS)] = ()

    def __post_init__(self) -> None:
        for place, offset in enumerate(self.offsets):
            try:
                offset_minutes(offset)
            except ValueError as fault:
                raise ValueError(f"`offsets[{place}]`: {fault}") from None


class Ledger(Section, frozen=True):
    """What is kept of deliveries, and what becomes of those without an answer."""

    # How long a finished delivery can be looked up; afterwards it stands in the export alone.
    retention_days: Annotated[int, Meta(ge=1, le=3650)] = 14
    # A mail that may have arrived: sent once more under the same Message-ID, or left to a person.
    on_unknown: Literal["resend", "hold"] = "resend"


class Settings(Section, frozen=True):
    """Everything an administrator decides, complete and valid."""

    server: Server = Server()
    smtp: Smtp = Smtp()
    administrator: Administrator = Administrator()
    notifications: Notifications = Notifications()
    reminders: Reminders = Reminders()
    network: Network = Network()
    federation: Federation = Federation()
    ledger: Ledger = Ledger()


# msgspec's words, and the path that it puts behind them.
_FAULT: Final = re.compile(r"(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
# What says too little, and what to write instead.
_SAID: Final = {
    "Invalid RFC3339 encoded date": "it is no date; write one as '2026-11-26'",
}
# A fault that opens with a field's name is about that field.
_ABOUT_FIELD: Final = re.compile(r"(?:Object contains unknown field )?`([\w\[\]]+)`")


# Settings that the first version did not have. One that is stored is refused by the parts of a
# version that does not know it: during an upgrade part by part, and after going back. So each is
# stored only by those who have decided something by it.
_LATER: Final[Mapping[str, frozenset[str]]] = {
    "network": frozenset({"client_port", "installer_keys"}),
    "federation": frozenset({"service", "ca_file"}),
}

# What is asked of a table only when it is changed: settings that are stored may be older than the
# rule, and must be read all the same. Given the table before and after; raises ValueError, whose
# words begin with the path within.
_NEWER_CHECKS: Final[Mapping[str, Callable[[Any, Any], None]]] = {
    "network": check_network,
    "federation": check_lists,
}


class SettingsRefused(ValueError):
    """A settings file holds a wrong value; nothing of it was applied."""


def merged(
    before: Settings, change: dict[str, Any], *, kept_elsewhere: Collection[str] = ()
) -> Settings:
    """Give `before` with the tables of `change` laid over it, whole or partial, all or nothing.

    A secret that is hidden in `change`, as `shown` gives it, stays as it is; those of the first
    server may be kept elsewhere. Raises SettingsRefused with the path, the value found and what is
    allowed.
    """
    stored = msgspec.to_builtins(before)
    laid = _laid_over(stored, unhidden(change, stored))
    try:
        settings = msgspec.convert(laid, Settings)
    except msgspec.ValidationError as fault:
        raise SettingsRefused(_in_words(fault, laid)) from None
    _check_client_secrets(settings, kept_elsewhere)
    _check_changed(before, settings)
    return settings


def _check_changed(before: Settings, after: Settings) -> None:
    """Ask the newer checks of the tables that have changed."""
    for table, check in _NEWER_CHECKS.items():
        if getattr(after, table) != getattr(before, table):
            try:
                check(getattr(before, table), getattr(after, table))
            except ValueError as fault:
                raise SettingsRefused(f"{table}.{fault}") from None


def _check_client_secrets(settings: Settings, kept_elsewhere: Collection[str]) -> None:
    paths = ("smtp", *(f"smtp.backup[{at}]" for at in range(len(settings.smtp.backup))))
    for path, road in zip(paths, settings.smtp.roads, strict=True):
        known = road.client_secret or (path == "smtp" and "client_secret" in kept_elsewhere)
        if road.authentication == "oauth2" and not known:
            raise SettingsRefused(f"{path}.client_secret: it is empty, and oauth2 needs it")


def _laid_over(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Lay tables over tables; lists and values replace what was there."""
    result = dict(base)
    for name, value in change.items():
        below = result.get(name)
        both_tables = isinstance(value, dict) and isinstance(below, dict)
        result[name] = _laid_over(result[name], value) if both_tables else value
    return result


def _in_words(fault: msgspec.ValidationError, laid: dict[str, Any]) -> str:
    """Say the path, what was found there and what is allowed."""
    words = _FAULT.fullmatch(str(fault))
    assert words is not None  # it fits every text
    message, path = words["message"], words["path"] or ""
    field = _ABOUT_FIELD.match(message)
    names = ".".join(filter(None, (path.lstrip("."), field[1] if field else "")))
    said = message.removeprefix(f"`{field[1]}`: ") if field else _said(message, names)
    return f"{names or '(top level)'}: {said}{_choices(names)}{_found(laid, names)}"


def _said(message: str, names: str) -> str:
    """Say msgspec's words as somebody takes them who has written TOML."""
    return _SAID.get(message) or in_toml(message, _type_at(names), names)


def _found(laid: dict[str, Any], names: str) -> str:
    """Quote what was found; never a secret, nor what may be one under a misspelt name."""
    found = _value_at(laid, names)
    secret = names.rpartition(".")[2] in SECRETS or _holds_tables(found)
    may_be_shown = not secret and _type_at(names) is not None
    return f" (found: {reprlib.repr(found)})" if may_be_shown else ""


def _holds_tables(found: Any) -> bool:
    """Tell whether this is a table, or a list with one in it, in which secrets may stand."""
    inside = found if isinstance(found, list | tuple) else (found,)
    return any(isinstance(each, dict | None) for each in inside)


def _choices(names: str) -> str:
    """Name what is allowed where a value is one of a few words."""
    kind = _type_at(names)
    if kind is None:
        return _named_like(names)
    allowed = get_args(kind) if get_origin(kind) is Literal else ()
    return f"; allowed are {', '.join(allowed)}" if allowed else ""


def _named_like(names: str) -> str:
    """Name what there is beside a setting that there is not: the one that was meant, or all."""
    table, _, name = names.rpartition(".")
    kind = _type_at(table) if table else Settings
    known = [each.name for each in msgspec.structs.fields(kind)] if isinstance(kind, type) else []
    meant = get_close_matches(name, known, 1)
    if meant:
        return f"; did you mean `{meant[0]}`?"
    return f"; there are {', '.join(known)}" if known else ""


def _type_at(names: str) -> Any:
    """Give the type of the setting with this path, or None where there is none."""
    kind: Any = Settings
    for name in names.partition(" ")[0].replace("[", ".[").split("."):
        if name.startswith("["):
            kind = _bare(next(iter(get_args(kind)), None))
        else:
            fields = msgspec.structs.fields(kind) if isinstance(kind, type) else ()
            kind = _bare(next((each.type for each in fields if each.name == name), None))
    return kind


def _bare(kind: Any) -> Any:
    """Give the type without its limits; of a text or a table, the table."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        tables = (each for each in get_args(kind) if isinstance(each, type))
        return next((each for each in tables if issubclass(each, Section)), kind)
    return kind


def _value_at(laid: Any, names: str) -> Any:
    for name in names.replace("[", ".").replace("]", "").split("."):
        if isinstance(laid, dict):
            laid = laid.get(name)
        elif isinstance(laid, list | tuple) and name.isdigit() and int(name) < len(laid):
            laid = laid[int(name)]
        else:
            return None
    return laid


def shown(settings: Settings) -> dict[str, Any]:
    """Give the settings as plain tables with every secret hidden."""
    return hidden(msgspec.to_builtins(settings))


def stored_tables(settings: Settings) -> dict[str, Any]:
    """Give the settings as the plain tables that are stored, which earlier versions read.

    A setting that came later is left out where it is as it was before anybody could set it.
    """
    tables: dict[str, Any] = msgspec.to_builtins(settings)
    unset: dict[str, Any] = msgspec.to_builtins(Settings())
    for table, later in _LATER.items():
        for name in later:
            if tables[table][name] == unset[table][name]:
                del tables[table][name]
    return tables
