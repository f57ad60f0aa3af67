"""What the parts print comes out in whole lines, many at a time, and waits for nobody for ever."""

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from notifier.config import LogFormat
from notifier.supervisor import output
from notifier.supervisor.output import GATHER_SECONDS, Outlet

pytestmark = pytest.mark.asyncio

Printing = Callable[[int], None]


class Reader:
    """Whoever reads our standard error, and sees what was written in one go."""

    def __init__(self) -> None:
        # Unlike a pipe, it keeps apart what was written apart.
        self.socket, self.written = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)

    def blocks(self) -> list[bytes]:
        """Give all blocks, once the writer is done."""
        self.written.close()
        return list(iter(lambda: self.socket.recv(1 << 22), b""))


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.socket.close()
    made.written.close()


async def passed_on(reader: Reader, *prints: Printing, log: LogFormat = "text") -> list[bytes]:
    """Give the blocks that come of a part which prints so."""
    outlet = Outlet(reader.written.fileno(), log)
    reading, writing = os.pipe()
    passing = asyncio.create_task(outlet.pass_on("worker", os.fdopen(reading, "rb", 0)))
    for each in prints:
        await asyncio.to_thread(each, writing)
    os.close(writing)
    await passing
    outlet.close()
    return reader.blocks()


def saying(*pieces: bytes, pause_seconds: float = 0.0) -> Printing:
    """A part that prints these pieces, each by itself."""

    def say(pipe: int) -> None:
        for piece in pieces:
            os.write(pipe, piece)
            time.sleep(pause_seconds)

    return say


def lines(blocks: Sequence[bytes]) -> list[str]:
    return b"".join(blocks).decode().splitlines()


async def test_every_line_of_a_block_comes_under_the_name_of_its_part(reader: Reader) -> None:
    blocks = await passed_on(reader, saying(b"one\ntwo\n\nfour"))

    assert b"".join(blocks) == b"worker | one\nworker | two\nworker | \nworker | four\n"


async def test_a_line_that_comes_in_pieces_is_one_line(reader: Reader) -> None:
    pieces = [b"accepted deli", b"very=1\nacc", b"epted", b" delivery=2\n"]

    blocks = await passed_on(reader, saying(*pieces, pause_seconds=2 * GATHER_SECONDS))

    assert lines(blocks) == ["worker | accepted delivery=1", "worker | accepted delivery=2"]


async def test_nothing_that_steers_a_terminal_is_passed_on(reader: Reader) -> None:
    blocks = await passed_on(reader, saying(b"a\x1b[2Jb\r\n\x7fc\td\x00\n"))

    assert b"".join(blocks) == b"worker | a[2Jb\nworker | c\td\n"


async def test_with_json_logs_what_is_not_json_is_wrapped_and_the_rest_stays(
    reader: Reader,
) -> None:
    said = b'{"a": 1}\nno \xff json\n{"b": 2}\n'

    blocks = await passed_on(reader, saying(said), log="json")

    first, middle, last = lines(blocks)
    assert (first, last) == ('{"a": 1}', '{"b": 2}')
    assert json.loads(middle) == {"role": "worker", "message": "no \ufffd json"}


async def test_a_first_line_that_is_not_json_is_wrapped_too(reader: Reader) -> None:
    blocks = await passed_on(reader, saying(b'no json\n{"b": 2}\n'), log="json")

    assert [json.loads(each) for each in lines(blocks)] == [
        {"role": "worker", "message": "no json"},
        {"b": 2},
    ]


async def test_what_is_printed_line_by_line_is_passed_on_in_blocks(reader: Reader) -> None:
    printed = [b"accepted delivery=%d\n" % number for number in range(3000)]
    began = time.monotonic()

    blocks = await passed_on(reader, saying(*printed))

    # One for every look into the pipe, however slow this machine is.
    assert len(blocks) <= (time.monotonic() - began) / GATHER_SECONDS + 2
    assert lines(blocks) == [f"worker | {each.decode()[:-1]}" for each in printed]


async def test_a_line_without_an_end_is_cut_rather_than_collected(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "LONGEST_LINE_BYTES", 1000)
    came: list[bytes] = []

    def endless(pipe: int) -> None:
        os.write(pipe, b"x" * 1001)
        # Its pipe is still open, and so is its line.
        came.append(reader.socket.recv(2000))

    await passed_on(reader, endless)

    assert came == [b"worker | " + b"x" * 1001 + b"\n"]


async def test_the_supervisors_own_words_are_one_line(reader: Reader) -> None:
    outlet = Outlet(reader.written.fileno(), "text")

    outlet.say("stopping\nworker | accepted")
    outlet.close()

    assert b"".join(reader.blocks()) == b"up     | stopping worker | accepted\n"


async def test_lines_that_nobody_reads_are_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(output, "MOST_WAITING_BYTES", 200_000)
    reading, writing = os.pipe()
    outlet = Outlet(writing, "text")
    printed = b"".join(b"%-99d\n" % number for number in range(1000))
    part_reading, part_writing = os.pipe()
    passing = asyncio.create_task(outlet.pass_on("worker", os.fdopen(part_reading, "rb", 0)))

    # Nobody reads, and yet the part never waits.
    for _block in range(20):
        await asyncio.to_thread(os.write, part_writing, printed)
    os.close(part_writing)
    await passing

    text = asyncio.create_task(asyncio.to_thread(_all_of, reading))
    await asyncio.to_thread(outlet.close)
    os.close(writing)
    came = (await text).decode().splitlines()
    told = [each for each in came if each.startswith("worker | ")]
    dropped = [int(each.split()[2]) for each in came if "were dropped" in each]
    # What fills the pipe, what waits, and what came at one look when the limit was all but reached.
    assert len(told) * 109 <= 65_536 + 200_000 + 2 * 109_000
    assert len(told) + sum(dropped) == 20_000


def _all_of(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


async def test_a_full_disk_takes_no_lines_and_holds_none_up() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    outlet = Outlet(full, "text")
    reading, writing = os.pipe()
    passing = asyncio.create_task(outlet.pass_on("worker", os.fdopen(reading, "rb", 0)))
    printed = b"".join(b"accepted delivery=%d\n" % number for number in range(10_000))

    for _block in range(20):
        await asyncio.to_thread(os.write, writing, printed)
    os.close(writing)
    await passing

    # The writer is not stuck: it has come to the end of what waited.
    await asyncio.to_thread(outlet.close)
    assert not [each for each in threading.enumerate() if each.name == "outlet"]
    os.close(full)
