"""One Redis for faults that need no trouble of their own; a clock and a stage for the others."""

from tests.faults.ticking import clock, opened
from tests.office import office, redis_url, server

__all__ = ["clock", "office", "opened", "redis_url", "server"]
