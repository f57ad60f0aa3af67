"""What a conference is called and how it is reached, as every letter shows it (R37, R38)."""

from urllib.parse import quote

from notifier.core.cleaning import clean_line
from notifier.core.events import Conference
from notifier.core.network.network import Network, server_url


def conference_url(conference: Conference, network: Network) -> str:
    """Give `https://SERVER/c/CID`, or the address that the publisher gave."""
    return conference.url or f"{server_url(network)}/c/{quote(conference.id, safe='')}"


def app_join_url(conference: Conference, network: Network) -> str:
    """Give the link that starts the app."""
    return conference_url(conference, network) + "#app=1"


def shown_name(conference: Conference) -> str:
    """Give its name; its ID where the name is nothing that anybody could see."""
    return conference.name if clean_line(conference.name) else shown_id(conference)


def shown_id(conference: Conference) -> str:
    r"""Give the ID as people read it: `\c\df0a2adebe`."""
    return rf"\c\{conference.id}"
