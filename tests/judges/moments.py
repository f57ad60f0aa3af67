"""Moments as foreign programs give them: seconds since 1970."""

from collections.abc import Iterable
from datetime import UTC, datetime


def moments(seconds: Iterable[float]) -> list[datetime]:
    return [datetime.fromtimestamp(each, UTC) for each in seconds]
