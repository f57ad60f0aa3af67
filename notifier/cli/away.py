"""A Redis that does not do what was asked, in one sentence for whoever sits at the terminal."""

from notifier.adapters.connection import without_password
from notifier.adapters.embedded import EmbeddedRedis
from notifier.config import Config


def redis_url(config: Config) -> str:
    """Give the Redis of this deployment: the one named, else the one of our own."""
    return config.redis_url or EmbeddedRedis(config.data).url


def away(config: Config, fault: BaseException) -> str:
    """Say what Redis does not do, and what to do about it."""
    where = without_password(redis_url(config))
    if config.redis_url is None:
        return (
            f"the embedded Redis at {where} does not answer ({fault}); start it with "
            "`notifier up`, or name a running Redis in NOTIFIER_REDIS_URL."
        )
    return (
        f"Redis at {where} does not do what was asked ({fault}); see that it runs and lets us in, "
        "or correct NOTIFIER_REDIS_URL."
    )
