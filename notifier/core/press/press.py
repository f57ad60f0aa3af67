"""The press: letters as bytes, as `as_bytes(compose(…))` says them, in a tenth of its time."""

from collections.abc import MutableMapping
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from notifier.core.delivery import Delivery
from notifier.core.letters import compose
from notifier.core.mime import as_bytes
from notifier.core.notice import Notice
from notifier.core.press.galleys import Galley
from notifier.core.press.imposing import Stone
from notifier.core.press.plates import Plate
from notifier.core.settings import Settings
from notifier.core.wording.stencil import Unfit
from notifier.core.wording.template import Template

# Plates that are kept, of 20 kB each. A list whose people read more languages in more zones than
# that has some of them made again, in a fifth of a millisecond.
PLATES: Final = 256

# Templates that are kept set: all kinds in all languages that we ship.
_GALLEYS: Final = 192

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class _Standing(NamedTuple):
    """A plate, or that there can be none, with what it was made for: its identity is the key."""

    plate: Plate | None
    notice: Notice
    settings: Settings
    template: Template


class Press:
    """Writes letters; remembers what those about one notice have in common."""

    def __init__(self) -> None:
        self._plates: dict[tuple[object, ...], _Standing] = {}
        self._stones: dict[int, tuple[Stone | None, Template]] = {}

    @property
    def plates(self) -> int:
        """Give how many plates are kept."""
        return len(self._plates)

    def written(
        self,
        notice: Notice,
        delivery: Delivery,
        template: Template,
        settings: Settings,
        *,
        now: datetime,
    ) -> bytes:
        """Give the letter of `delivery` about `notice` as bytes, ready for DATA.

        What a template saved later or other settings say is never taken from here: plates are
        known by the very objects that they were made from.
        """
        recipient = delivery.recipient
        key = (
            id(notice),
            id(template),
            id(settings),
            recipient.language,
            recipient.time_zone,
            delivery.conference,
            bool(recipient.unique_link),  # whose have one have signed up
        )
        standing = self._plates.get(key)
        if standing is None or (standing.plate and standing.plate.outdated(now)):
            plate = self._plate(notice, delivery, template, settings, now=now)
            standing = _Standing(plate, notice, settings, template)
            _keep(self._plates, key, standing, limit=PLATES)
        if standing.plate:
            try:
                return standing.plate.printed(delivery)
            except Unfit:
                pass  # what is odd about it is this one letter's
        return as_bytes(compose(notice, delivery, template, settings, now=now))

    def _plate(
        self,
        notice: Notice,
        delivery: Delivery,
        template: Template,
        settings: Settings,
        *,
        now: datetime,
    ) -> Plate | None:
        stone = self._set(template)
        try:
            return Plate(notice, delivery, stone, settings, now=now) if stone else None
        except Unfit:
            return None

    def _set(self, template: Template) -> Stone | None:
        found = self._stones.get(id(template))
        if found is None:
            found = _stone(template), template
            _keep(self._stones, id(template), found, limit=_GALLEYS)
        return found[0]


def _stone(template: Template) -> Stone | None:
    try:
        return Stone(Galley(template))
    except Unfit:
        return None


def _keep(kept: MutableMapping[_Key, _Kept], key: _Key, value: _Kept, *, limit: int) -> None:
    """Keep one more, the last in order; the first is let go where there are too many."""
    kept.pop(key, None)
    if len(kept) >= limit:
        del kept[next(iter(kept))]
    kept[key] = value
