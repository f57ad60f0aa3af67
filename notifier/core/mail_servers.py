"""The way out: the mail server, those that stand in for it, and how to log in there (R28)."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from notifier.core.section import Line, Port, Section, check_address

Security = Literal["ssl", "starttls", "none"]

# RFC 8314 §7.3 (implicit TLS), RFC 6409 (submission), RFC 5321 (plain) — R28.
DEFAULT_PORTS: Final[dict[str, int]] = {"ssl": 465, "starttls": 587, "none": 25}


class MailServer(Section, frozen=True):
    """One server that takes our mail."""

    host: Line = ""
    security: Security = "starttls"
    port: Port | None = None
    authentication: Literal["none", "password"] = "none"
    username: Line = ""
    password: Line = ""
    ca_file: Line = ""
    connections: Annotated[int, Meta(ge=1, le=500)] = 10  # per worker process

    def __post_init__(self) -> None:
        if self.authentication == "password" and not self.username:
            raise ValueError("`authentication` is 'password' and `username` is empty; give both")

    @property
    def effective_port(self) -> int:
        """The port, or the usual one for the security (R28)."""
        return self.port or DEFAULT_PORTS[self.security]


class Smtp(MailServer, frozen=True):
    """The mail server, and what is the same whichever server takes a mail."""

    sender_address: Line = ""
    sender_name: Line = ""
    rate: Annotated[int, Meta(ge=0)] = 0  # mails per second over all workers; 0: no limit

    def __post_init__(self) -> None:
        super().__post_init__()
        check_address("sender_address", self.sender_address)
