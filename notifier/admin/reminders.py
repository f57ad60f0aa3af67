"""What the doctor says of reminders: when they are due, and whether the index knows it; repairs."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Final

from notifier.adapters.audit_record import Record, audit_record
from notifier.adapters.clocks import WatchedClocks
from notifier.adapters.connection import AsyncClient
from notifier.adapters.settings_store import UnreadableSecret
from notifier.admin.look import Look
from notifier.auditing import Auditor, Finding
from notifier.core.settings import SettingsRefused

# Ticks come every second: what is due for longer waits for somebody who reminds, and after the
# second number the nearest reminders of all come too late.
LATE: Final = timedelta(minutes=1)
TOO_LATE: Final = timedelta(minutes=5)
# Conferences that a look compares with the index: some seconds' reading.
COMPARED: Final = 20_000
# Conferences that are named; there are hardly any.
MOST_NAMED: Final = 5

REPAIR: Final = "notifier doctor --repair"


class Reminders:
    """Looks at the due index of one deployment, and repairs it when asked."""

    def __init__(self, client: AsyncClient, auditor: Auditor) -> None:
        self._client = client
        self._auditor = auditor

    async def look(self) -> AsyncIterator[Look]:
        """Look at what is due, and compare some conferences with the index; nothing is changed."""
        moment = await WatchedClocks(self._client).moment()
        if moment is None:
            yield _no_clock()
            return
        record = await audit_record(self._client, now=moment.own)
        yield _due(record, now=moment.own)
        if record.hurried is not None:
            yield _hurried(record)
            return
        try:
            seen, findings = await self._compared(moment.own)
        except (SettingsRefused, UnreadableSecret):
            return  # told already
        yield _audit(record, seen, findings)

    async def repair(self, progress: Callable[[int, int], None]) -> Look:
        """Compare all conferences with the index, and mend it.

        `progress` is told how many were seen, and of how many. Raises what the settings raise.
        """
        clocks = WatchedClocks(self._client)
        moment = await clocks.moment()
        if moment is None:
            return _no_clock()
        total = (await audit_record(self._client, now=moment.own)).conferences
        seen, findings = 0, list[Finding]()
        async for page in self._auditor.whole(clock=clocks.now, repair=True):
            seen += page.seen
            findings += page.findings
            progress(seen, total)
        return Look(
            name="repair",
            status="ok",
            found=f"{len(findings)} of {seen} conferences were mended{_named(findings)}",
        )

    async def _compared(self, now: datetime) -> tuple[int, Sequence[Finding]]:
        seen, findings = 0, list[Finding]()
        async with aclosing(self._auditor.whole(clock=lambda: now, repair=False)) as pages:
            async for page in pages:
                seen += page.seen
                findings += page.findings
                if seen >= COMPARED:
                    break
        return seen, findings


def _no_clock() -> Look:
    return Look(
        name="reminders",
        status="fail",
        found="the clocks of this machine and of Redis disagree, so nobody knows what is due",
        advice="let both follow a time server",
    )


def _due(record: Record, *, now: datetime) -> Look:
    if record.first is None:
        return Look(name="reminders", status="ok", found="no conference has any to send")
    late = now.timestamp() - record.first
    if late < LATE.total_seconds():
        first = datetime.fromtimestamp(record.first, UTC)
        return Look(
            name="reminders",
            status="ok",
            found=f"{record.indexed} conferences have some to send, "
            f"the first at {first:%Y-%m-%d %H:%M} UTC",
        )
    return Look(
        name="reminders",
        status="fail" if late > TOO_LATE.total_seconds() else "warn",
        found=f"of {record.overdue} conferences they are due and not planned, "
        f"of the first for {late:.0f} s",
        advice="see that beat and workers run, or a listener, and read their logs for clocks "
        "that are not trusted",
    )


def _hurried(record: Record) -> Look:
    return Look(
        name="due index",
        status="ok",
        found="follows new settings or time zones: "
        f"{record.hurried} of {record.conferences} conferences were looked at so far",
    )


def _audit(record: Record, seen: int, findings: Sequence[Finding]) -> Look:
    if findings:
        return Look(
            name="due index",
            status="fail",
            found=f"{len(findings)} of {seen} conferences that were compared are not indexed as "
            f"they ought to be{_named(findings)}",
            advice=f"put them right: {REPAIR}",
        )
    last = record.last
    if last is None:
        told = "no whole audit has ended yet"
    else:
        told = f"the last whole audit, {last.ended:%Y-%m-%d %H:%M} UTC, mended {last.mended}"
        told += f" of {last.seen}"
    wrong = last is not None and last.mended > 0 and not last.asked
    return Look(
        name="due index",
        status="warn" if wrong else "ok",
        found=f"{seen} conferences were compared and are as they ought to be; {told}",
        advice="that should never happen: the log says of which, as `index mended`"
        if wrong
        else "",
    )


def _named(findings: Sequence[Finding]) -> str:
    """Name some conferences, with what the index held and what it ought to."""
    if not findings:
        return ""
    some = [f"{each.conference} ({each.was}, not {each.ought})" for each in findings[:MOST_NAMED]]
    more = len(findings) - len(some)
    return f": {', '.join(some)}" + (f" and {more} more" if more else "")
