"""A Celery task for each mail, which connects, sends and closes: the usual advice.

Tasks are acknowledged before they run, as is Celery's habit; with PEERS_LATE=1 after it, as its
manual says for tasks that may run twice.
"""

import os
import smtplib
import sys

import broker
import letter
from celery import Celery

LATE = os.environ.get("PEERS_LATE") == "1"

app = Celery("celery_task", broker=letter.REDIS_URL)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=LATE,
    task_reject_on_worker_lost=LATE,
    broker_transport_options=broker.TRANSPORT,
)


@app.task
def tell(address: str) -> None:
    with smtplib.SMTP(letter.HOST, letter.PORT) as server:
        server.send_message(letter.message(address))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hand", count, name]:
            letter.timed(tell.delay, letter.addresses(count, name))
        case ["fill", count, name]:
            for each in letter.addresses(count, name):
                tell.delay(each)
        case ["send"]:
            app.worker_main(
                ["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"]
            )
