"""One function for each line worth telling: ids, kinds and outcomes, never an address (P6)."""

import logging
import sys
from types import TracebackType
from typing import Any, Final, Literal

from notifier.core.delivery import Delivery, State
from notifier.core.events import Event, Rejected
from notifier.core.notice import Notice
from notifier.core.suppression import Suppression
from notifier.lines import JsonLines, TextLines, trail

_log: Final = logging.getLogger("notifier")


def set_up(style: Literal["text", "json"], level: str) -> None:
    """Write log lines to standard error, as text for people or as one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    # No line names a thread or a process; asking for them costs a third of a record.
    for asked in ("logThreads", "logProcesses", "logMultiprocessing"):
        setattr(logging, asked, False)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    sys.excepthook = _end_in_a_line
    # Chatty neighbours: one line a task or a connection tells nobody anything.
    celery = ("celery.worker.strategy", "celery.app.trace", "celery.beat")
    for noisy in ("aiosmtplib", "mail.log", "kombu", *celery):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def heard(event: Event, verdict: str, deliveries: int) -> None:
    """An event was applied."""
    _tell(
        "heard",
        event=event.key,
        type=event.type,
        verdict=verdict,
        deliveries=deliveries,
        traceparent=event.traceparent,
    )


def behind(event: Event) -> None:
    """A publisher speaks of an earlier revision than it did before, as one restored from a backup.

    Its changes tell nobody until it has passed the revision that we know.
    """
    _tell("publisher is behind", logging.WARNING, event=event.key, source=event.source)


def heard_again(event: Event, answer: str) -> None:
    """An event came a second time and changed nothing."""
    _tell("heard again", event=event.key, type=event.type, answer=answer)


def rejected(entry: str, fault: Rejected) -> None:
    """A stream entry was not an event and lies in `notifier:rejected` now."""
    _tell("rejected", logging.WARNING, entry=entry, path=fault.path, reason=fault.reason)


def failed_to_apply(entry: str, fault: BaseException) -> None:
    """An event could not be applied for a reason of ours; it stays and is tried again."""
    _tell_fault("failed to apply", fault, entry=entry)


def nothing_to_remind_of(conference: str, fault: str) -> None:
    """A conference was due of which nothing is known, or nothing that can be read any more."""
    _tell("nothing to remind of", logging.ERROR, conference=conference, fault=fault or None)


def failed_to_remind(conference: str, fault: BaseException) -> None:
    """When a conference reminds could not be computed; it is tried again an hour later."""
    _tell_fault("failed to remind", fault, conference=conference)


def unreadable_notice(notice: str, fault: str) -> None:
    """A notice, or its list, cannot be read by this version of the program; all others go on."""
    _tell("unreadable notice", logging.ERROR, notice=notice, fault=fault)


def unreadable_memory(delivery: str, fault: str) -> None:
    """What is remembered cannot be read, so that nobody knows whether a letter is still true."""
    _tell("unreadable memory", logging.ERROR, delivery=delivery, fault=fault)


def failed_to_commit(entry: str, fault: Exception) -> None:
    """Redis would not write what an event means; the event stays and is tried again."""
    _tell("failed to commit", logging.ERROR, entry=entry, fault=str(fault))


def spread(notice: Notice, deliveries: int) -> None:
    """A slice of a notice to everyone was planned."""
    _tell("spread", notice=notice.id, kind=notice.kind, deliveries=deliveries)


def reminded(conference: str, notices: int, deliveries: int) -> None:
    """A conference's reminders were due; of a long list, deliveries follow as it is spread."""
    _tell("reminded", conference=conference, notices=notices, deliveries=deliveries)


def missed_start(conference: str, notices: int) -> None:
    """Nobody looked between a reminder's moment and the start: it is recorded, and not sent."""
    _tell("missed the start", logging.WARNING, conference=conference, notices=notices)


def accepted(delivery: Delivery, receipt: str, notice: Notice) -> None:
    """The mail server took a letter."""
    _tell(
        "accepted",
        delivery=delivery.id,
        kind=delivery.kind,
        conference=delivery.conference,
        reply=receipt,
        traceparent=notice.traceparent,
    )


def not_accepted(delivery: Delivery, reason: str) -> None:
    """An attempt ended otherwise: later, never, overtaken or in doubt.

    That something newer is told instead is how it should be, and no reason to wake anybody.
    """
    _tell(
        "not accepted",
        logging.INFO if delivery.state is State.SUPERSEDED else logging.WARNING,
        delivery=delivery.id,
        kind=delivery.kind,
        state=delivery.state,
        reason=reason,
        attempts=delivery.attempts,
    )


def suppressed(delivery: Delivery, found: Suppression) -> None:
    """A server said that nobody lives at the address of a delivery."""
    _tell("suppressed", delivery=delivery.id, status=found.status, until=f"{found.until:%Y-%m-%d}")


def lease_over(delivery: Delivery) -> None:
    """A worker was not heard of again."""
    _tell(
        "lease over",
        logging.WARNING,
        delivery=delivery.id,
        kind=delivery.kind,
        state=delivery.state,
    )


def failed_to_deliver(delivery: Delivery, fault: BaseException) -> None:
    """An attempt broke for a reason of ours; its lease will free it."""
    _tell_fault("failed to deliver", fault, delivery=delivery.id)


