"""The peers: how each is driven, and what is said in its favour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

# What a killed worker had reserved comes back after 5 s, see programs/broker.py; the rest is for
# starting and sending (seconds).
CELERY_WAIT_SECONDS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Somebody who sends mails; `wait_seconds` is what a restart needs by its manual, and more."""

    name: str
    program: str
    # The lock file of its environment; without one it runs with our own Python.
    lock: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    # Which Redis it needs: as it comes, or as the notifier's own, which writes before it answers.
    redis: Literal["plain", "durable"] | None = None
    postgres: bool = False
    in_memory: bool = False
    live: bool = False
    mends: bool = False
    waits_long: bool = False
    wait_seconds: float = 5.0
    # What it has more where something is missing then: a start on a busy machine takes its time.
    late_seconds: float = 20.0
    # As many times the mails of the others: else it would be done before anything is measured, or
    # not in the time that there is.
    times: float = 1
    conditions: str


LOOP: Final = Peer(
    name="loop, smtplib",
    program="loop.py",
    conditions="a file of addresses, and a connection for each mail; a restart begins at the top",
)

OURS: Final = Peer(
    name="notifier",
    program="our_notifier.py",
    redis="durable",
    live=True,
    waits_long=True,
    wait_seconds=10,
    times=5,
    conditions=(
        "`notifier up` with 2 worker processes, against a Redis with appendfsync always; "
        "intake: XADD of an event with one person; then one event with all, to a notifier that "
        "runs, so that most of it is heard and planned while the first mails leave; five times as "
        "many mails as the others; letters are made for each person; a lease of a worker that was "
        "killed is over after 1 or 15 minutes, what may have arrived waits for 15 more: both are "
        "aged instead of waited for"
    ),
)

PEERS: Final = (
    OURS,
    LOOP,
    Peer(
        name="Celery task, smtplib",
        program="celery_task.py",
        lock="celery.lock",
        redis="plain",
        wait_seconds=CELERY_WAIT_SECONDS,
        conditions=(
            "`delay` for each mail, a worker with 2 processes, tasks acknowledged before they run "
            "(the default)"
        ),
    ),
    Peer(
        name="Celery task, acks_late",
        program="celery_task.py",
        lock="celery.lock",
        variables={"PEERS_LATE": "1"},
        redis="plain",
        wait_seconds=CELERY_WAIT_SECONDS,
        conditions="the same with acks_late and reject_on_worker_lost, as its manual has it",
    ),
    Peer(
        name="django-celery-email",
        program="django_celery_email.py",
        lock="django-celery-email.lock",
        redis="plain",
        wait_seconds=CELERY_WAIT_SECONDS,
        conditions=(
            "intake: `send()` of one mail; else `send_messages` of all, ten mails to a task "
            "(the default), a worker with 2 processes"
        ),
    ),
    Peer(
        name="django-post_office",
        program="django_post_office.py",
        lock="django-post-office.lock",
        conditions=(
            "SQLite; intake: `mail.send`; else `send_many` of all, which takes no attachments, so "
            "without the calendar entry; 2 processes of 10 threads, batches of 1000; "
            "`send_queued_mail` again 0.2 s after it ended instead of every minute"
        ),
    ),
    Peer(
        name="django-mailer",
        program="django_mailer.py",
        lock="django-mailer.lock",
        mends=True,
        conditions=(
            "SQLite; `send_mail` again 0.2 s after it ended instead of every minute; killed, it "
            "leaves a lock that keeps it from sending until somebody removes it: removed at once"
        ),
    ),
    Peer(
        name="pretix",
        program="with_pretix.py",
        lock="pretix.lock",
        redis="plain",
        postgres=True,
        waits_long=True,
        times=0.1,
        # Its start alone takes seconds.
        wait_seconds=CELERY_WAIT_SECONDS + 10,
        conditions=(
            "PostgreSQL, for on SQLite its workers lock each other out; `mail_send` with a letter "
            "that is ready, where its `mail` would render one; a worker with 2 processes; a tenth "
            "of the mails; what was in flight, or is queued without a task, is taken up again "
            "after an hour: the rows are aged instead of waited for"
        ),
    ),
    Peer(
        name="nodemailer pool",
        program="nodemailer_pool.mjs",
        lock="package-lock.json",
        in_memory=True,
        conditions=(
            "20 connections; the queue is in the memory of the process, so its intake is a call, "
            "and what is not sent when it is killed is gone"
        ),
    ),
    Peer(
        name="BullMQ, nodemailer",
        program="bullmq_nodemailer.mjs",
        lock="package-lock.json",
        redis="plain",
        # The lock of a job ends after 30 s, and every 30 s is looked for stalled ones: the first
        # look marks them, the next takes them up, and one may be left out if it comes too early.
        wait_seconds=65,
        late_seconds=70,
        conditions=(
            "intake: `add`; else `addBulk`; one worker with 20 jobs side by side and a pool of as "
            "many connections; stalled jobs are taken up after 60 s, or somewhat later"
        ),
    ),
)
