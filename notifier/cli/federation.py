"""`notifier federation`: the servers with which people here may talk."""

from notifier.cli import federation_test
from notifier.cli.groups import group

app = group("Try a federated server.")

app.command("test", epilog=federation_test.EXAMPLE)(federation_test.look_for)
