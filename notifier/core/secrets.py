"""Secrets among the settings: which values they are, hiding them, and keeping hidden ones."""

from collections.abc import Callable
from typing import Any, Final

# Names of values that are stored encrypted and never shown.
SECRETS: Final = frozenset({"password", "client_secret", "installer_keys"})

# Secrets that the notifier makes itself: nobody means to empty them. A file that was shown before
# they were made says that they are empty, and may be applied at every start.
_MADE_HERE: Final = frozenset({"installer_keys"})

# What `settings show` prints in the place of a secret.
HIDDEN: Final = "********"


def hidden(tables: dict[str, Any]) -> dict[str, Any]:
    """Give the tables with every secret hidden; an empty one hides nothing."""
    return each_secret(tables, lambda _secret: HIDDEN)


def each_secret(tables: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Give the tables with `change` made of every secret, however deep it lies."""

    def changed(name: str, value: Any) -> Any:
        is_secret = name in SECRETS and isinstance(value, str) and value
        return change(value) if is_secret else _within(value, lambda it: each_secret(it, change))

    return {name: changed(name, value) for name, value in tables.items()}


def without_secrets(tables: dict[str, Any]) -> dict[str, Any]:
    """Give the tables without the lines of secrets."""
    left = {name: value for name, value in tables.items() if name not in SECRETS}
    return {name: _within(value, without_secrets) for name, value in left.items()}


def unhidden(change: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """Give `change` with the stored secret wherever its place says only that there is one."""
    return {
        name: _unhidden(name, value, stored.get(name))
        for name, value in change.items()
        if not (_is_hidden(name, value) and not stored.get(name))
    }


def _unhidden(name: str, value: Any, stored: Any) -> Any:
    if _is_hidden(name, value):
        return stored
    if isinstance(value, dict):
        return unhidden(value, stored if isinstance(stored, dict) else {})
    if isinstance(value, list | tuple) and isinstance(stored, list | tuple):
        return _in_list(value, stored)
    return value


def _is_hidden(name: str, value: Any) -> bool:
    return name in SECRETS and (value == HIDDEN or (name in _MADE_HERE and value == ""))


def _in_list(entries: list[Any] | tuple[Any, ...], stored: list[Any] | tuple[Any, ...]) -> Any:
    """Give the entries with the secrets of their counterparts among the stored ones.

    A list is replaced whole, so an entry whose secret is left out takes it from the entry of the
    same host. One that says it is hidden takes it from the same place if its host is new there: it
    was renamed. Never from an entry that stands elsewhere in the list: its secret is for its host.
    """
    left = dict(enumerate(stored))
    same_host = [_counterpart(at, entry, left) for at, entry in enumerate(entries)]
    return [
        _with_kept(entry, found, left.get(at, {})) if isinstance(entry, dict) else entry
        for at, (entry, found) in enumerate(zip(entries, same_host, strict=True))
    ]


def _with_kept(entry: dict[str, Any], same_host: dict[str, Any] | None, same_place: Any) -> Any:
    if same_host is None:
        return unhidden(entry, same_place if isinstance(same_place, dict) else {})
    known = {name: same_host[name] for name in SECRETS & same_host.keys()}
    return known | unhidden(entry, same_host)


def _counterpart(at: int, entry: Any, left: dict[int, Any]) -> Any:
    """Take the stored entry of the same host, the one at the same place first."""
    host = _host(entry)
    if host is None:  # Thousands of masks have none; each would look through all the others.
        return None
    for place in sorted(left, key=lambda place: place != at):
        if _host(left[place]) == host:
            return left.pop(place)
    return None


def _host(entry: Any) -> Any:
    return entry.get("host") if isinstance(entry, dict) else None


def _within(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return change(value)
    if isinstance(value, list | tuple):
        return [_within(each, change) for each in value]
    return value
