"""`notifier network`: where clients find the server, and what installers tell them of it."""

from notifier.cli import installer
from notifier.cli.groups import group

app = group("Show where clients find the server; name installers.")
app.add_typer(installer.app)
