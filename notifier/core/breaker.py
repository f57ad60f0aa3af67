"""The circuit breaker of a road to a mail server: when to rest, to try, and how fast to return."""

from enum import StrEnum
from typing import Final

import msgspec


class Stand(StrEnum):
    """How a road stands, for all workers of all machines.

    CLOSED is the circuit of a road that works: mails go as fast as they can.
    OPEN has been interrupted: nobody tries before the pause is over.
    PROBING lets one mail try; what comes of it decides.
    RISING has worked again, and lets 2, 4, 8, … mails go in a round, so that a server that has just
    come back is not trampled.

    Deliberately absent: counting in CLOSED. A road that works is asked nothing and told nothing.
    """

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    RISING = "rising"


class Sign(StrEnum):
    """What can be learnt about a road."""

    FAIL = "fail"  # nothing gets through: no connection, TLS, login, 421, MAIL refused
    ALARM = "alarm"  # too many mails are refused as spam or by policy
    DOUBT = "doubt"  # a body was taken and not answered
    WORK = "work"  # the server gave an answer about a mail: later and never are answers too
    OVER = "over"  # the pause, the wait for the probe, or the round is over
    FULL = "full"  # the last round is over


# The machine. A failure while OPEN is the one that opened it, told twice. A doubt says nothing of a
# road in use (one letter may do that), but it is no proof for one that is tried. A probe that is
# never heard of again is followed by another. What is not here changes nothing.
STEPS: Final[dict[tuple[Stand, Sign], Stand]] = {
    (Stand.CLOSED, Sign.FAIL): Stand.OPEN,
    (Stand.CLOSED, Sign.ALARM): Stand.OPEN,
    (Stand.OPEN, Sign.OVER): Stand.PROBING,
    (Stand.PROBING, Sign.FAIL): Stand.OPEN,
    (Stand.PROBING, Sign.ALARM): Stand.OPEN,
    (Stand.PROBING, Sign.DOUBT): Stand.OPEN,
    (Stand.PROBING, Sign.OVER): Stand.PROBING,
    (Stand.PROBING, Sign.WORK): Stand.RISING,
    (Stand.RISING, Sign.FAIL): Stand.OPEN,
    (Stand.RISING, Sign.ALARM): Stand.OPEN,
    (Stand.RISING, Sign.WORK): Stand.RISING,
    (Stand.RISING, Sign.OVER): Stand.RISING,
    (Stand.RISING, Sign.FULL): Stand.CLOSED,
}

# The pause after the first failure doubles with each further one up to the longest (seconds).
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
# Whoever took us for a spammer needs longer to forget it (seconds).
POLICY_PAUSE: Final = 600.0
# A probe that was not heard of by then is lost, its worker killed (seconds).
PROBE_LEASE: Final = 60.0
# A round that passed without a failure was good, however few mails there were (seconds).
ROUND_SECONDS: Final = 10.0
FIRST_ROUND: Final = 2
# No wait is longer, with the 20 % that chance may add (seconds).
LONGEST_WAIT: Final = 1.2 * max(LONGEST_PAUSE, POLICY_PAUSE, PROBE_LEASE, ROUND_SECONDS)
# After a round of so many mails a road is as fast as it can be.
LAST_ROUND: Final = 128


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """One road: where it stands, since when it is in trouble and why, and how many may go now.

    Moments are unix seconds. `trip` names the opening it is about: what was sent before says
    nothing of the road afterwards. `policy` stops the roads behind this one too: they would be
    burnt next.
    """

    stand: Stand = Stand.CLOSED
    since: float = 0.0
    until: float = 0.0
    cause: str = ""
    policy: bool = False
    failures: int = 0
    trip: int = 0
    room: int = 0
    width: int = 0
    worked: int = 0


def step(stand: Stand, sign: Sign) -> Stand | None:
    """Give where a road stands next, or None where this sign changes nothing."""
    return STEPS.get((stand, sign))


def taken(breaker: Breaker) -> Breaker | None:
    """Give the breaker after one mail was let go, or None if none may."""
    if breaker.stand is Stand.CLOSED:
        return breaker
    if breaker.room <= 0:
        return None
    return msgspec.structs.replace(breaker, room=breaker.room - 1)


def heard(breaker: Breaker, sign: Sign, *, now: float, jitter: float, cause: str = "") -> Breaker:
    """Give the breaker after a sign; `jitter` in [-1, 1] moves a pause by up to 20 %."""
    if sign is Sign.OVER and not _over(breaker, now):
        return breaker
    match step(breaker.stand, sign):
        case None:
            return breaker
        case Stand.OPEN:
            return _opened(breaker, sign, now=now, jitter=jitter, cause=cause)
        case Stand.PROBING:
            return msgspec.structs.replace(
                breaker, stand=Stand.PROBING, until=now + PROBE_LEASE, room=1
            )
        case Stand.RISING:
            return _risen(breaker, sign, now=now)
        case Stand.CLOSED:
            return Breaker()


def _over(breaker: Breaker, now: float) -> bool:
    """Tell whether a wait is over; one that ends later than any can began before a clock was set.

    It may have been ahead by a day, and nobody would try for as long.
    """
    return not 0 < breaker.until - now <= LONGEST_WAIT


def pause(failures: int, jitter: float) -> float:
    """Give how long nobody tries after so many failures in a row (seconds)."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 10)) * (1 + 0.2 * jitter)


def _opened(breaker: Breaker, sign: Sign, *, now: float, jitter: float, cause: str) -> Breaker:
    failures = breaker.failures + 1
    wait = POLICY_PAUSE if sign is Sign.ALARM else pause(failures, jitter)
    return Breaker(
        stand=Stand.OPEN,
        since=breaker.since or now,
        until=now + wait,
        cause=cause,
        policy=breaker.policy or sign is Sign.ALARM,
        failures=failures,
        # Milliseconds: no two openings have the same name.
        trip=max(int(now * 1000), breaker.trip + 1),
    )


def _risen(breaker: Breaker, sign: Sign, *, now: float) -> Breaker:
    """Begin the first round, count within one, or begin the next."""
    if breaker.stand is Stand.PROBING:
        return _round(breaker, FIRST_ROUND, now=now)
    worked = breaker.worked + 1
    if sign is Sign.WORK and worked < breaker.width:
        return msgspec.structs.replace(breaker, worked=worked)
    if breaker.width >= LAST_ROUND:
        return heard(breaker, Sign.FULL, now=now, jitter=0)
    # It has carried a round: the next failure is a first one again.
    return msgspec.structs.replace(_round(breaker, 2 * breaker.width, now=now), failures=0)


def _round(breaker: Breaker, width: int, *, now: float) -> Breaker:
    return msgspec.structs.replace(
        breaker,
        stand=Stand.RISING,
        until=now + ROUND_SECONDS,
        room=width,
        width=width,
        worked=0,
    )
