"""Whether what people are told makes sense, against what the notifier has heard, and the truth."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from notifier.core.notice import Kind
from notifier.core.times.schedule import next_occurrence
from tests.faults.publisher_world import (
    PLAN_OF,
    Deed,
    Did,
    Times,
    World,
    begins_after,
    times_of,
    world_after,
)
from tests.faults.readers import TIMED, Reader, Said


def untrue(said: Said, heard: Sequence[Deed]) -> list[str]:
    """Say what was no longer true in a letter when it left, as far as was heard."""
    world = world_after(heard)
    fault = _untrue(said, world, heard)
    return [f"{said.named} left, but {fault} (heard {_numbers(heard)})"] if fault else []


def _untrue(said: Said, world: World, heard: Sequence[Deed]) -> str:
    on_list = said.to in world.people
    if said.kind is Kind.REMOVAL:
        return "they are on the list" if on_list and not _another_life(said, heard) else ""
    if said.kind is Kind.CANCELLATION:
        return _nothing_cancelled(said, heard)
    if said.kind is Kind.REMINDER:
        return _no_reason_to_remind(said, world) if on_list else "they are not on the list"
    if not on_list:
        return "they are not on the list"
    if world.phase not in ("planned", "room"):
        return f"it is {world.phase}"
    right = times_of(world.plan)
    return "" if said.again or said.times == right else f"it is {right}"


def _nothing_cancelled(said: Said, heard: Sequence[Deed]) -> str:
    gone = [each for each in heard if each.did is Did.CANCEL]
    if not gone:
        return "nobody cancelled it"
    lists = [world_after(_up_to(each, heard)).people for each in gone]
    return "" if any(said.to in people for people in lists) else "they were not on its list"


def _another_life(said: Said, heard: Sequence[Deed]) -> bool:
    """Tell whether they were taken off the list of one life, and came to that of the next."""
    ends = [each for each in heard if each.did in (Did.CANCEL, Did.END)]
    removed = [each for each in heard if each.did is Did.REMOVE and each.names(said.to)]
    return any(end.revision > each.revision for end in ends for each in removed)


def _up_to(deed: Deed, heard: Iterable[Deed]) -> list[Deed]:
    return [each for each in heard if each.revision <= deed.revision]


def _no_reason_to_remind(said: Said, world: World) -> str:
    if world.phase != "planned" or world.plan is None:
        return f"it is {world.phase}"
    start = said.occurrence
    if start is None or said.at >= start:
        return "it has begun"
    before = start.fromtimestamp(start.timestamp() - 1, tz=start.tzinfo)
    found = next_occurrence(world.plan, after=before)
    return "" if found and found.start == start else "nothing begins then"


def times_told(deeds: Iterable[Deed], key: str) -> set[Times | None]:
    """Give the times that this person may be told: the present ones.

    Or those that held since somebody last told of times: a silent change tells nobody.
    """
    inorder = sorted(deeds, key=lambda each: each.revision)
    loud = max(
        (at for at, each in enumerate(inorder) if each.did is Did.MOVE or _joins(inorder, at, key)),
        default=0,
    )
    return {times_of(each.plan) for each in inorder[loud:]}


def _joins(inorder: Sequence[Deed], at: int, key: str) -> bool:
    deed = inorder[at]
    if deed.did not in (Did.INVITE, Did.REGISTER) or not deed.names(key):
        return False
    before = world_after(inorder[:at])
    return key not in before.people or before.phase == "cancelled"


def unheralded(reader: Reader, new: Said) -> list[str]:
    """Nobody hears that something is off, or moved, of which they were never told."""
    if new.kind not in (Kind.RESCHEDULE, Kind.CANCELLATION, Kind.REMOVAL):
        return []
    known = {each.thread for each in reader.letters if each.kind in TIMED}
    if new.thread in known:
        return []
    return [f"{new.named} left, but of this they were told nothing ({len(known)} others)"]


def misled(reader: Reader, deeds: Sequence[Deed], *, at: datetime) -> list[str]:
    """Say what is wrong with what somebody believes when all was heard and sent."""
    world = world_after(deeds)
    fault = _misled(reader, deeds, world, at)
    told = ", ".join(each.named for each in reader.told)
    return [f"{reader.key} {fault}; was told {told or 'nothing'}"] if fault else []


def _misled(reader: Reader, deeds: Sequence[Deed], world: World, at: datetime) -> str:
    believed = reader.believes
    if believed is not None and believed.kind not in TIMED:
        believed = None
    on_list = reader.key in world.people
    if world.phase == "planned" and on_list:
        if not world.ahead(at):
            return ""
        if believed is None:
            return "is on the list of what is planned, and does not believe so"
        right = times_told(deeds, reader.key)
        return "" if believed.times in right else f"should believe {right}"
    if believed is None:
        return ""
    if not begins_after(PLAN_OF.get(believed.times), at):
        return ""
    return _left_behind(reader, deeds)


def _left_behind(reader: Reader, deeds: Sequence[Deed]) -> str:
    """Say of what they should have been told, who believe in what is off; before its start alone.

    R21: what was deleted while it ran, or later, is taken back from nobody.
    """
    inorder = sorted(deeds, key=lambda each: each.revision)
    taken = ""
    before = world_after(())
    for at, deed in enumerate(inorder):
        after = world_after(inorder[: at + 1])
        had, has = _takes_part(reader, before), _takes_part(reader, after)
        if has:
            taken = ""
        elif had and before.ahead(deed.at):
            taken = f"was never told of {deed.number}, {deed.did}"
        before = after
    return taken


def _takes_part(reader: Reader, world: World) -> bool:
    return reader.key in world.people and world.phase == "planned"


def _numbers(heard: Iterable[Deed]) -> list[int]:
    return sorted(each.number for each in heard)
