"""Celery's Redis, with a patience that a benchmark can wait for.

What a killed worker had reserved comes back after the visibility timeout, by default an hour, and
is looked for every hundred seconds. Both are options of the transport.
"""

TRANSPORT = {
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
