"""A Redis that does not do what was asked, in one sentence for whoever sits at the terminal."""

from notifier.adapters.connection import without_password
from notifier.config import Config
from notifier.deployment import redis_url
from notifier.reaching.faults import told


def away(config: Config, fault: BaseException) -> str:
    """Say what Redis does not do, and what to do about it."""
    where = without_password(redis_url(config))
    if config.redis_url is None:
        return (
            f"the embedded Redis at {where} does not answer ({fault}); start it with "
            "`notifier up`, or name a running Redis in NOTIFIER_REDIS_URL."
        )
    if known := told(fault):
        return f"Redis at {where} does not do what was asked: {known.found}; {known.advice}."
    return (
        f"Redis at {where} does not do what was asked ({fault}); see that it runs and lets us in, "
        "or correct NOTIFIER_REDIS_URL."
    )
