"""Whether clocks run as they should: two that can be set, against one that nobody can."""

from typing import Final

import msgspec

# What a time server corrects in one go stays far below; leases are a minute at least (seconds).
LARGEST_STEP: Final = 60.0
# Looks in a row that must find nothing wrong before clocks are trusted again.
LOOKS_TO_TRUST: Final = 3
# Both clocks, if they agree, are believed after so long though they are ahead of what they should
# be: a machine that slept unknown to its steady clock. A date that somebody mistyped is put right
# sooner, before tomorrow's reminders leave today (seconds).
AHEAD_BELIEVED_AFTER: Final = 300.0


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Three clocks at one moment (seconds): two tell the time, the third how much has passed.

    Redis's answer may be as old as we waited for it.
    """

    redis: float
    own: float
    steady: float
    waited: float = 0.0


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What the looks so far have shown; a process that starts trusts clocks that agree.

    `sure` is the last look that found nothing wrong: from it the time goes on by the steady clock
    where ours has jumped. `moved` is the first of those that found both clocks, in agreement, at
    another time than they should tell, and `stayed` how many more found them there. `former` is the
    last sure one before such a time was believed.
    """

    last: Look | None = None
    sure: Look | None = None
    former: Look | None = None
    moved: Look | None = None
    stayed: int = 0
    good: int = LOOKS_TO_TRUST
    fault: str = ""

    @property
    def trusted(self) -> bool:
        """Whether what is due may be taken for due, and what is over for over."""
        return self.good >= LOOKS_TO_TRUST


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """What time it is, and between which times it could be (unix seconds).

    The three are one while two clocks of three agree: ours and the steady one, or, where ours has
    jumped, Redis's and the steady one. A jump of both that can be set leaves a doubt.
    """

    time: float
    earliest: float
    latest: float


def looked(watch: Watch, look: Look) -> Watch:
    """Give the watch after one more look."""
    apart = _apart(look)
    if abs(apart) > LARGEST_STEP:
        fault = f"the clock of Redis is {_by(apart)} ours"
        return Watch(last=look, sure=watch.sure, former=watch.former, good=0, fault=fault)
    jump = _jump(watch.sure, look)
    if abs(jump) <= LARGEST_STEP:
        good = min(watch.good + 1, LOOKS_TO_TRUST)
        return Watch(
            last=look,
            sure=look,
            former=watch.former,
            good=good,
            fault="" if good == LOOKS_TO_TRUST else watch.fault,
        )
    return _moved(watch, look, jump)


def runs_true(watch: Watch, own: float, steady: float) -> bool:
    """Tell whether our clock has gone on as it should since the last look that found it sure.

    Nothing is in doubt then: it is asked six times for each letter, and answers for a third.
    """
    sure = watch.sure
    return sure is not None and abs(own - sure.own - steady + sure.steady) <= LARGEST_STEP


def present(watch: Watch, *, own: float, steady: float) -> Present:
    """Give the time: our clock's, or where that has jumped, what it would tell if it had not."""
    if runs_true(watch, own, steady):
        return _between(own, own)
    if watch.sure is None:
        return _between(own, _by_redis(watch, own, steady))
    told = watch.sure.own + steady - watch.sure.steady
    return _between(told, told if _ours_alone_jumped(watch.sure, watch.last) else own)


def _ours_alone_jumped(sure: Look, last: Look | None) -> bool:
    """Tell whether Redis's clock has been seen to go on as it should, and ours not."""
    if last is None or abs(_jump(sure, last)) <= LARGEST_STEP:
        return False
    told = sure.own + last.steady - sure.steady
    return abs(last.redis - told) <= LARGEST_STEP


def _by_redis(watch: Watch, own: float, steady: float) -> float:
    """Give the time by Redis's clock, which has never agreed with ours."""
    return watch.last.redis + steady - watch.last.steady if watch.last else own


def _between(time: float, other: float) -> Present:
    return Present(time=time, earliest=min(time, other), latest=max(time, other))


def _moved(watch: Watch, look: Look, jump: float) -> Watch:
    """Go on where both tell another time than they should: somebody set them, or they slept.

    What is behind makes nothing early, and is believed after some looks; what is ahead, later,
    unless they were only put back to where they were before.
    """
    stays = watch.moved is not None and abs(_jump(watch.moved, look)) <= LARGEST_STEP
    since = watch.moved if stays and watch.moved else look
    stayed = watch.stayed + 1 if stays else 0
    returned = watch.former is not None and abs(_jump(watch.former, look)) <= LARGEST_STEP
    awaited = AHEAD_BELIEVED_AFTER if jump > 0 and not returned else 0.0
    if stayed >= LOOKS_TO_TRUST and look.steady - since.steady >= awaited:
        return Watch(last=look, sure=look, former=watch.sure)
    return Watch(
        last=look,
        sure=watch.sure,
        former=watch.former,
        moved=since,
        stayed=stayed,
        good=0,
        fault=f"the clock has jumped: it is {_by(jump)} what it should be",
    )


def _apart(look: Look) -> float:
    """Give by how much Redis's clock is ahead of ours at least; below 0: behind."""
    ahead = look.redis - look.own
    return ahead if ahead > 0 else min(ahead + look.waited, 0.0)


def _jump(since: Look | None, look: Look) -> float:
    """Give by how much our clock is ahead of what it should tell by an earlier look."""
    return look.own - since.own - (look.steady - since.steady) if since else 0.0


def _by(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
