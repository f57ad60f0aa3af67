"""The way out: the mail server, those that stand in for it, and how to log in there (R28)."""

import ipaddress
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from notifier.core.section import Line, Port, Section, check_address

Security = Literal["ssl", "starttls", "none"]

# RFC 8314 §7.3 (implicit TLS), RFC 6409 (submission), RFC 5321 (plain) — R28.
DEFAULT_PORTS: Final[dict[str, int]] = {"ssl": 465, "starttls": 587, "none": 25}

# What each way to log in cannot do without; `merged` sees to the secret, which the deployment may
# keep out of the settings.
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "none": (),
    "password": ("username",),
    "oauth2": ("username", "token_url", "client_id"),
}

MOST_BACKUPS: Final = 4


class MailServer(Section, frozen=True):
    """One server that takes our mail."""

    host: Line = ""
    security: Security = "starttls"
    port: Port | None = None
    authentication: Literal["none", "password", "oauth2"] = "none"
    username: Line = ""
    password: Line = ""
    # Client credentials (RFC 6749 §4.4): where a token comes from, and what is shown for it.
    token_url: Line = ""
    client_id: Line = ""
    client_secret: Line = ""
    scope: Line = ""
    ca_file: Line = ""
    connections: Annotated[int, Meta(ge=1, le=500)] = 10  # per worker process

    def __post_init__(self) -> None:
        missing = [name for name in _NEEDED[self.authentication] if not getattr(self, name)]
        if missing:
            names = " and ".join(f"`{name}`" for name in missing)
            verb, all_of_it = ("are", "all") if missing[1:] else ("is", "both")
            raise ValueError(
                f"`authentication` is {self.authentication!r} and {names} {verb} empty; "
                f"give {all_of_it}"
            )
        if self.token_url:
            _check_token_url(self.token_url)

    def __repr__(self) -> str:
        # Settings end up in tracebacks and in what tests print, and some fields are secrets.
        return f"{type(self).__name__}(host={self.host!r}, port={self.effective_port})"

    @property
    def effective_port(self) -> int:
        """The port, or the usual one for the security (R28)."""
        return self.port or DEFAULT_PORTS[self.security]


class Smtp(MailServer, frozen=True):
    """The mail server, and what is the same whichever server takes a mail."""

    sender_address: Line = ""
    sender_name: Line = ""
    rate: Annotated[int, Meta(ge=0)] = 0  # mails per second over all workers; 0: no limit
    # Taken in this order while the ones before are down.
    backup: Annotated[tuple[MailServer, ...], Meta(max_length=MOST_BACKUPS)] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_address("sender_address", self.sender_address)
        for place, server in enumerate(self.backup):
            if not server.host:
                raise ValueError(f"`backup[{place}]`: `host` is empty; give the server's name")

    @property
    def domain(self) -> str:
        """The domain of the mailbox that sends; empty while there is none."""
        return self.sender_address.rpartition("@")[2]

    @property
    def roads(self) -> "tuple[Smtp, ...]":
        """The servers in the order in which they are taken, each complete in itself."""
        shared = {name: getattr(self, name) for name in ("sender_address", "sender_name", "rate")}
        first = msgspec.structs.replace(self, backup=())
        return (first, *(Smtp(**msgspec.structs.asdict(each), **shared) for each in self.backup))

    @property
    def road_names(self) -> tuple[str, ...]:
        """Where each of the roads stands in the settings."""
        return ("smtp", *(f"smtp.backup[{place}]" for place in range(len(self.backup))))


def _check_token_url(text: str) -> None:
    """Refuse what would send the client's secret in the clear; never quote a login in a URL."""
    wrong = "allowed is https://HOST/PATH, or http:// on this machine (localhost) only"
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 -- reading it is what checks it
    except ValueError:
        raise ValueError(f"`token_url` is no URL; {wrong}") from None
    if "@" in url.netloc:
        raise ValueError(f"`token_url` holds a login; use client_id and client_secret; {wrong}")
    secure = url.scheme == "https" and url.hostname
    if not (secure or _stays_here(url)) or not text.isprintable() or " " in text:
        raise ValueError(f"`token_url` is {text!r}; {wrong}")


def _stays_here(url: SplitResult) -> bool:
    """Tell whether this is plain HTTP that never leaves the machine."""
    if url.scheme != "http":
        return False
    try:
        return ipaddress.ip_address(url.hostname or "").is_loopback
    except ValueError:
        return url.hostname == "localhost"
