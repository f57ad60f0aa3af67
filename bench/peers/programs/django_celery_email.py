"""django-celery-email: Django's mails become Celery tasks, ten mails each if sent together."""

import sys

import broker
import django
import letter
from celery import Celery
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives

settings.configure(
    INSTALLED_APPS=["djcelery_email"],
    EMAIL_BACKEND="djcelery_email.backends.CeleryEmailBackend",
    EMAIL_HOST=letter.HOST,
    EMAIL_PORT=letter.PORT,
    USE_TZ=True,
)
django.setup()

app = Celery("django_celery_email", broker=letter.REDIS_URL)
app.conf.update(broker_transport_options=broker.TRANSPORT)
app.set_default()
app.autodiscover_tasks(["djcelery_email"], force=True)


def built(address: str) -> EmailMultiAlternatives:
    made = EmailMultiAlternatives(
        letter.SUBJECT, letter.TEXT, letter.SENDER, [letter.person(address)]
    )
    made.attach_alternative(letter.HTML, "text/html")
    made.attach_alternative(letter.CALENDAR, "text/calendar; method=REQUEST")
    return made


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hand", count, name]:
            letter.timed(lambda to: built(to).send(), letter.addresses(count, name))
        case ["fill", count, name]:
            mail.get_connection().send_messages([built(to) for to in letter.addresses(count, name)])
        case ["send"]:
            app.worker_main(
                ["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip"]
            )
