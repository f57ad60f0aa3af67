"""`notifier network`: where clients find the server, and what installers tell them of it."""

import typer

from notifier.cli import installer
from notifier.cli.groups import JSON, group
from notifier.cli.opening import asked
from notifier.cli.printing import echo_json, echo_table
from notifier.core.network.listening import Way

app = group("Show where clients find the server; name installers.")
app.add_typer(installer.app)


@app.command(epilog="Example: notifier network addresses --json")
def addresses(as_json: bool = JSON) -> None:
    """List where the server listens, and what clients try.

    Clients try the external addresses as they are listed, then the internal ones that another
    machine can reach: no loopback and no link-local address. "Listen on all" is spelled out: every
    address of every interface of this machine, virtual ones too. This machine is the one where the
    command runs, as it sees itself; in a container that is the container, unless it shares its
    host's network. Names are looked up for the scope and the interface; an address whose scope is
    not known has none printed. Other services read the same in the Redis key notifier:network,
    written by the listener.
    """
    ways = asked(lambda admin: admin.network.ways(ask_dns=True))
    if as_json:
        echo_json(ways)
        return
    echo_table(
        ("address", "port", "kind", "interface", "scope", "tried"),
        map(_row, ways.addresses),
    )
    typer.echo(f"web: {ways.web_url}")


def _row(way: Way) -> tuple[object, ...]:
    return way.host, way.port, way.kind, way.interface, way.scope, way.place
