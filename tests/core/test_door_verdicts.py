"""Claims about the lines on what answers at a federated server."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifier.core.reach.door_verdicts import SOON, client_steps, https_steps
from notifier.core.reach.probes import Certificate, Door, Handshake, Knock, Tls, Visit

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAME = "vc.example.org"


def knocked(door: Door, address: str = "8.8.8.8") -> Knock:
    return Knock(address=address, port=4307, door=door, seconds=0.1, detail="words")


def certificate(**changes: Any) -> Certificate:
    usual: dict[str, Any] = {
        "names": (NAME,),
        "issuer": "Example CA",
        "begins": NOW - timedelta(days=30),
        "ends": NOW + timedelta(days=60),
    }
    return Certificate(**usual | changes)


def visited(tls: Tls, shown: Certificate | None) -> Visit:
    handshake = Handshake(tls=tls, seconds=0.2, version="TLSv1.3", certificate=shown)
    return Visit(knock=knocked(Door.OPEN), handshake=handshake)


@pytest.mark.parametrize("door", Door)
def test_every_door_but_an_open_one_is_red_and_has_its_advice(door: Door) -> None:
    (step,) = client_steps([knocked(door)])

    assert (step.step, step.subject, step.seconds) == ("client port", "8.8.8.8:4307", 0.1)
    assert step.status == ("ok" if door is Door.OPEN else "fail")
    assert bool(step.advice) is (door is not Door.OPEN)
    assert "{" not in step.advice
    assert ("(words)" in step.found) is (door is not Door.OPEN)


def test_a_silent_door_says_which_port_to_open() -> None:
    (step,) = client_steps([knocked(Door.SILENT)])

    assert step.advice == "open TCP port 4307 in the firewalls of both sides"


def test_an_address_without_a_way_from_here_is_a_warning_where_another_one_answers() -> None:
    v6 = knocked(Door.NO_ROUTE, "2001:db8::1")

    (alone,) = client_steps([v6])
    beside, _ = client_steps([v6, knocked(Door.OPEN)])
    in_vain, _ = client_steps([v6, knocked(Door.REFUSED)])

    assert [alone.status, beside.status, in_vain.status] == ["fail", "warn", "fail"]
    assert "IPv6" in alone.advice
    assert alone.subject == "[2001:db8::1]:4307"


def test_a_closed_door_has_no_handshake() -> None:
    (step,) = https_steps([Visit(knock=knocked(Door.REFUSED))], NAME, now=NOW)

    assert (step.step, step.status) == ("https port", "fail")


@pytest.mark.parametrize("tls", [each for each in Tls if each is not Tls.SECURED])
def test_every_handshake_that_failed_is_red_and_has_its_advice(tls: Tls) -> None:
    door, step = https_steps([visited(tls, certificate())], NAME, now=NOW)

    assert door.status == "ok"
    assert (step.step, step.status) == ("TLS", "fail")
    assert step.advice
    assert "{" not in step.found + step.advice
    assert step.found.endswith(
        ": for vc.example.org, by Example CA, from 2026-10-27 until 2027-01-25"
    )


def test_a_certificate_that_fits_is_shown() -> None:
    names = tuple(f"{letter}.example.org" for letter in "abcdefgh")

    _, step = https_steps([visited(Tls.SECURED, certificate(names=names))], NAME, now=NOW)

    assert step.status == "ok"
    assert step.found.startswith("TLSv1.3: for a.example.org, b.example.org, ")
    assert "e.example.org and 3 more, by Example CA" in step.found


def test_a_certificate_that_nobody_can_read_is_no_reason_to_stop() -> None:
    _, step = https_steps([visited(Tls.SECURED, None)], NAME, now=NOW)

    assert (step.status, step.found) == ("ok", "TLSv1.3")


@pytest.mark.parametrize(
    ("ends", "status"),
    [(NOW + SOON, "ok"), (NOW + SOON - timedelta(seconds=1), "warn")],
)
def test_a_certificate_that_ends_soon_is_a_warning(ends: datetime, status: str) -> None:
    _, step = https_steps([visited(Tls.SECURED, certificate(ends=ends))], NAME, now=NOW)

    assert step.status == status
    assert bool(step.advice) is (status == "warn")
    assert ("ends in 13 days" in step.found) is (status == "warn")
