"""The TCP ports of the panel and of Flower, settled before anything starts."""

import socket

import msgspec

from notifier.config import Config

# Where to knock at a server that listens on every address.
KNOCK_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class PortTakenError(Exception):
    """The panel or Flower cannot listen where it should; the text is one full sentence."""


def settled(config: Config) -> Config:
    """The config with real ports: 0 becomes a free one, and so does Flower's where it is taken.

    The panel's port is promised to people, so there a taken one raises PortTakenError, as does a
    host that is none of this machine's.
    """
    _ensure_free(config.panel_host, config.panel_port)
    flower = config.flower_port
    if not flower or _hindrance(config.flower_host, flower):
        flower = _flowers_port(config.flower_host)
    panel = config.panel_port or _free_port(config.panel_host)
    return msgspec.structs.replace(config, panel_port=panel, flower_port=flower)


def knock_at(host: str) -> str:
    """The host as it stands in a URL that a browser on this machine can open."""
    host = KNOCK_AT.get(host, host)
    return f"[{host}]" if ":" in host else host


def _ensure_free(host: str, port: int) -> None:
    hindrance = _hindrance(host, port)
    if hindrance is not None:
        raise PortTakenError(
            f"The panel cannot listen on port {port} of {host} ({hindrance}); stop what uses it, "
            "or name another port with --port or NOTIFIER_PANEL_PORT."
        )


def _flowers_port(host: str) -> int:
    hindrance = _hindrance(host, 0)
    if hindrance is not None:
        raise PortTakenError(
            f"Flower cannot listen on {host} ({hindrance}); "
            "name an address of this machine in NOTIFIER_FLOWER_HOST."
        )
    return _free_port(host)


def _hindrance(host: str, port: int) -> str | None:
    """Why nobody can listen there now; None if somebody can."""
    try:
        with _listener(host, port):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _free_port(host: str) -> int:
    with _listener(host, 0) as listener:
        port: int = listener.getsockname()[1]
        return port


def _listener(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # SO_REUSEADDR, as the panel's own server does it: connections that ended a moment ago
    # must not count.
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Two sockets may be bound to one address with SO_REUSEADDR; listening shows the other.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
