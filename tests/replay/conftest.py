"""An office for the replays."""

from tests.office import office, redis_url, server

__all__ = ["office", "redis_url", "server"]
