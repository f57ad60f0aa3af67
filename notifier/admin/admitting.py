"""The doctor's look at federation: who takes part, and what is wrong with the list that counts."""

from collections.abc import Iterator

from notifier.admin.look import Look
from notifier.core.federation.mask_findings import WEIGHTY, findings, sentences
from notifier.core.settings import Settings


def admitting(settings: Settings) -> Iterator[Look]:
    """Look at the list that the mode heeds; what only looks untidy is told when it is applied."""
    mode, home = settings.federation.mode, settings.server.domain
    found = findings(settings.federation, home=home, lists=[mode])
    weighty = sentences(each for each in found if each.sort in WEIGHTY)
    for sentence in weighty:
        said, _, advice = sentence.rpartition("; ")
        yield Look(name="federation", status="warn", found=said, advice=advice)
    if not weighty:
        entries = settings.federation.lists.get(mode)
        listed = "nobody elsewhere takes part" if entries is None else f"{len(entries)} on the list"
        yield Look(name="federation", status="ok", found=f"mode {mode}, {listed}")
