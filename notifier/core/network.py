"""Network settings: where clients find the server (R37, R39–R42)."""

from notifier.core.section import Line, Port, Section


class Endpoint(Section, frozen=True):
    """An address and a port."""

    host: Line
    port: Port = 4307


class Network(Section, frozen=True):
    """Where clients find the server (R37, R39–R42)."""

    listen_on_all: bool = True
    internal: tuple[Endpoint, ...] = ()
    external: tuple[Endpoint, ...] = ()
    web_address: Line = "localhost"
    https_port: Port = 443
