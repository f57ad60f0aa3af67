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


FULL = Scale(
    turns=3, events=5000, largest_list=10_000, lists=(2000, 10_000), singles=300, naive_mails=400
)
QUICK = Scale(turns=1, events=500, largest_list=1000, lists=(300,), singles=20, naive_mails=40)
