"""Claims about the demonstration: it shows everything, proves it, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import psutil
import pytest

from notifier.core.delivery import Delivery, Recipient, State
from notifier.core.events import Rejected, parse
from notifier.core.notice import Kind
from notifier.core.people import person_key
from notifier.demo import main
from notifier.demo.opened import CalendarPart, Opened
from notifier.demo.outcome import faults
from notifier.demo.records import Records
from notifier.demo.script import Act, Telling, play
from tests.cast import NOW

# The play takes about 20 seconds on two idle cores.
MOST_SECONDS = 120

ACTS = play(NOW)
LINK = next(telling.link for act in ACTS for telling in act.tellings if telling.link)
TELLINGS = [telling for act in ACTS for telling in act.tellings]


class Demo:
    """`notifier demo` in a process of its own, with an empty folder for temporary files."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._mark = uuid4().hex
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "notifier", "demo", *arguments],
            env={**os.environ, "TMPDIR": str(folder), "DEMO_TEST": self._mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self) -> list[str]:
        """Give what runs of it, its parts included."""
        return [" ".join(each.cmdline()) for each in psutil.process_iter() if self._marked(each)]

    def _marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("DEMO_TEST") == self._mark
        except psutil.Error:
            return False


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a Unix socket is to fit under it."""
    with tempfile.TemporaryDirectory(prefix="t-") as name:
        yield Path(name)


# The whole


@pytest.mark.slow
def test_the_demonstration_keeps_its_promises_and_leaves_nothing_behind(folder: Path) -> None:
    began = time.monotonic()
    demo = Demo(folder, "--once", "--port", "0")

    shown, _ = demo.process.communicate(timeout=MOST_SECONDS)

    assert demo.process.returncode == 0, shown
    assert "✓ 20 mails arrived, each exactly once" in shown
    assert all(act.title in shown for act in ACTS)
    assert "WARNING" not in shown
    assert list(folder.iterdir()) == []
    assert demo.processes() == []
    assert time.monotonic() - began < MOST_SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_whoever_leaves_early_leaves_nothing_behind(folder: Path, told: signal.Signals) -> None:
    demo = Demo(folder, "--port", "0")
    assert demo.process.stdout is not None
    for line in demo.process.stdout:
        if ACTS[0].title in line:
            break

    demo.process.send_signal(told)
    demo.process.communicate(timeout=60)

    # In the middle of the play, nothing has been proved.
    assert demo.process.returncode == 1
    assert list(folder.iterdir()) == []
    assert demo.processes() == []


def test_what_an_earlier_play_left_is_not_played_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "redis").mkdir()

    assert main(once=True, data=tmp_path) == 1
    assert "is not empty" in capsys.readouterr().err


# The script


def test_every_kind_of_notice_is_played() -> None:
    assert {telling.kind for telling in TELLINGS} == set(Kind)


def test_the_mistake_is_one() -> None:
    [raw] = [act.raw for act in ACTS if act.raw is not None]

    with pytest.raises(Rejected, match="Europe/Pariss"):
        parse(raw)


def test_the_series_is_played_before_its_first_start_on_every_day_of_the_year() -> None:
    for day in range(366):
        now = NOW + timedelta(days=day, hours=day % 24)
        [event] = play(now)[1].events

        conference = event.conference
        assert conference is not None
        assert conference.schedule is not None
        first = conference.schedule.start
        assert first.weekday() == 3
        assert timedelta(days=1) < first - now.replace(tzinfo=None) < timedelta(days=10)


# What is noticed


def arrived(number: int, telling: Telling, act: Act) -> Opened:
    """The mail as it should be."""
    moment = (act.due or NOW) + timedelta(seconds=1)
    calendar = CalendarPart(method=telling.method, lines=(), source="")
    return Opened(
        number=number,
        arrived=moment.timestamp(),
        subject="Subject",
        sender="Anna Keller",
        to=telling.person.name or "",
        address=telling.address,
        kind=telling.kind,
        conference=telling.conference,
        delivery=f"d{number}",
        language=telling.language,
        text=f"Text {telling.link}",
        html="<p>HTML</p>",
        calendar=calendar if telling.method else None,
        source="",
        secured=True,
        login="conf",
    )


def row(name: str, kind: str, key: str, state: State, reason: str = "") -> Delivery:
    return Delivery(
        id=name,
        notice="n",
        kind=kind,
        recipient=Recipient(key=key, name=""),
        state=state,
        created=NOW,
        updated=NOW,
        reason=reason,
    )


PAIRS = [(telling, act) for act in ACTS for telling in act.tellings]
MAILS = [arrived(number, *pair) for number, pair in enumerate(PAIRS, start=1)]
SENT = [row(mail.delivery, mail.kind, mail.address, State.SENT) for mail in MAILS]
SKIPS = [
    row(f"s{number}", skip.kind, person_key(skip.person), State.SKIPPED, skip.reason)
    for number, skip in enumerate(skip for act in ACTS for skip in act.skips)
]
RECORDS = Records(
    deliveries=(*SENT, *SKIPS), reasons=("wrong",), unacknowledged=0, unread=0, queued=0
)

Change = Callable[[list[Opened]], list[Opened]]


def changed(kind: Kind, **changes: object) -> Change:
    """Change the first mail of that kind."""

    def change(mails: list[Opened]) -> list[Opened]:
        at = next(at for at, mail in enumerate(mails) if mail.kind == kind)
        return [*mails[:at], msgspec.structs.replace(mails[at], **changes), *mails[at + 1 :]]

    return change


def test_all_as_promised_has_no_fault() -> None:
    assert faults(ACTS, MAILS, RECORDS) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda mails: mails[1:], "to Claire Fontaine was to arrive once and arrived 0 times"),
        (lambda mails: [*mails, mails[0]], "was to arrive once and arrived 2 times"),
        (changed(Kind.REMOVAL, address="x@example.com"), "Nobody expected mail"),
        (changed(Kind.REMOVAL, language="en"), "was to be in 'fr' and is in 'en'"),
        (changed(Kind.REMOVAL, calendar=None), "was to carry calendar 'CANCEL' and carries ''"),
        (changed(Kind.REMOVAL, html=""), "lacks its subject, its text or its HTML"),
        (changed(Kind.REMOVAL, secured=False), "came without TLS or without a login"),
        (changed(Kind.REMOVAL, delivery="x"), "its delivery is not there"),
        (changed(Kind.REGISTRATION, text="Text"), "personal link is missing from"),
        (changed(Kind.REMOVAL, text=LINK), "personal link stands in"),
        (changed(Kind.REMINDER, arrived=NOW.timestamp()), "came before its time"),
        (changed(Kind.REMINDER, arrived=NOW.timestamp() + 80), "came after the start"),
    ],
)
def test_a_mail_that_is_not_as_promised_is_named(change: Change, said: str) -> None:
    found = faults(ACTS, change(MAILS), RECORDS)

    assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (
            msgspec.structs.replace(RECORDS, deliveries=(*SENT, *SKIPS[1:])),
            "not on record that Noah Lind was left out (no_mailbox)",
        ),
        (
            msgspec.structs.replace(RECORDS, deliveries=(*SENT[1:], *SKIPS)),
            "The ledger holds 19 sent, 3 skipped; promised are 20 sent, 3 skipped",
        ),
        (msgspec.structs.replace(RECORDS, reasons=()), "0 entries were put aside"),
        (msgspec.structs.replace(RECORDS, unread=1), "The stream has 1 unread"),
        (msgspec.structs.replace(RECORDS, unacknowledged=2), "and 2 unacknowledged"),
        (msgspec.structs.replace(RECORDS, queued=3), "3 deliveries are still queued"),
    ],
)
def test_a_record_that_is_not_as_promised_is_named(records: Records, said: str) -> None:
    found = faults(ACTS, MAILS, records)

    assert any(said in fault for fault in found), found
