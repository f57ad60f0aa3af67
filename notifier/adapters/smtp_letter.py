"""One letter over one open connection: envelope, fence, body; and what the replies make of it."""

import re
from typing import Final

import msgspec

from notifier import crash_points
from notifier.adapters.smtp_line import Line, Offers, Silence, Waits
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
from notifier.crash_points import Point
from notifier.ports.mail import Fence, Letter

# Spaces, brackets and controls would end the address on the command line and begin something else.
_ADDRESS: Final = re.compile(r"[^\x00-\x20\x7f-\x9f<>]+@[^\x00-\x20\x7f-\x9f<>@]+")
_LONE_LINE_END: Final = re.compile(rb"\r\n|\r|\n")

# RFC 5321 §4.5.3.1.3: 256 octets with the angle brackets.
LONGEST_ADDRESS: Final = 254


class Command(msgspec.Struct, frozen=True):
    """One command of the envelope, and how long its answer may take (seconds)."""

    phase: Phase
    words: bytes
    wait: float


async def hand_over(line: Line, letter: Letter, fence: Fence, waits: Waits) -> Outcome:
    """Send one letter. Whatever is in doubt afterwards closes the line.

    1. Is there a reason not to begin (address, size, characters)?
    2. MAIL, RCPT, DATA until the server says 354.
    3. The fence: the last look. A no costs the connection, as DATA cannot be taken back.
    4. The body, and the one reply that counts.
    """
    line.mail_accepted = False
    content = wire_form(letter.content)
    unfit = misfit(letter, size=len(content), offers=line.offers)
    if unfit is not None:
        return unfit
    turned = await _open_the_way(line, _envelope(line, letter, len(content), waits))
    if turned is not None:
        return turned
    reason = await fence()
    if reason is not None:
        line.abort()
        return Stopped(reason)
    return await _give_body(line, content, waits.body)


def misfit(letter: Letter, *, size: int, offers: Offers) -> Refused | None:
    """Say why this letter cannot be handed to this server at all, or None."""
    if not _ADDRESS.fullmatch(letter.recipient) or len(letter.recipient) > LONGEST_ADDRESS:
        return Refused("address: the recipient is not a mail address", bad_address=True)
    if letter.sender and not _ADDRESS.fullmatch(letter.sender):
        return Refused("address: the sender is not a mail address")
    if _needs_utf8(letter) and not offers.smtputf8:
        return Refused("smtputf8_required: the server takes only ASCII before the @")
    if not offers.eight_bit and not letter.content.isascii():
        return Refused("8bitmime_required: the server takes only seven-bit letters")
    if offers.size_limit is not None and size > offers.size_limit:
        return Refused(f"too_large: {size} bytes, the server takes {offers.size_limit}")
    return None


def wire_form(content: bytes) -> bytes:
    """Give the letter with every line ended by CRLF; a lone CR or LF smuggles (RFC 5321 §2.3.8).

    A letter that is in order already, as all ours are, is only counted through.
    """
    pairs = content.count(b"\r\n")
    if content.count(b"\n") != pairs or content.count(b"\r") != pairs:
        content = _LONE_LINE_END.sub(b"\r\n", content)
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """Double the dot that opens a line, and put the final one (RFC 5321 §4.5.2)."""
    # Looked for first: copying every letter would cost more than all the rest of a send.
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + b".\r\n"


def _needs_utf8(letter: Letter) -> bool:
    return not (letter.sender.isascii() and letter.recipient.isascii())


def _envelope(line: Line, letter: Letter, size: int, waits: Waits) -> list[Command]:
    """Give the commands up to DATA, behind a RSET where an earlier envelope is still open."""
    options = {
        f" SIZE={size}": line.offers.size_announced,
        " BODY=8BITMIME": line.offers.eight_bit and not letter.content.isascii(),
        " SMTPUTF8": _needs_utf8(letter),
    }
    chosen = "".join(option for option, wanted in options.items() if wanted)
    reset = [Command(Phase.MAIL, b"RSET\r\n", waits.mail)] if line.half_open else []
    return [
        *reset,
        Command(Phase.MAIL, f"MAIL FROM:<{letter.sender}>{chosen}\r\n".encode(), waits.mail),
        Command(Phase.RCPT, f"RCPT TO:<{letter.recipient}>\r\n".encode(), waits.rcpt),
        Command(Phase.DATA, b"DATA\r\n", waits.data),
    ]


async def _open_the_way(line: Line, commands: list[Command]) -> Outcome | None:
    """Ask for leave to send the body; None is leave, an Outcome is why not."""
    line.mails += 1
    line.half_open = True
    pipelining = line.offers.pipelining
    turned: Outcome | None = None
    for number, command in enumerate(commands):
        try:
            if not pipelining:
                line.write(command.words, replies=1)
            elif number == 0:
                # One round trip instead of three (RFC 2920); the answers come in order.
                line.write(b"".join(each.words for each in commands), replies=len(commands))
            reply = await line.reply(command.wait)
        except Silence as silence:
            return turned or _unheard(command.phase, silence)
        turned = _weighed(line, command, reply, turned)
        if turned is not None and (not pipelining or line.fault):
            return turned
    return turned


def _weighed(line: Line, command: Command, reply: Reply, turned: Outcome | None) -> Outcome | None:
    """Give what has turned us away so far, this reply included."""
    if turned is not None:
        if command.phase is Phase.DATA and reply.code == 354:
            # Recipient refused, yet it wants a body: a lone dot could become an empty mail.
            line.abort()
        return turned
    outcome = outcome_of(command.phase, reply)
    if isinstance(outcome, Accepted):
        line.mail_accepted = line.mail_accepted or command.words.startswith(b"MAIL")
        return None
    if isinstance(outcome, Unreachable) or _lost_each_other(command.phase, reply):
        line.abort()
    return outcome


def _lost_each_other(phase: Phase, reply: Reply) -> bool:
    """Tell whether the two sides no longer talk about the same command."""
    return reply.code == 503 or judge(phase, reply).verdict is Verdict.SENSELESS


async def _give_body(line: Line, content: bytes, wait: float) -> Outcome:
    """Send the body and wait for the one reply that counts."""
    if line.fault:
        # Cut while we looked at the ledger: nothing of the body has left.
        return _unheard(Phase.DATA, Silence(line.fault))
    try:
        line.write(stuffed(content), replies=1)
        crash_points.at(Point.BODY_GIVEN)
        reply = await line.reply(wait)
    except Silence as silence:
        return _unheard(Phase.BODY, silence)
    line.half_open = False
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
