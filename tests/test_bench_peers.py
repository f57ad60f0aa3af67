"""The comparison with the peers: it counts right, and says whom it could not measure.

The peers are not installed here: a loop of our own stands for them.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import msgspec
import pytest

from bench import crosswise, report
from bench.figures import Figure, Goal, Result
from bench.peers import homes
from bench.peers.comparing import compare
from bench.peers.counting import Tally, rate, tally
from bench.peers.course import Course, FellShort, Stage
from bench.peers.known import LOOP, OURS, PEERS, Peer
from bench.peers.staging import PROGRAMS, stage
from bench.running import free_port
from bench.scale import QUICK
from bench.sinks.own import own
from bench.sinks.taken import Mail

MAILS = 40
SMALL = msgspec.structs.replace(QUICK, peer_mails=MAILS, peer_calls=5)
BRIEF = replace(LOOP, wait_seconds=0)

# Sends from a list in its memory, as fast as one connection takes it.
FORGETFUL = """
import json, smtplib, sys
letter = json.load(open("letter.json"))
match sys.argv[1:]:
    case ["send", count, name]:
        with smtplib.SMTP("127.0.0.1", letter["port"]) as server:
            for at in range(int(count)):
                server.sendmail("conf@example.com", [f"{name}-{at}@example.org"], b"Hello")
