"""What an administrator can ask and decide, for the command line and the panel; nothing prints."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import msgspec

from notifier.adapters.archive import Asked, RedisArchive
from notifier.adapters.audit_walk import RedisAuditWalk
from notifier.adapters.connection import AsyncClient
from notifier.adapters.dns import Dns
from notifier.adapters.gate import ensure_fit
from notifier.adapters.graveyard import Buried, RedisGraveyard
from notifier.adapters.ledger import RedisLedger
from notifier.adapters.memory import RedisMemory
from notifier.adapters.settings_store import Change, RedisSettings
from notifier.adapters.shelf import Shelf
from notifier.adapters.suppressions import RedisSuppressions
from notifier.admin.applying import Applied, Applying
from notifier.admin.conferences import ConferenceView, view
from notifier.admin.deliveries import Shown, shown, why_not_again, why_not_now
from notifier.admin.erasing import Erased, Erasing
from notifier.admin.examining import Doctor
from notifier.admin.explaining import Rehearsal
from notifier.admin.federating import FederationDesk
from notifier.admin.federation_test import Question, Reach, reached
from notifier.admin.installers import Installers
from notifier.admin.lists import LOOKED_THROUGH, whole
from notifier.admin.look import Look
from notifier.admin.networking import NetworkDesk
from notifier.admin.refusals import Impossible, NotFound, not_found
from notifier.admin.reminders import Reminders
from notifier.admin.resuming import Resumption
from notifier.admin.roads import SmtpReport, reports
from notifier.admin.suppressions import Suppressed, SuppressionList
from notifier.admin.telling_again import TellingAgain
from notifier.admin.tracing import Hand
from notifier.auditing import Auditor
from notifier.core.secrets import without_secrets
from notifier.core.settings import Settings
from notifier.core.settings import shown as with_hidden_secrets

__all__ = [
    "Admin",
    "Applied",
    "Asked",
    "Buried",
    "ConferenceView",
    "Doctor",
    "Erased",
    "Erasing",
    "Impossible",
    "Look",
    "NotFound",
    "Rehearsal",
    "Shown",
    "SmtpReport",
    "Suppressed",
]


class Admin:
    """Looks into one deployment, decides for it, and sends again what is asked for again."""

    def __init__(
        self,
        *,
        client: AsyncClient,
        memory: RedisMemory,
        ledger: RedisLedger,
        settings: RedisSettings,
        dns: Dns,
        shelf: Shelf,
        suppressions: RedisSuppressions,
        erasing: Erasing,
        clock: Callable[[], datetime],
        resumption: Resumption,
        hand: Hand,
    ) -> None:
        self.archive = RedisArchive(client)
        self.graveyard = RedisGraveyard(client)
        self.suppressions = SuppressionList(suppressions)
        self.shelf = shelf
        self.resumption = resumption
        auditor = Auditor(memory=memory, walk=RedisAuditWalk(client), settings=settings)
        self.reminders = Reminders(client, auditor)
        self.installers = Installers(settings, self.apply_settings)
        self._client = client
        self._memory = memory
        self._ledger = ledger
        self._settings = settings
        self.network = NetworkDesk(settings, dns)
        self._applying = Applying(settings, self.network, hand=hand)
        self.federation = FederationDesk(settings, self._applying, clock=clock)
        self._dns = dns
        self._suppressions = suppressions
        self._erasing = erasing
        self._telling_again = TellingAgain(
            memory=memory,
            archive=self.archive,
            settings=settings,
            suppressions=suppressions,
            clock=clock,
        )
        self._clock = clock

    async def ensure_fit(self) -> None:
        """Pass the gate before anything is written; raises GateClosed."""
        await ensure_fit(self._client)

    # ---- settings ----------------------------------------------------------------------------

    async def settings(self) -> Settings:
        """Give the settings in force, as a worker takes them."""
        return await self._settings.current()

    async def shown_settings(self) -> dict[str, Any]:
        """Give the settings in force as tables, secrets hidden."""
        return with_hidden_secrets(await self._settings.current())

    async def exported_settings(self, *, with_secrets: bool) -> dict[str, Any]:
        """Give the settings as a file that can be applied elsewhere.

        Without secrets their lines are left out: applying the file leaves those of the other
        place as they are.
        """
        tables: dict[str, Any] = msgspec.to_builtins(await self._settings.current())
        if with_secrets:
            return tables
        return without_secrets(tables)

    async def apply_settings(self, change: Change) -> Applied:
        """Lay tables over the settings in force, all or nothing; raises SettingsRefused.

        `change` may be a function of the settings in force. A secret that is hidden in it, as
        `shown_settings` gives it, stays as it is.
        """
        return await self._applying.apply(change)

    async def check_smtp(self) -> SmtpReport:
        """Go the whole way to every mail server; no mail is sent (R29)."""
        return await reports((await self._settings.current()).smtp)

    async def test_federation(self, question: Question) -> Reach:
        """Look for a federated server as a client would (R47); raises Impossible."""
        return await reached(question, await self._settings.current(), self._dns)

    # ---- deliveries --------------------------------------------------------------------------

    async def deliveries(self, asked: Asked, *, limit: int | None) -> AsyncIterator[Shown]:
        """Give the deliveries that are asked for, those of the newest notice first."""
        settings = await self._settings.current()
        given = 0
        async for delivery in self.archive.deliveries(asked):
            yield shown(delivery, settings)
            given += 1
            if given == limit:
                return

    async def delivery(self, delivery_id: str) -> Shown:
        """Give one delivery; raises NotFound."""
        found = await self.archive.delivery(delivery_id)
        if found is None:
            raise not_found("delivery", delivery_id, await self.archive.newest_ids(LOOKED_THROUGH))
        return shown(found, await self._settings.current())

    async def resend(self, delivery_id: str) -> None:
        """Put a delivery back into the queue; raises NotFound and Impossible."""
        await self.delivery(delivery_id)
        found = await self.archive.delivery(delivery_id)
        assert found is not None  # looked at on the line above
        held = await self._suppressions.of([found.recipient.address])
        suppressed = held.get(found.recipient.address)
        reason = why_not_again(found, suppressed, now=self._clock())
        if reason is None:
            notice = await self.archive.notice(found.notice)
            reason = why_not_now(found, notice, await self._settings.current())
        if reason is None and not await self._ledger.resend(found):
            reason = "it has just moved on; look at it again"
        if reason:
            raise Impossible(f"The delivery {delivery_id} cannot be sent again: {reason}.")

    # ---- people ------------------------------------------------------------------------------

    async def erase(self, address: str) -> Erased:
        """Take a person out of everything that is reached from here; raises Impossible."""
        local, _, domain = address.strip().rpartition("@")
        if not local or not domain or " " in local:
            raise Impossible(
                f"{address!r} cannot be erased: it is not a mail address; give one such as "
                "boris@example.org."
            )
        return await self._erasing.erase(address, await self._settings.current())

    # ---- conferences -------------------------------------------------------------------------

    async def conference(self, conference_id: str) -> ConferenceView:
        """Give a conference with its list and what comes; raises NotFound and Impossible."""
        found = await whole(self._memory, self.archive, conference_id)
        settings = await self._settings.current()
        return view(found.known, found.members.values(), settings, now=self._clock())

    async def tell_again(self, conference_id: str, person: str) -> Shown:
        """Plan a mail that tells one person, named by ID or address, how it stands by now.

        Raises NotFound, and Impossible where nothing true can be told to them.
        """
        delivery = await self._telling_again.tell(conference_id, person)
        return shown(delivery, await self._settings.current())

    # ---- events ------------------------------------------------------------------------------

    async def rehearsal(self) -> Rehearsal:
        """Give a dry run over the present memory and settings, in which events can be played."""
        return Rehearsal(
            memory=self._memory,
            archive=self.archive,
            suppressions=self._suppressions,
            shelf=self.shelf,
            settings=await self._settings.current(),
            now=self._clock,
        )

    async def rejected(self, buried_id: str) -> Buried:
        """Give one rejected entry; raises NotFound."""
        found = await self.graveyard.one(buried_id)
        if found is None:
            known = [each.id for each in await self.graveyard.newest(LOOKED_THROUGH)]
            raise not_found("rejected entry", buried_id, known)
        return found

    # ---- the whole ---------------------------------------------------------------------------

    def doctor(self) -> Doctor:
        """Give who looks at everything without which no mail leaves."""
        return Doctor(
            client=self._client,
            settings=self._settings,
            network=self.network,
            shelf=self.shelf,
            archive=self.archive,
            graveyard=self.graveyard,
            suppressions=self.suppressions,
            reminders=self.reminders,
        )
