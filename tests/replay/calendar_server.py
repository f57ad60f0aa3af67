"""A CalDAV server (Radicale) in a process of its own, and a program (khal) that reads its files."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx

from tests.redis_servers import free_port
from tests.smtp_servers import HOST, wait_until

# How khal is told to print a start, an end and a name; a name of ours holds no bar.
_SHOWN: Final = "{start-date} {start-time}|{end-date} {end-time}|{title}|{calendar}"
# Days that khal looks at from the first: more than the life of any conference here.
_DAYS: Final = 60


@dataclass(frozen=True)
class Entry:
    """What a calendar program shows of one meeting; times are UTC."""

    start: str
    end: str
    title: str


class CalendarServer:
    """Calendars by the names of their people; each client writes into its own."""

    def __init__(self, folder: Path, client: httpx.Client) -> None:
        self._folder = folder
        self._client = client

    def open(self, person: str) -> "Calendar":
        """Make a calendar for somebody."""
        found = Calendar(self._client, person)
        found.make()
        return found

    def shown(self, people: Sequence[str], *, since: str) -> dict[str, list[Entry]]:
        """Give what khal shows each of them, in order, from a day on (YYYY-MM-DD)."""
        config = self._folder / "khal.conf"
        config.write_text(self._khal_conf(people))
        options = ("--format", _SHOWN, "--day-format", "", since, f"{_DAYS}d")
        done = subprocess.run(
            [sys.executable, "-m", "khal", "-c", str(config), "list", *options],
            env=os.environ | {"HOME": str(self._folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found: dict[str, list[Entry]] = {each: [] for each in people}
        for line in done.stdout.splitlines():
            if line.strip():
                start, end, title, calendar = line.split("|")
                found[calendar].append(Entry(start, end, title))
        return found

    def _khal_conf(self, people: Sequence[str]) -> str:
        root = self._folder / "collection-root"
        calendars = "".join(f"[[{each}]]\npath = {root / each / 'mail'}\n" for each in people)
        return (
            f"[calendars]\n{calendars}"
            f"[sqlite]\npath = {self._folder / 'khal.db'}\n"
            "[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        )


class Calendar:
    """One calendar on the server, as a client of CalDAV writes it (RFC 4791)."""

    def __init__(self, client: httpx.Client, person: str) -> None:
        self._client = client
        self._url = f"/{person}/mail/"
        self._auth = (person, "any")

    def make(self) -> None:
        """MKCALENDAR."""
        self._ask("MKCALENDAR", self._url, expected={201})

    def put(self, uid: str, content: bytes) -> None:
        """Store an object under its UID, in the place of what was there."""
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self._ask("PUT", self._of(uid), content=content, headers=headers, expected={201, 204})

    def delete(self, uid: str) -> None:
        self._ask("DELETE", self._of(uid), expected={200, 204})

    def _of(self, uid: str) -> str:
        return f"{self._url}{quote(uid, safe='')}.ics"

    def _ask(
        self,
        method: str,
        url: str,
        *,
        expected: set[int],
        content: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> None:
        answer = self._client.request(
            method, url, auth=self._auth, content=content, headers=headers
        )
        assert answer.status_code in expected, (method, answer.status_code, answer.text)


@contextmanager
def calendar_server(folder: Path) -> Iterator[CalendarServer]:
    """Run Radicale over a folder."""
    port = free_port()
    with (folder / "radicale.log").open("wb") as log:
        place = ("--server-hosts", f"{HOST}:{port}", "--storage-filesystem-folder", str(folder))
        process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", "", "--auth-type", "none", *place],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            # No proxy and no certificates: what a client reads of those takes it half a second.
            with httpx.Client(
                base_url=f"http://{HOST}:{port}", trust_env=False, verify=False
            ) as client:
                wait_until(lambda: _answers(client), seconds=20, what="Radicale")
                yield CalendarServer(folder, client)
        finally:
            process.terminate()
            process.wait(10)


def _answers(client: httpx.Client) -> bool:
    try:
        client.get("/")
    except httpx.TransportError:
        return False
    return True
