"""The panel: what the notifier is doing, for a browser and for whoever watches over it."""

import signal
import sys

import uvicorn
from litestar import Litestar

from notifier import log
from notifier.adapters.connection import connect
from notifier.adapters.embedded import EmbeddedRedis
from notifier.administering import NoWake, admin_over
from notifier.config import Config, data_folder
from notifier.deployment import misfit
from notifier.panel.app import create_app
from notifier.wiring import Parts

__all__ = ["create_app", "main"]

# Longer than any page takes (seconds).
LAST_ANSWERS_SECONDS = 5


def main(config: Config) -> int:
    """Serve the panel at the host and port of the deployment until SIGINT or SIGTERM."""
    # uvicorn stops in good order at these two, then raises the signal again for whoever was there
    # before it; that is nobody, and a wished end is no failure.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    log.set_up(config.log, config.log_level)
    if sentence := misfit(config):
        sys.stderr.write(f"notifier panel: {sentence}\n")
        return 1
    uvicorn.run(
        _app(config),
        host=config.panel_host,
        port=config.panel_port,
        # Our own lines, for people or as JSON; uvicorn speaks up only when something is wrong.
        log_config=None,
        log_level="warning",
        # One line for each probe would bury the others.
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=LAST_ANSWERS_SECONDS,
    )
    return 0


def _app(config: Config) -> Litestar:
    """Give the panel; who has no token has no API, and needs neither its parts nor a secret key."""
    if config.api_token is None:
        url = config.redis_url or EmbeddedRedis(data_folder(config)).url
        return create_app(config, connect(url))
    parts = Parts(config, NoWake())
    return create_app(config, parts.client, admin=admin_over(parts, hand="api"))
