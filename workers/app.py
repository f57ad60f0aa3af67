"""The Celery application: a bell that wakes workers. The ledger, not Celery, knows what is owed."""

import os
import sys

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from kombu.entity import Queue

from notifier import crash_points, log
from notifier.adapters.broker import broker
from notifier.config import Config, load
from notifier.deployment import misfit, redis_url
from workers.transport import take_the_place_of_kombu_s

CONFIG: Config = load(os.environ)
crash_points.order(CONFIG.fault)

# One key prefix: one ACL pattern covers all of Celery, and several applications fit into one Redis.
KEY_PREFIX = "notifier:celery:"

take_the_place_of_kombu_s()
BROKER = broker(redis_url(CONFIG))

app = Celery("notifier", broker=BROKER.url)
app.conf.update(
    broker_use_ssl=BROKER.use_ssl,
    broker_transport_options={
        "global_keyprefix": KEY_PREFIX,
        # Longer than any task may run; the ledger recovers what is lost, so nothing to gain below.
        "visibility_timeout": 3600,
        # A restart after a long outage restores in small steps.
        "unacked_restore_limit": 100,
        # Without these a half-open connection hangs a worker for ever.
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
        # A replayed LPUSH is a doubled hint.
        "retry_on_timeout": False,
        **BROKER.options,
    },
    # Redis may be away for longer than the 46 minutes after which Celery gives up by default (P8).
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A full or read-only Redis must not end the worker.
    broker_channel_error_retry=True,
    broker_pool_acquire_timeout=30,
    task_publish_retry_policy={
        "max_retries": 3,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 1,
    },
    # Nothing to leak, nothing to expire.
    result_backend=None,
    task_ignore_result=True,
    # Hints that were not started survive a warm stop.
    task_acks_late=True,
    # One authority over retries: the ledger. A hint that failed is not repeated.
    task_reject_on_worker_lost=False,
    task_retry_on_worker_lost=False,
    task_acks_on_failure=True,
    task_acks_on_timeout=True,
    worker_prefetch_multiplier=1,
    # Killing a child in the middle of DATA makes a doubtful mail; the claim refuses the double.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_enable_prefetch_count_reduction=False,
    # A dead child left no result that could still come; meanwhile its hand would be idle (seconds).
    worker_lost_wait=1.0,
    # A backstop only: every phase of sending has its own deadline.
    task_soft_time_limit=1080,
    task_time_limit=1200,
    worker_max_tasks_per_child=20_000,
    worker_max_memory_per_child=300_000,  # kilobytes
    worker_soft_shutdown_timeout=30,
    # Ids only, as JSON: nothing can be unpickled, nothing personal is on the wire (P6).
    accept_content=["json"],
    task_serializer="json",
    task_protocol=2,
    task_create_missing_queues=False,
    task_queues=[Queue("tick"), Queue("mail")],
    task_default_queue="mail",
    # For Flower.
    worker_send_task_events=True,
    task_send_sent_event=False,
    timezone="UTC",
    enable_utc=True,
    # Our own log lines go to standard error; Celery does not redirect prints.
    worker_redirect_stdouts=False,
    beat_scheduler="schedules.beat:SteadyScheduler",
    beat_max_loop_interval=1,
)


@setup_logging.connect
def set_up_log(**_signal: object) -> None:
    """Write log lines as the deployment wants them, and never crash on order unannounced."""
    log.set_up(CONFIG.log, CONFIG.log_level)
    if CONFIG.fault:
        log.crash_ordered(CONFIG.fault)


@worker_init.connect
def _let_workers_in(**_signal: object) -> None:
    _pass_the_gate("worker")


@beat_init.connect
def _let_beat_in(**_signal: object) -> None:
    _pass_the_gate("beat")


def _pass_the_gate(role: str) -> None:
    """Refuse to work on a Redis that could lose what is owed; one that is away is waited for."""
    sentence = misfit(CONFIG)
    if sentence:
        sys.exit(f"notifier {role}: {sentence}")
