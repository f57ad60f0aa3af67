"""One peer's course: hand over, send, be killed at half-way, be started again."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

from bench.peers.counting import Tally, of, rate, tally
from bench.sinks.own import OwnSink

# Longer than any peer may be busy with what it was given; then it has failed (seconds).
PATIENCE_SECONDS: Final = 120.0
# How often the sink is looked at, and how often memory is weighed (seconds).
POLL_SECONDS: Final = 0.005
WEIGH_SECONDS: Final = 0.5
# Silence after which nothing more is expected once a peer's own waiting time is over (seconds).
SILENCE_SECONDS: Final = 3.0
# After the last mail, for those who note afterwards what they have sent (seconds).
SETTLE_SECONDS: Final = 1.0
# After SIGTERM, for those who finish what they have begun (seconds).
END_SECONDS: Final = 20.0
MEGABYTE: Final = 1_000_000
LOG: Final = "log"


class FellShort(Exception):
    """A peer did not do what it was asked; the text has its last words."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where a peer runs: its command, folder and variables, who else works for it, the sink."""

    command: Sequence[str]
    folder: Path
    variables: Mapping[str, str]
    servants: Sequence[int] = ()
    sink: OwnSink


@dataclass
class Course:
    """Drives one peer's program; `peak` is the most memory it had, all processes together (MB)."""

    stage: Stage
    # The program holds its mails in memory, so it is told them when it starts.
    in_memory: bool = False
    # It sends while it is given mails, instead of being started once it has them.
    live: bool = False
    # Somebody has to do something before it can be started again after a kill.
    mends: bool = False
    # It takes some things up again after so long that its notes are made older instead.
    waits_long: bool = False
    peak: float = 0.0
    # All mails that it was ever given.
    _given: int = field(default=0, init=False)
    _program: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def ask(self, *arguments: str) -> str:
        """Let the program do something and end; give what it printed."""
        try:
            done = subprocess.run(
                [*self.stage.command, *arguments],
                cwd=self.stage.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise FellShort(f"`{' '.join(arguments)}` failed: {error}") from error
        if done.returncode:
            raise FellShort(f"`{' '.join(arguments)}` said: {done.stderr[-1000:]}")
        return done.stdout

    def hand(self, count: int, name: str) -> list[float]:
        """Hand mails over one by one; give how long each took (milliseconds)."""
        self._given += count
        took: list[float] = json.loads(self.ask("hand", str(count), name).splitlines()[-1])
        return took

    def drain(self, count: int, name: str) -> float:
        """Give it that many mails; give mails/s from the first that is taken to the last."""
        with self._sending(count, name):
            self._wait_for(self._given)
            self._weigh()
            time.sleep(SETTLE_SECONDS)
        return rate(of(self.stage.sink.taken(), name))

    def crash(
        self, count: int, name: str, *, wait_seconds: float, late_seconds: float = 0
    ) -> Tally:
        """Kill it when half is taken, start it again, and count when its time is over.

        Where some are missing then, it has the time until nothing came for `late_seconds`.
        """
        with self._sending(count, name):
            self._wait_for(self._given - count // 2)
            self._kill()
        if self.mends:
            self.ask("mend")
        if not self.in_memory:
            self._start("send")
            try:
                self._rest(wait_seconds, SILENCE_SECONDS)
                if self.waits_long:
                    self.ask("later")
                    self._rest(wait_seconds, SILENCE_SECONDS)
                if tally(self.stage.sink.taken(), count, name).lost:
                    self._rest(0, late_seconds)
            finally:
                self._end()
        return tally(self.stage.sink.taken(), count, name)

    @contextlib.contextmanager
    def _sending(self, count: int, name: str) -> Iterator[None]:
        """Let it have that many mails and send them; end it whatever happens."""
        try:
            if self.in_memory:
                self._start("send", str(count), name)
            elif self.live:
                self._start("send")
                self.ask("await")
                self._wait_for(self._given)
                self.ask("fill", str(count), name)
            else:
                self.ask("fill", str(count), name)
                self._start("send")
            self._given += count
            yield
        finally:
            self._end()

    def _wait_for(self, total: int) -> None:
        """Wait until that many mails were taken of all that it was ever given; weigh it."""
        end = time.monotonic() + PATIENCE_SECONDS
        weighing = 0.0
        while self.stage.sink.mails() < total:
            now = time.monotonic()
            if now > end:
                raise FellShort(
                    f"{total - self.stage.sink.mails()} mails had not come after "
                    f"{PATIENCE_SECONDS:.0f} s; {self._last_words()}"
                )
            if now >= weighing:
                self._weigh()
                weighing = now + WEIGH_SECONDS
            time.sleep(POLL_SECONDS)

    def _rest(self, wait_seconds: float, silence_seconds: float) -> None:
        """Wait that long at least, and then until nothing has come for a while."""
        began = changed = time.monotonic()
        seen = self.stage.sink.mails()
        while (now := time.monotonic()) < max(began + wait_seconds, changed + silence_seconds):
            if now > began + wait_seconds + PATIENCE_SECONDS:
                raise FellShort(f"mails came without end after a restart; {self._last_words()}")
            if (mails := self.stage.sink.mails()) != seen:
                seen, changed = mails, now
            time.sleep(POLL_SECONDS)

    def _weigh(self) -> None:
        """Look how much memory its processes and its servants have now (PSS)."""
        if self._program is None:
            return
        held = 0
        roots = [self._program.pid, *self.stage.servants]
        for process in [each for root in roots for each in _family(root)]:
            with contextlib.suppress(psutil.NoSuchProcess):  # ended meanwhile
                held += process.memory_full_info().pss
        self.peak = max(self.peak, held / MEGABYTE)

    def _start(self, *arguments: str) -> None:
        with (self.stage.folder / LOG).open("wb") as log:
            self._program = subprocess.Popen(
                [*self.stage.command, *arguments],
                cwd=self.stage.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end(self) -> None:
        """Let the program end as it would at a shutdown; and what does not end so, by force."""
        if self._program is None:
            return
        self._program.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._program.wait(END_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """Send SIGKILL to all of its processes, those first that would start others again."""
        if self._program is None:
            return
        family = _family(self._program.pid)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._program.wait()
        psutil.wait_procs(family)
        self._program = None

    def _environment(self) -> dict[str, str]:
        return os.environ | dict(self.stage.variables)

    def _last_words(self) -> str:
        log = self.stage.folder / LOG
        return log.read_text(encoding="utf-8", errors="replace")[-1000:] if log.exists() else ""


def _family(root: int) -> list[psutil.Process]:
    """Give a process and all that come from it, parents first."""
    try:
        parent = psutil.Process(root)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
