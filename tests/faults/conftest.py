"""One Redis for the faults that need no trouble of its own."""

from tests.office import office, redis_url, server

__all__ = ["office", "redis_url", "server"]
