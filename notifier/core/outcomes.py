"""Outcomes: how an attempt to hand one letter over can end."""

import msgspec


class Accepted(msgspec.Struct, frozen=True, tag=True):
    """The server took responsibility: any 2yz after the final dot (RFC 5321 §4.2.1)."""

    reply: str


class Deferred(msgspec.Struct, frozen=True, tag=True):
    """The server said "later" to this one mail: 4yz."""

    reply: str
    retry_after_seconds: int | None = None


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The server said "never" to this one mail: 5yz; `bad_address` when nobody lives there."""

    reply: str
    bad_address: bool = False
    policy: bool = False  # taken for spam


class Unanswered(msgspec.Struct, frozen=True, tag=True):
    """The body may have been on the wire and no definite reply came."""

    detail: str


class Unreachable(msgspec.Struct, frozen=True, tag=True):
    """The road to the server is closed: not this mail's fault, no attempt is counted."""

    detail: str


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """The fence said no: nothing has left."""

    reason: str


Outcome = Accepted | Deferred | Refused | Unanswered | Unreachable | Stopped
