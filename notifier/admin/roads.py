"""The roads to the mail servers: how each stands for all workers, and whether it can be gone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from notifier.adapters.connection import AsyncClient
from notifier.adapters.road_states import RedisRoads
from notifier.adapters.smtp_check import CheckReport, check
from notifier.admin.look import Look
from notifier.core.breaker import Breaker, Stand
from notifier.core.mail_servers import Smtp


class RoadReport(CheckReport, frozen=True, kw_only=True):
    """How far we came towards one server, and where it stands in the settings."""

    name: str
    server: str


class SmtpReport(RoadReport, frozen=True, kw_only=True):
    """The report on the first server, and those on its backups."""

    backup: tuple[RoadReport, ...]

    @property
    def roads(self) -> tuple[RoadReport, ...]:
        """Every report, in the order in which the servers are taken."""
        return (self, *self.backup)


class RoadHealth(msgspec.Struct, frozen=True, kw_only=True):
    """How mail gets through to one server: `since` when and why it does not."""

    name: str
    server: str
    stand: Stand
    since: datetime | None
    until: datetime | None
    cause: str
    policy: bool


async def reports(smtp: Smtp) -> SmtpReport:
    """Go the whole way to every server at one time; no mail is sent (R29)."""
    first, *others = await asyncio.gather(*(check(road) for road in smtp.roads))
    names = smtp.road_names
    backup = [
        RoadReport(name=name, server=_server(road), **_fields(report))
        for name, road, report in zip(names[1:], smtp.roads[1:], others, strict=True)
    ]
    return SmtpReport(name=names[0], server=_server(smtp), backup=tuple(backup), **_fields(first))


async def health(client: AsyncClient, smtp: Smtp) -> list[RoadHealth]:
    """Tell how each road stands at this moment, for all workers."""
    breakers = await RedisRoads(client).breakers()
    named = enumerate(zip(smtp.road_names, smtp.roads, strict=True))
    return [_health(name, road, breakers.get(at, Breaker())) for at, (name, road) in named]


async def look(client: AsyncClient, smtp: Smtp) -> AsyncIterator[Look]:
    """Look at each road: whether it can be gone, and whether mail goes there."""
    for report in (await reports(smtp)).roads:
        yield _reached(report)
        for warning in report.warnings:
            yield Look(name=report.name, status="warn", found=warning, advice="set another sender")
    for road in await health(client, smtp):
        if road.stand is not Stand.CLOSED:
            yield _troubled(road)


def _fields(report: CheckReport) -> dict[str, Any]:
    return {name: getattr(report, name) for name in CheckReport.__struct_fields__}


def _server(smtp: Smtp) -> str:
    return f"{smtp.host}:{smtp.effective_port}"


def _health(name: str, road: Smtp, breaker: Breaker) -> RoadHealth:
    return RoadHealth(
        name=name,
        server=_server(road),
        stand=breaker.stand,
        since=_moment(breaker.since),
        until=_moment(breaker.until),
        cause=breaker.cause,
        policy=breaker.policy,
    )


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _reached(report: RoadReport) -> Look:
    return Look(
        name=report.name,
        status="ok" if report.ok else "fail",
        found=f"{report.server}: {report.message}",
        advice="" if report.ok else "see every step: notifier check smtp",
    )


# What is said of a road that does not simply work.
_SAID: Final = {
    Stand.OPEN: "no mail goes there, and the next try is at {until:%H:%M:%S} UTC",
    Stand.PROBING: "one mail is trying whether it works again",
    Stand.RISING: "it works again, and mails return in rounds that double",
}


def _troubled(road: RoadHealth) -> Look:
    status: Literal["warn", "fail"] = "fail" if road.policy else "warn"
    said = _SAID[road.stand].format(until=road.until)
    cause = f" ({road.cause})" if road.cause else ""
    advice = (
        "find out why our mails are refused before more of them leave"
        if road.policy
        else "it is tried again by itself; settings that are applied are tried at once"
    )
    found = f"{road.server}: in trouble since {road.since:%Y-%m-%d %H:%M:%S} UTC{cause}; {said}"
    return Look(name=road.name, status=status, found=found, advice=advice)
