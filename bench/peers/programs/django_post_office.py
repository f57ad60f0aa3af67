"""django-post_office: mails are rows, which `send_queued_mail` sends in batches."""

import sys
import time
from pathlib import Path

import django
import letter
import sqlite
from django.conf import settings
from django.core.management import call_command

PROCESSES = 2
# Its manual lets cron start the command every minute; here it comes round sooner (seconds).
PAUSE_SECONDS = 0.2

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    DATABASES={"default": sqlite.DATABASE},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="post_office.EmailBackend",
    EMAIL_HOST=letter.HOST,
    EMAIL_PORT=letter.PORT,
    POST_OFFICE={"THREADS_PER_PROCESS": 10, "BATCH_SIZE": 1000, "LOG_LEVEL": 1},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    USE_TZ=True,
)
django.setup()

from post_office import mail  # noqa: E402 -- its models want Django set up


def asked(address: str) -> dict[str, object]:
    """Give one mail; with a calendar entry `send_many` would refuse it."""
    return {
        "recipients": [address],
        "sender": letter.SENDER,
        "subject": letter.SUBJECT,
        "message": letter.TEXT,
        "html_message": letter.HTML,
    }


match sys.argv[1:]:
    case ["prepare"]:
        call_command("migrate", verbosity=0)
    case ["hand", count, name]:
        letter.timed(lambda to: mail.send(**asked(to)), letter.addresses(count, name))
    case ["fill", count, name]:
        mail.send_many([asked(to) for to in letter.addresses(count, name)])
    case ["send"]:
        while True:
            call_command(
                "send_queued_mail", processes=PROCESSES, lockfile=str(Path("lock").absolute())
            )
            time.sleep(PAUSE_SECONDS)
