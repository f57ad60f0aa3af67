"""Admission: the one place that decides whether federation lets a notice be told (R45)."""

from notifier.core.exclusion import Exclusion, Party
from notifier.core.federation.federation import judged
from notifier.core.federation.masks import normalised
from notifier.core.notice import Notice
from notifier.core.people import Person, home_server
from notifier.core.settings import Settings

# As much of a server's name as is kept: an ID may be of any length, and a name is not (characters).
KEPT = 200


def exclusion_of(
    notice: Notice, settings: Settings, *, recipient: Person | None = None
) -> Exclusion | None:
    """Give the first of caller, owner and recipient whose server is kept out, and by what.

    None where nobody is. Without a recipient it is about the notice, whoever is told.
    """
    federation, home = settings.federation, settings.server.domain
    for party, person in _parties(notice, recipient):
        server = home_server(person)
        judgement = judged(server, federation, home=home)
        if server and not judgement.admitted:
            # Of an ID that ends in dots alone no name is left.
            kept = (normalised(server) or server)[:KEPT]
            return Exclusion(party=party, server=kept, by=judgement.by[:KEPT])
    return None


def _parties(notice: Notice, recipient: Person | None) -> list[tuple[Party, Person]]:
    parties = []
    if notice.call:
        parties.append((Party.CALLER, notice.call.caller))
    if notice.conference:
        parties.append((Party.OWNER, notice.conference.owner))
    if recipient:
        parties.append((Party.RECIPIENT, recipient))
    return parties
