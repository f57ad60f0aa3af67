"""pretix's mail service: mails are rows, which tasks of Celery send one by one.

The letters are given to the function that takes ready ones, and not to the one that renders.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import broker
import letter

CONFIGURATION = Path("pretix.cfg").absolute()
ENTRY = "invitation.ics"

os.environ["PRETIX_CONFIG_FILE"] = str(CONFIGURATION)
os.environ["DJANGO_SETTINGS_MODULE"] = "pretix.settings"


def configure() -> None:
    Path("data").mkdir(exist_ok=True)
    CONFIGURATION.write_text(
        f"""
[pretix]
instance_name=Peers
url=http://localhost
datadir={Path("data").absolute()}
[database]
backend=postgresql
name={os.environ["PGDATABASE"]}
user={os.environ["PGUSER"]}
host={os.environ["PGHOST"]}
[mail]
from=conf@example.com
host={letter.HOST}
port={letter.PORT}
[redis]
location={letter.REDIS_URL}
[celery]
broker={letter.REDIS_URL}
backend={letter.REDIS_URL}
broker_transport_options={json.dumps(broker.TRANSPORT)}
""",
        encoding="utf-8",
    )


def make_tables() -> None:
    """Make its tables from its models, as its tests do: its many migrations take minutes."""
    with override_settings(MIGRATION_MODULES={each.label: None for each in apps.get_app_configs()}):
        call_command("migrate", run_syncdb=True, verbosity=0)


def send(address: str) -> None:
    mail_send(
        [address],
        letter.SUBJECT,
        letter.TEXT,
        letter.HTML,
        letter.SENDER,
        organizer=organizer,
        attach_other_files=[ENTRY],
    )


def later() -> None:
    """Do what its watch does every few minutes, as if it were an hour later."""
    hour = timedelta(hours=1, minutes=1)
    OutgoingMail.objects.update(created=F("created") - hour)
    OutgoingMail.objects.filter(status=OutgoingMail.STATUS_INFLIGHT).update(
        inflight_since=F("inflight_since") - hour
    )
    retry_stuck_inflight_mails(None)
    retry_stuck_queued_mails(None)


match sys.argv[1:]:
    case ["prepare"]:
        configure()
    case ["send"]:
        asked = ["-A", "pretix.celery_app", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
        os.execv(sys.executable, [sys.executable, "-m", "celery", *asked])

import django  # noqa: E402 -- after its configuration

django.setup()

from django.apps import apps  # noqa: E402 -- Django is set up
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django_scopes import scopes_disabled  # noqa: E402
from pretix.base.models import Organizer  # noqa: E402
from pretix.base.models.mail import OutgoingMail  # noqa: E402
from pretix.base.services.mail import (  # noqa: E402
    mail_send,
    retry_stuck_inflight_mails,
    retry_stuck_queued_mails,
)

if sys.argv[1] == "prepare":
    make_tables()

with scopes_disabled():
    organizer, _made = Organizer.objects.get_or_create(name="Peers", slug="peers")
    if not default_storage.exists(ENTRY):
        default_storage.save(ENTRY, ContentFile(letter.CALENDAR.encode()))
    match sys.argv[1:]:
        case ["hand", count, name]:
            letter.timed(send, letter.addresses(count, name))
        case ["fill", count, name]:
            for each in letter.addresses(count, name):
                send(each)
        case ["later"]:
            later()
