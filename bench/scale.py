"""How much is measured: the published numbers, or a moment's worth to see that it works."""

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes of everything, and how often it is repeated."""

    turns: int
    events: int
    largest_list: int
    lists: tuple[int, ...]
    singles: int
    naive_mails: int
    conferences: tuple[int, ...]  # in the index, one size after the other
    reminders: int  # due at one moment
    spread_seconds: int  # over which others fall due
    peer_mails: int  # that every peer sends
    peer_calls: int  # with which every peer is given one mail each


FULL = Scale(
    turns=3,
    events=5000,
    largest_list=10_000,
    lists=(2000, 10_000),
    singles=300,
    naive_mails=400,
    conferences=(1_000, 10_000, 100_000, 1_000_000),
    reminders=20_000,
    spread_seconds=60,
    peer_mails=2000,
    peer_calls=300,
)
QUICK = Scale(
    turns=1,
    events=500,
    largest_list=1000,
    lists=(300,),
    singles=20,
    naive_mails=40,
    conferences=(1_000, 10_000),
    reminders=1_000,
    spread_seconds=5,
    peer_mails=100,
    peer_calls=20,
)
