"""A supervisor in a process of its own, with tiny parts: `python -m tests.supervised ROLES`.

`ROLES` is a JSON list of roles. The parts below are programs for `python -c`.
"""

import os
import subprocess
import sys

import msgspec

from notifier.config import load
from notifier.supervisor import PortTakenError, Role, StartError, Supervisor, up

BEATING = """
import os, signal, sys, time, redis
name = sys.argv[1]
client = redis.Redis.from_url(os.environ["NOTIFIER_REDIS_URL"])
def leave(*_):
    client.rpush("goodbyes", name)
    print("goodbye", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, leave)
while True:
    client.set(f"notifier:heartbeat:{name}", time.time())
    client.set(f"pid:{name}", os.getpid())
    time.sleep(0.05)
"""

# A part that has a child of its own, as a Celery worker does.
PARENT = (
    """
import subprocess, os, redis
child = subprocess.Popen(["sleep", "1000"])
redis.Redis.from_url(os.environ["NOTIFIER_REDIS_URL"]).set("pid:grandchild", child.pid)
"""
    + BEATING
)

DEAF = BEATING.replace("client.rpush", "return; client.rpush")

# Shows life until the supervisor has seen it, and then no more.
HANGING = BEATING.replace("while True:", "for _ in range(40):") + "time.sleep(1000)"

SERVING = """
import http.server, os
class Panel(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
    def log_message(self, *_): pass
address = (os.environ["NOTIFIER_PANEL_HOST"], int(os.environ["NOTIFIER_PANEL_PORT"]))
http.server.HTTPServer(address, Panel).serve_forever()
"""

CHATTY = BEATING.replace("while True:", "while True:\n    print('x' * 100_000, flush=True)")


def part(name: str, program: str = BEATING, *, stop_seconds: float = 10.0) -> Role:
    """A role that runs one of the programs above under its name."""
    return Role(name=name, arguments=("-c", program, name), stop_seconds=stop_seconds)


def panel() -> Role:
    return Role(
        name="panel",
        arguments=("-c", SERVING),
        answers="http://{panel_host}:{panel_port}/healthz",
    )


def prepare(url: str) -> None:
    """What TEST_PREPARE asks for: a command that is told the URL, and may fail."""
    asked = ["/bin/sh", "-c", os.environ["TEST_PREPARE"], "prepare", url]
    if subprocess.run(asked, check=False).returncode:
        raise StartError("The preparation failed.")


def main() -> int:
    """One supervisor for the roles in the first argument, set up by the environment."""
    try:
        supervisor = Supervisor(
            load(os.environ),
            environ=os.environ,
            roles=msgspec.json.decode(sys.argv[1], type=list[Role]),
            prepare=prepare if "TEST_PREPARE" in os.environ else None,
            most_deaths=2,
        )
    except PortTakenError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return up(supervisor)


if __name__ == "__main__":
    sys.exit(main())
