"""A network of a test's own: interfaces that it may change without disturbing anybody."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

# Gives the loopback interface of its network one more address, up to the kernel's own names for
# that: SIOCSIFFLAGS (IFF_UP | IFF_RUNNING) and SIOCSIFADDR (netdevice(7)).
_ADDING = """
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
    fcntl.ioctl(asked, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
    address = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(sys.argv[1]))
    fcntl.ioctl(asked, 0x8916, struct.pack("16s16s8x", sys.argv[2].encode(), address))
"""


class OwnNetwork:
    """A network with one interface, `lo`, which has no address at first."""

    def __init__(self, keeper: int) -> None:
        self._keeper = keeper

    def inside(self, *command: str) -> Sequence[str]:
        """Give the command that runs another one in this network."""
        enter = ("nsenter", "--target", str(self._keeper), "--user", "--net")
        return [*enter, "--preserve-credentials", *command]

    def add(self, address: str, label: str) -> None:
        """Give the interface an IPv4 address under a label such as `lo:1`."""
        subprocess.run(self.inside(sys.executable, "-c", _ADDING, address, label), check=True)

    def run(self, environ: Mapping[str, str], *arguments: str) -> str:
        """Run `notifier` in this network to its end; give what it prints."""
        command = self.inside(sys.executable, "-m", "notifier", *arguments)
        return subprocess.run(
            command, env=environ, stdout=subprocess.PIPE, text=True, timeout=60, check=True
        ).stdout


@contextmanager
def own_network() -> Iterator[OwnNetwork]:
    """Keep a network; needs root, or a kernel that lets users have namespaces."""
    keeper = subprocess.Popen(
        ["unshare", "--net", "--user", "--map-root-user", "sh", "-c", "echo up; exec sleep 1h"],
        stdout=subprocess.PIPE,
    )
    assert keeper.stdout is not None
    try:
        assert keeper.stdout.readline() == b"up\n", f"no network for user {os.getuid()}"
        yield OwnNetwork(keeper.pid)
    finally:
        keeper.kill()
        keeper.communicate()
