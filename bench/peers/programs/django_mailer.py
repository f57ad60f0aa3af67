"""django-mailer: mails are rows, which `send_mail` sends one after the other."""

import sys
import time
from pathlib import Path

import django
import letter
import sqlite
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command

# Its manual lets cron start the command every minute; here it comes round sooner (seconds).
PAUSE_SECONDS = 0.2

settings.configure(
    INSTALLED_APPS=["mailer"],
    DATABASES={"default": sqlite.DATABASE},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_BACKEND="mailer.backend.DbBackend",
    EMAIL_HOST=letter.HOST,
    EMAIL_PORT=letter.PORT,
    USE_TZ=True,
)
django.setup()


def built(address: str) -> EmailMultiAlternatives:
    made = EmailMultiAlternatives(
        letter.SUBJECT, letter.TEXT, letter.SENDER, [letter.person(address)]
    )
    made.attach_alternative(letter.HTML, "text/html")
    made.attach_alternative(letter.CALENDAR, "text/calendar; method=REQUEST")
    return made


match sys.argv[1:]:
    case ["prepare"]:
        call_command("migrate", verbosity=0)
    case ["hand", count, name]:
        letter.timed(lambda to: built(to).send(), letter.addresses(count, name))
    case ["fill", count, name]:
        mail.get_connection().send_messages([built(to) for to in letter.addresses(count, name)])
    case ["mend"]:
        # Killed, it leaves its lock, and each next start says so and ends: somebody removes it.
        Path("send_mail.lock").unlink(missing_ok=True)
    case ["send"]:
        while True:
            call_command("send_mail", verbosity=0)
            time.sleep(PAUSE_SECONDS)
