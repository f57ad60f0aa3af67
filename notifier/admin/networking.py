"""The network in an administrator's hands: where clients find the server, what is wrong with it.

The machine is always the one where this process runs, as it sees it: in a container, the container.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, Literal

from notifier.adapters.dns import PATIENCE, Dns
from notifier.adapters.interfaces import this_machine
from notifier.adapters.settings_store import RedisSettings
from notifier.admin.look import Look
from notifier.core.network.listening import Found, Machine, Ways, ways
from notifier.core.network.network import Network, check_network
from notifier.core.network.network_faults import (
    check_internal,
    names_of,
    nothing_to_listen_on,
    questions,
    unfit,
    warnings,
)
from notifier.core.network.own_hosts import having, listed, not_ours, unseen, untold
from notifier.core.network.resolved import Resolved, Unresolved, Why
from notifier.core.settings import SettingsRefused

# Names that are asked for at once: name servers take more for an attack, and answer nobody.
AT_ONCE: Final = 16
_TOO_LATE: Final = Unresolved(Why.TIMED_OUT, "other names took all of the time")


class NetworkDesk:
    """Shows the ways to the server, and judges changes of them."""

    def __init__(
        self,
        settings: RedisSettings,
        dns: Dns,
        *,
        look: Callable[[], Machine] = this_machine,
        patience: float = PATIENCE,
    ) -> None:
        self._settings = settings
        self._dns = dns
        self._look = look
        self._patience = patience

    async def judged(
        self, before: Network, after: Network, *, again: bool = False
    ) -> tuple[str, ...]:
        """Give what looks wrong about a change; raises SettingsRefused where it cannot be (R40).

        Internal addresses that are gone are told even where nothing of the network changes. Names
        among them are asked for only if they change or are applied `again`, for a change of other
        settings is not to wait for the DNS.
        """
        machine, found = self._look(), await self._found(questions(before, after, again=again))
        try:
            check_internal(before, after, machine, found)
        except ValueError as fault:
            raise SettingsRefused(f"network.{fault}") from None
        return warnings(before, after, machine, found)

    async def ways(self, *, ask_dns: bool) -> Ways:
        """Give all ways to the server by now, names looked up or left as they are."""
        revision, settings = await self._settings.in_force()
        network = settings.network
        found = await self._found(names_of(network)) if ask_dns else {}
        return ways(network, self._look(), revision=revision, found=found)

    async def look(self) -> AsyncIterator[Look]:
        """Look at what is listened on, and whether links and clients lead to one place."""
        network = (await self._settings.current()).network
        if older := _older(network):
            yield older
        machine, found = self._look(), await self._found(names_of(network))
        yield _listening(network, machine, found)
        if fault := unfit(network, found):
            yield _told("warn", fault)

    async def _found(self, names: Iterable[str]) -> Found:
        """Ask the DNS for names, some at once; all of them take no longer than one may."""
        asked, turns = list(names), asyncio.Semaphore(AT_ONCE)
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience

        async def answer(name: str) -> Resolved | Unresolved:
            async with turns:
                left = deadline - clock()
                return await self._dns.addresses(name, within=left) if left > 0 else _TOO_LATE

        answers = await asyncio.gather(*map(answer, asked))
        return dict(zip(asked, answers, strict=True))


def _older(network: Network) -> Look | None:
    """Look at hosts that were stored before they were checked."""
    try:
        check_network(Network(), network)
    except ValueError as fault:
        return _told("warn", f"network.{fault}", end=": ")
    return None


def _told(status: Literal["warn", "fail"], sentence: str, *, end: str = "; ") -> Look:
    """Give a sentence as a look: what is behind the last `end` is what to do."""
    found, _, advice = sentence.rpartition(end)
    return Look(name="network", status=status, found=found, advice=advice)


def _listening(network: Network, machine: Machine, found: Found) -> Look:
    if fault := nothing_to_listen_on(network):
        return _told("fail", fault)
    if fault := unseen(machine):
        return _told("warn", fault)
    if network.listen_on_all:
        return Look(
            name="network",
            status="ok" if machine.addresses else "warn",
            found=f"listens on all of {having(machine)}",
            advice="" if machine.addresses else "bring an interface of this machine up",
        )
    hosts = [each.host for each in network.internal]
    if gone := [fault for each in hosts if (fault := not_ours(each, machine, found))]:
        return Look(
            name="network",
            status="warn",
            found=f"{listed(gone)}; this machine has {having(machine)}",
            advice="bring its interface up, or change [network] internal",
        )
    if unknown := [fault for each in hosts if (fault := untold(each, found))]:
        return Look(
            name="network",
            status="warn",
            found=f"the DNS is no help with {listed(unknown)}",
            advice="mend the name servers of this machine, or list addresses",
        )
    return Look(name="network", status="ok", found=f"listens on {listed(hosts)}")
