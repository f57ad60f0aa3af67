"""How much is measured: the published numbers, or a moment's worth to see that it works."""

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of everything, and how often it is repeated."""

    turns: int
    events: int
    largest_list: int
    lists: tuple[int, ...]
    webinar: int  # people told by one event
    recipients: tuple[int, ...]  # of one event, one size after the other
    warm_up: int  # mails before anything counts: templates compiled, connections open
    singles: int  # events one at a time
    source_mails: int
    naive_mails: int
    conferences: tuple[int, ...]  # in the index, one size after the other
    reminders: int  # due at one moment
    entries: int  # on a list of federation
    peer_turns: int  # how often every peer sends …
    peer_mails: int  # … that many mails
    peer_calls: int  # with which every peer is given one mail each
    soak_seconds: int
    flame_seconds: int


FULL = Scale(
    turns=3,
    events=5000,
    largest_list=10_000,
    lists=(1000, 10_000),
    webinar=100_000,
    recipients=(100, 1000, 10_000, 100_000),
    warm_up=1000,
    singles=1000,
    source_mails=5000,
    naive_mails=400,
    conferences=(1_000, 10_000, 100_000, 1_000_000),
    reminders=20_000,
    entries=10_000,
    peer_turns=2,
    peer_mails=1000,
    peer_calls=300,
    soak_seconds=600,
    flame_seconds=6,
)
QUICK = Scale(
    turns=1,
    events=500,
    largest_list=1000,
    lists=(100, 300),
    webinar=1000,
    recipients=(100, 1000),
    warm_up=100,
    singles=20,
    source_mails=500,
    naive_mails=40,
    conferences=(1_000, 10_000),
    reminders=1_000,
    entries=1_000,
    peer_turns=1,
    peer_mails=100,
    peer_calls=20,
    soak_seconds=10,
    flame_seconds=3,
)