def failed_to_render(delivery: Delivery, fault: BaseException) -> None:
    """A letter could not be written; what the fault says may hold what people said (P6)."""
    _tell_fault("failed to render", fault, delivery=delivery.id, kind=delivery.kind)


def failed_to_answer(method: str, fault: BaseException) -> None:
    """A question to the API broke for a reason of ours."""
    _tell_fault("failed to answer", fault, method=method)


def installer_key_made(number: int) -> None:
    """Names of installers are sealed with a new key from now on; it is told by its number."""
    _tell("installer key made", key=number)


def federation_changed(hand: str, act: str, /, **facts: object) -> None:
    """Somebody has changed with whom we talk, at the command line or by the API."""
    _tell("federation changed", by=hand, act=act, **facts)


def not_recorded(delivery: Delivery, fault: str) -> None:
    """The ledger did not take how an attempt ended; the journal on this machine keeps it."""
    _tell("not recorded", logging.WARNING, delivery=delivery.id, state=delivery.state, fault=fault)


def not_kept(delivery: Delivery, fault: OSError) -> None:
    """The journal could not be written either: the ledger will call this delivery in doubt."""
    _tell("not kept", logging.ERROR, delivery=delivery.id, state=delivery.state, fault=str(fault))


def not_settled(delivery: Delivery, fault: BaseException) -> None:
    """The ledger will not take what waits in the journal, for a reason of ours."""
    _tell_fault("not settled", fault, delivery=delivery.id, state=delivery.state)


def settled(delivery: Delivery) -> None:
    """The ledger has got what waited in the journal."""
    _tell("settled", delivery=delivery.id, state=delivery.state)


def unreadable_journal(file: str, fault: Exception) -> None:
    """A file of the journal makes no sense; it is put aside."""
    _tell("unreadable journal", logging.ERROR, file=file, fault=str(fault))


def template_fault(file: str, fault: str, meant: str | None, used: str) -> None:
    """An administrator's template is broken; the last good or the shipped one is used."""
    _tell("template fault", logging.WARNING, file=file, fault=fault, meant=meant, used=used)


def index_outdated(zones: str) -> None:
    """The due index was made with another time zone database or by older rules."""
    _tell("index made anew", zones=zones)


def index_mended(conference: str, was: str, ought: str) -> None:
    """An entry of the due index was wrong though nothing has changed: that should never happen."""
    _tell("index mended", logging.ERROR, conference=conference, was=was, due=ought)


def index_mended_further(conferences: int) -> None:
    """So many more entries of the same page were wrong, as after the loss of the whole index."""
    _tell("index mended", logging.ERROR, further_conferences=conferences)


def road(road: int, stand: str, *, cause: str, pause_seconds: float | None) -> None:
    """A road to a mail server is closed, is tried again, or works again."""
    level = logging.WARNING if pause_seconds is not None else logging.INFO
    pause = None if pause_seconds is None else f"{pause_seconds:.1f}"
    _tell("road", level, road=road, stand=stand, cause=cause, pause=pause)


def reputation_at_risk(road: int, refused: int, mails: int, reply: str) -> None:
    """So many mails are refused by policy that it is better to stop than to burn a reputation."""
    _tell("reputation at risk", logging.ERROR, road=road, refused=refused, mails=mails, reply=reply)


def waiting_for(what: str, fault: str) -> None:
    """Something that we need is away; we go on trying."""
    _tell("waiting", logging.WARNING, what=what, fault=fault)


def clock_not_trusted(fault: str) -> None:
    """A clock was set, or runs wrong: nobody is reminded and no lease ends until that is over."""
    _tell("clock not trusted", logging.ERROR, fault=fault)


def clock_trusted() -> None:
    """The clocks agree again with each other and with the time that has passed."""
    _tell("clock trusted")


def group_made_anew() -> None:
    """Somebody removed the group of listeners; the stream is read again from its first entry."""
    _tell("group made anew", logging.ERROR, stream="notifier:events")


def quarantined(reason: str) -> None:
    """Nothing leaves until a person says so; told again and again while it lasts."""
    _tell("in quarantine", logging.ERROR, reason=reason, advice="notifier resume --dry-run")


def started(role: str) -> None:
    """A part of the service is up."""
    _tell("started", role=role)


def stopped(role: str) -> None:
    """A part of the service ended in good order."""
    _tell("stopped", role=role)


def crash_ordered(fault: object) -> None:
    """The deployment wants this process to kill itself; only a test would."""
    _tell("NOTIFIER_FAULT is set: this process will kill itself", logging.WARNING, at=fault)


def _tell(message: str, level: int = logging.INFO, /, **facts: Any) -> None:
    """Write one line; what is None is left out of it.

    The record is made here: `Logger.log` looks through the stack for who calls, 8 µs a line.
    """
    if not _log.isEnabledFor(level):
        return
    record = logging.LogRecord(_log.name, level, __file__, 0, message, (), None)
    record.facts = {name: value for name, value in facts.items() if value is not None}
    _log.handle(record)


def _tell_fault(message: str, fault: BaseException, /, **facts: Any) -> None:
    """Write what broke and where; in which words, only to whoever asks for DEBUG (P6)."""
    _log.error(message, extra={"facts": facts, "trail": trail(fault)})
    _log.debug("in full", exc_info=fault)


def _end_in_a_line(
    kind: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    """Tell what ends a process as everything else is told."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
        return
    _log.critical("ended by a fault", exc_info=(kind, fault, trace))
