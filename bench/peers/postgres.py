"""PostgreSQL for a peer that wants it: programs of the system, a cluster of its own, a socket."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.peers.homes import NoHome
from bench.waiting import wait_until

# Debian keeps the programs of each version in a folder of its own, off the PATH.
VERSIONS: Final = Path("/usr/lib/postgresql")
NEEDED: Final = ("initdb", "postgres", "pg_isready")
# Root may not run it; Debian's package makes somebody who may.
SOMEBODY: Final = "postgres"


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Run one as it comes; give the variables of its clients (PGHOST, …) and its process."""
    programs = _programs()
    cluster = folder / "cluster"
    cluster.mkdir()
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []}
        try:
            shutil.chown(cluster, SOMEBODY, SOMEBODY)
        except LookupError as error:
            raise NoHome(f"there is no user {SOMEBODY} to run PostgreSQL") from error
        folder.chmod(0o755)
    name = SOMEBODY if who else pwd.getpwuid(os.geteuid()).pw_name
    subprocess.run(
        [
            programs / "initdb",
            "--pgdata",
            cluster,
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--username",
            name,
        ],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        check=True,
        **who,
    )
    server = subprocess.Popen(
        [programs / "postgres", "-D", cluster, "-k", cluster, "-c", "listen_addresses="],
        cwd=folder,
        stderr=(folder / "postgres.log").open("wb"),
        **who,
    )
    told = {"PGHOST": str(cluster), "PGUSER": name, "PGDATABASE": "postgres"}
    try:
        asked = [str(programs / "pg_isready"), "--quiet"]
        wait_until(
            lambda: not subprocess.run(asked, env=os.environ | told, check=False).returncode,
            what="PostgreSQL",
        )
        yield told, server.pid
    finally:
        # SIGINT is its fast shutdown: it does not wait for clients.
        server.send_signal(2)
        server.wait()


def _programs() -> Path:
    """Give the folder of the newest version that is here; raises NoHome."""
    folders = sorted(VERSIONS.glob("*/bin"), key=lambda path: float(path.parent.name))
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if all((folder / name).exists() for name in NEEDED):
            return folder
    raise NoHome("there is no PostgreSQL here")
