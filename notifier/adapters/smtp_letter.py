"""One letter over one open connection: envelope, fence, body; and what the replies make of it."""

from notifier import crash_points
from notifier.adapters.smtp_envelope import Command, Passage
from notifier.adapters.smtp_line import Line, Silence, Waits
from notifier.adapters.smtp_pipelining import Leave, lost, mixed
from notifier.adapters.smtp_pool import Pool
from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.core.replies import Phase, Reply, Verdict, judge
from notifier.core.wire import stuffed
from notifier.crash_points import Point
from notifier.ports.mail import Fence


async def hand_over(passage: Passage, line: Line, fence: Fence, pool: Pool) -> Outcome:
    """Send one letter. Whatever is in doubt afterwards closes the line.

    1. Is there a reason not to begin (address, size, characters)?
    2. MAIL, RCPT, DATA until the server says 354; they may have left already.
    3. The fence: the last look. A no costs the connection, as DATA cannot be taken back.
    4. The body, and the one reply that counts.
    """
    if passage.answers is None:
        unfit = passage.misfit(line.offers)
        if unfit is not None:
            return unfit
        passage.address(line)
        turned = await _begin(passage, line, pool)
    else:
        turned = await _open_the_way(passage, line, pool.waits)
        if line.late and not passage.answers.replies:
            pool.ahead.trust.broken()
    if turned is not None:
        return turned
    reason = await fence()
    if reason is not None:
        line.abort()
        return Stopped(reason)
    return await _give_body(passage, line, pool)


async def _begin(passage: Passage, line: Line, pool: Pool) -> Outcome | None:
    """Write the envelope: in one group if the server offers that and keeps to it, or one by one."""
    leave = pool.in_groups.leave() if line.offers.pipelining else Leave.NO
    if leave is Leave.NO:
        return await _open_the_way(passage, line, pool.waits)
    most = pool.habits.suspect_after if leave is Leave.TRIAL else float("inf")
    waits = [min(command.wait, most) for command in passage.commands(pool.waits)]
    turned: Outcome | None = None
    try:
        # One round trip instead of three (RFC 2920); the answers come in order.
        passage.answers = line.ask(passage.envelope, *waits)
        turned = await _open_the_way(passage, line, pool.waits)
    except Silence as silence:
        pool.in_groups.undecided()
        return _unheard(Phase.MAIL, silence)
    except BaseException:
        pool.in_groups.undecided()
        raise
    if turned is None:
        pool.in_groups.kept()
    else:
        _assess(passage, line, pool, leave)
    return turned


def _assess(passage: Passage, line: Line, pool: Pool, leave: Leave) -> None:
    """Ask whether it was the group, and not the letter, that the server did not bear.

    Then the letter is tried once more over another line, one by one, as nothing of it has left; but
    not where most of the group was answered: that may be about the letter.
    """
    assert passage.answers is not None
    replies, trust = passage.answers.replies, pool.in_groups
    trial = leave is Leave.TRIAL
    # A RSET before the envelope is not part of what is looked at.
    said = replies[len(passage.answers.waits) - 3 :]
    if mixed(said):
        passage.suspicious = True
    elif line.cut and not trial:
        return
    elif line.cut or line.late:
        hasty = (
            line.late
            and passage.commands(pool.waits)[len(replies)].wait > pool.habits.suspect_after
        )
        passage.suspicious = trial and (hasty or (line.cut and len(said) < 2))
    elif passage.answers.whole and not lost(said):
        trust.kept()
        return
    elif replies and replies[-1].code >= 400 and not lost(said):
        trust.undecided()
        return
    trust.broken()


async def _open_the_way(passage: Passage, line: Line, waits: Waits) -> Outcome | None:
    """Ask for leave to send the body; None is leave, an Outcome is why not."""
    group = passage.answers
    if group is not None and await group.granted():
        passage.mail_accepted = True
        return None
    turned: Outcome | None = None
    for command in passage.commands(waits):
        try:
            answers = line.ask(command.words, command.wait) if group is None else group
            reply = await answers.reply()
        except Silence as silence:
            return turned or _unheard(command.phase, silence)
        turned = _weighed(passage, line, command, reply, turned)
        if turned is not None and (group is None or line.fault):
            return turned
    return turned


def _weighed(
    passage: Passage, line: Line, command: Command, reply: Reply, turned: Outcome | None
) -> Outcome | None:
    """Give what has turned us away so far, this reply included."""
    if turned is not None:
        if command.phase is Phase.DATA and reply.code == 354:
            # Recipient refused, yet it wants a body: a lone dot could become an empty mail.
            line.abort()
        return turned
    judgement = judge(command.phase, reply)
    if judgement.verdict is Verdict.ACCEPTED:
        passage.mail_accepted = passage.mail_accepted or command.words.startswith(b"MAIL")
        return None
    outcome = outcome_of(command.phase, reply)
    if isinstance(outcome, Unreachable) or _lost_each_other(judgement.verdict, reply):
        line.abort()
    return outcome


def _lost_each_other(verdict: Verdict, reply: Reply) -> bool:
    """Tell whether the two sides no longer talk about the same command."""
    return reply.code == 503 or verdict is Verdict.SENSELESS


async def _give_body(passage: Passage, line: Line, pool: Pool) -> Outcome:
    """Send the body and wait for the one reply that counts.

    The envelope of a letter that waits for a line goes in the same write (RFC 2920 §3.1): between
    two bodies lies one round trip.
    """
    if line.fault:
        # Cut while we looked at the ledger: nothing of the body has left.
        return _unheard(Phase.DATA, Silence(line.fault))
    line.half_open = False
    try:
        answers = pool.ahead.give(line, stuffed(passage.content))
        crash_points.at(Point.BODY_GIVEN)
        reply = await answers.reply()
        pool.ahead.answered(line)
    except Silence as silence:
        return _unheard(Phase.BODY, silence)
    outcome = outcome_of(Phase.BODY, reply)
    if isinstance(outcome, Unreachable | Unanswered):
        line.abort()
    return outcome


def outcome_of(phase: Phase, reply: Reply) -> Outcome:
    """Say what becomes of the letter; Accepted before the body means: go on."""
    judgement = judge(phase, reply)
    match judgement.verdict:
        case Verdict.ACCEPTED:
            return Accepted(str(reply))
        case Verdict.LATER:
            return Deferred(str(reply), judgement.retry_after_seconds)
        case Verdict.REFUSED:
            return Refused(str(reply), judgement.bad_address, judgement.policy)
        case Verdict.SYSTEM:
            return Unreachable(f"the answer to {phase} was: {reply}")
        case Verdict.SENSELESS:
            return _unheard(phase, Silence(f"it makes no sense: {reply}"))


def _unheard(phase: Phase, silence: Silence) -> Outcome:
    """Say what no definite reply means, by how far we had come.

    Once a recipient is named, the silence may be about this one mail: a letter that makes a server
    hang would otherwise close the road for all the others, again and again.
    """
    detail = f"no definite answer to {phase}: {silence}"
    match phase:
        case Phase.BODY:
            return Unanswered(detail)
        case Phase.RCPT | Phase.DATA:
            return Deferred(detail)
        case Phase.OPENING | Phase.HELLO | Phase.LOGIN | Phase.MAIL:
            return Unreachable(detail)