"""


def mails(*addresses: str) -> list[Mail]:
    """Give mails to these, a tenth of a second apart."""
    return [Mail(at / 10, 100, (address,), "-") for at, address in enumerate(addresses)]


def letter() -> bytes:
    made = EmailMessage()
    made.set_content("Hello")
    made.add_alternative("<p>Hello</p>", subtype="html")
    made.add_alternative("BEGIN:VCALENDAR", subtype="calendar")
    return made.as_bytes()


def unhurried() -> tuple[str, float, str]:
    """Stand in for the wait until nobody else works, which a test run never sees."""
    return "load", 0.0, "%"


@pytest.fixture
def loop() -> Iterator[Course]:
    with stage(BRIEF, letter()) as on:
        yield Course(on)


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Course]:
    program = tmp_path / "forgetful.py"
    program.write_text(FORGETFUL)
    with own(free_port()) as sink:
        (tmp_path / "letter.json").write_text(f'{{"port": {sink.port}}}')
        command = [sys.executable, str(program)]
        yield Course(
            Stage(command=command, folder=tmp_path, variables=os.environ, sink=sink),
            in_memory=True,
        )


@pytest.mark.parametrize(
    ("taken", "counted"),
    [
        (mails("a-0@example.org", "a-1@example.org"), Tally(lost=0, doubled=0)),
        (mails("a-1@example.org"), Tally(lost=1, doubled=0)),
        (mails(*["a-0@example.org"] * 3), Tally(lost=1, doubled=2)),
        (mails("b-0@example.org", "b-0@example.org"), Tally(lost=2, doubled=0)),
        (mails("a-0@example.org", "a-1@example.org", *["aa-1@example.org"] * 2), Tally(0, 0)),
    ],
    ids=["each once", "one never", "one three times", "somebody else's", "a like name"],
)
def test_mails_are_counted_by_whose_they_are(taken: list[Mail], counted: Tally) -> None:
    assert tally(taken, 2, "a") == counted


def test_the_notifier_takes_part_itself() -> None:
    found = compare([OURS], letter(), SMALL, quiet=unhurried)

    assert "not measured" not in "".join(found.conditions)
    assert {each.what for each in found.figures} > {f"{OURS.name}: lost", f"{OURS.name}: mails/s"}
    [lost] = [each.median for each in found.figures if each.what == f"{OURS.name}: lost"]
    assert lost == 0


def test_a_rate_is_from_the_first_mail_to_the_last() -> None:
    assert rate(mails("a-0@x", "a-1@x", "a-2@x")) == pytest.approx(10)


def test_a_loop_that_is_killed_and_begins_again_sends_twice_what_it_had_sent(loop: Course) -> None:
    counted = loop.crash(MAILS, "crash", wait_seconds=0)

    assert counted.lost == 0
    assert MAILS // 2 <= counted.doubled < MAILS


def test_a_loop_loses_and_doubles_nothing_while_nobody_kills_it(loop: Course) -> None:
    sent = loop.drain(MAILS, "turn")

    assert sent > 0
    assert tally(loop.stage.sink.taken(), MAILS, "turn") == Tally(lost=0, doubled=0)
    assert loop.stage.sink.connections() == MAILS
    assert loop.peak > 1


def test_mails_that_are_in_memory_alone_are_lost_with_it(forgetful: Course) -> None:
    counted = forgetful.crash(5000, "crash", wait_seconds=0)

    assert 0 < counted.lost <= 2500
    assert counted.doubled == 0


def test_nothing_of_a_killed_peer_runs_on(forgetful: Course) -> None:
    forgetful.crash(5000, "crash", wait_seconds=0)
    taken = forgetful.stage.sink.mails()

    assert forgetful.stage.sink.counts["open"] == 0
    assert forgetful.stage.sink.mails() == taken < 5000


def test_a_peer_that_fails_says_its_last_words(tmp_path: Path, forgetful: Course) -> None:
    (tmp_path / "forgetful.py").write_text("raise SystemExit('no such luck')")

    with pytest.raises(FellShort, match="no such luck"):
        forgetful.hand(1, "hand")


def test_who_cannot_be_measured_is_named_and_the_others_are_measured() -> None:
    peers = [
        Peer(name="nobody", program="nobody.py", conditions="is not there"),
        Peer(name="homeless", program="loop.py", lock="none.lock", conditions="has no lock"),
        BRIEF,
    ]

    result = compare(peers, letter(), SMALL, quiet=unhurried)

    headings, rows = crosswise.sheet(result.figures)
    assert [row[0] for row in rows] == [LOOP.name]
    assert headings[-2:] == ("lost", "doubled")
    [nobody, homeless, loop] = result.conditions[-3:]
    assert "is not there; **not measured**" in nobody
    assert "has no lock; **not measured**" in homeless
    assert "not measured" not in loop


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_has_its_program_and_its_lock(peer: Peer) -> None:
    assert (PROGRAMS / peer.program).is_file()
    assert peer.lock is None or (homes.LOCKS / peer.lock).is_file()


def test_a_home_is_made_once_and_another_lock_is_another_home(tmp_path: Path) -> None:
    lock = tmp_path / "peer.lock"
    lock.write_text("")

    first = homes.python(str(lock), homes=tmp_path)
    made = (first.parents[1] / homes.DONE).stat().st_mtime_ns
    again = homes.python(str(lock), homes=tmp_path)
    lock.write_text("# another\n")
    other = homes.python(str(lock), homes=tmp_path)

    assert first.exists()
    assert again == first
    assert (first.parents[1] / homes.DONE).stat().st_mtime_ns == made
    assert other != first


def test_a_home_that_cannot_be_made_says_why_and_is_tried_again(tmp_path: Path) -> None:
    lock = tmp_path / "peer.lock"
    lock.write_text("this is no requirement ==\n")

    for _try in range(2):
        with pytest.raises(homes.NoHome, match="uv"):
            homes.python(str(lock), homes=tmp_path)


def test_a_table_crosswise_has_a_row_for_each_subject(tmp_path: Path) -> None:
    figures = [
        Figure(what="load", unit="%", values=[1.0]),
        Figure(what="ours: mails/s", unit="", values=[7000.0, 7100.0]),
        Figure(what="ours: lost", unit="", values=[1.0], goal=Goal("≤", 0)),
        Figure(what="theirs: mails/s", unit="", values=[0.5]),
    ]
    result = Result(name="x", title="X", conditions=["c"], figures=figures, crosswise=True)

    report.keep(result, {"cores": "2"}, tmp_path)

    page = (tmp_path / "README.md").read_text()
    assert "|  | mails/s | lost |\n| --- | ---: | ---: |" in page
    assert "| ours | 7 050 (7 000 – 7 100) | 1 **not kept** |" in page
    assert "| theirs | 0.500 |  |" in page
    assert "| load | 1 |  | % |  |  |" in page
