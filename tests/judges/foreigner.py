"""Programs in other languages that answer one line of JSON to each line of JSON.

Starting one takes up to a second, so each is started at its first question and then kept.
"""

import base64
import json
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
FOREIGN: Final = HERE / "foreign"


class Foreigner:
    """A program that is started when it is first asked, and answers until it is dismissed."""

    def __init__(self, *command: str | Path) -> None:
        self._command = command
        self._program: subprocess.Popen[bytes] | None = None
        EVERYBODY.append(self)

    def about(self, content: bytes, asked: str) -> Any:
        """Give the answer to a question about some bytes."""
        return self.ask({"ask": asked, "content": base64.b64encode(content).decode()})

    def ask(self, question: dict[str, Any]) -> Any:
        """Give the answer to a question; both are JSON values.

        Raises FellSilent if it ends over the question: the next one starts it anew.
        """
        program = self._started()
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            program.stdin.write(json.dumps(question).encode() + b"\n")
            program.stdin.flush()
            answer = program.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            raise FellSilent(f"{self._command} ended with {self.dismiss()} over {question!r:.500}")
        return json.loads(answer)

    def dismiss(self) -> int | None:
        """End it, and give its exit status; None if it never began."""
        program, self._program = self._program, None
        if program is None:
            return None
        assert program.stdin is not None
        assert program.stdout is not None
        with suppress(BrokenPipeError):  # what it never read
            program.stdin.close()
        program.stdout.close()
        try:
            return program.wait(timeout=10)
        except subprocess.TimeoutExpired:
            program.kill()
            return program.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._program is None:
            self._program = subprocess.Popen(
                self._command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._program


class FellSilent(RuntimeError):
    """A foreign program ended where it should have answered."""


# All that were hired, so that all can be dismissed at the end.
EVERYBODY: Final[list[Foreigner]] = []
