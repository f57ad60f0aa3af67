"""Applying settings for an administrator: what may refuse them, and what looks wrong about them."""

import asyncio

import msgspec

from notifier.adapters.settings_store import Change, RedisSettings
from notifier.adapters.smtp_check import sender_warnings
from notifier.adapters.smtp_stages import Unopened
from notifier.adapters.smtp_tls import tls_context
from notifier.admin.networking import NetworkDesk
from notifier.admin.tracing import Hand, trace
from notifier.core.federation.federation import Federation
from notifier.core.federation.mask_findings import findings, news, sentences
from notifier.core.network.network import Network
from notifier.core.network.packed import tidy
from notifier.core.settings import Settings


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """Settings that are in force, as which revision, and what looks wrong about them."""

    revision: int
    warnings: tuple[str, ...]


class Applying:
    """Lays tables over the settings in force."""

    def __init__(self, settings: RedisSettings, network: NetworkDesk, *, hand: Hand) -> None:
        self._settings = settings
        self._network = network
        self._hand = hand

    async def apply(self, change: Change) -> Applied:
        """Lay tables over the settings in force, all or nothing; raises SettingsRefused.

        The network is looked at before: it may refuse where its table changes, and asks the DNS for
        no longer than that has patience. Changes of federation are traced in the log.
        """
        said: tuple[str, ...] = ()
        federation = Federation(), Federation()
        again = not callable(change) and "network" in change

        async def check(before: Settings, after: Settings) -> None:
            nonlocal said, federation
            federation = before.federation, after.federation
            said = await self._network.judged(before.network, after.network, again=again)
            said += (
                *_about_installers(before.network, after.network),
                *_about_lists(before, after),
            )
            if after.federation.ca_file != before.federation.ca_file or _names_ca_file(change):
                said += await _about_ca_file(after.federation.ca_file)

        revision = await self._settings.apply(change, check=check)
        trace(self._hand, *federation, revision=revision)
        smtp = (await self._settings.current()).smtp
        return Applied(revision=revision, warnings=(*sender_warnings(smtp), *said))


def _about_installers(before: Network, after: Network) -> list[str]:
    """Say that installers tell the addresses of before, where any were named (R41)."""
    if not before.installer_keys or tidy(before.external) == tidy(after.external):
        return []
    if not after.external:
        said = (
            "[network] external is empty now, and installers that were named before tell clients "
            "what it was; hand them out under a plain name, such as setup.exe"
        )
        return [said]
    said = (
        "[network] external has changed, and installers that were named before tell clients what "
        "it was; name them anew: notifier network installer-name FILE --rename"
    )
    return [said]


def _about_lists(before: Settings, after: Settings) -> list[str]:
    """Say what looks wrong about the lists of federation, where they or who is at home changed."""
    if _listed(after) == _listed(before):
        return []
    there = findings(before.federation, home=before.server.domain)
    return sentences(news(there, findings(after.federation, home=after.server.domain)))


def _listed(settings: Settings) -> tuple[object, ...]:
    """Give all on which it depends whether a list looks wrong."""
    federation = settings.federation
    return settings.server.domain, federation.mode, federation.whitelist, federation.blacklist


def _names_ca_file(change: Change) -> bool:
    """Tell whether somebody applies this setting, be it as it was: the file may be gone by now."""
    return not callable(change) and "ca_file" in change.get("federation", {})


async def _about_ca_file(ca_file: str) -> tuple[str, ...]:
    """Say why the private CA of federated servers cannot be read, which may be only here."""
    try:
        await asyncio.to_thread(tls_context, ca_file)
    except Unopened as fault:
        said = (
            f"[federation] ca_file: {fault.cause}; {fault.advice}: without it notifier federation "
            "test checks no certificate"
        )
        return (said,)
    return ()
