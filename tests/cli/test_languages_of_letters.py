"""Preview, explanation and worker choose the same language for a reader."""

from email import message_from_bytes
from typing import Any, Final

import pytest

from notifier.adapters.shelf import Shelf
from notifier.adapters.template_files import shipped_root
from tests import cast
from tests.adapters.desk import Desk, desk
from tests.cli.deployment import Deployment

# The reader's language, and that of the letter: their own, the wider one, else the server's.
CHOSEN: Final = {
    "pt-BR": "pt-BR",
    "pt-AO": "pt",
    "sv-FI": "sv",
    "kk": "fr",
    "nonsense": "fr",
    "zh-CN": "zh-Hans",
    "iw": "he",
}


@pytest.mark.asyncio
async def test_preview_explanation_and_worker_agree_about_the_language(empty: Deployment) -> None:
    own = empty.folder / "templates"
    (own / "sv/invitation").mkdir(parents=True)
    for file in ("subject.txt", "body.html"):
        (own / "sv/invitation" / file).write_text("Inbjudan: %conf_name", encoding="utf-8")
    people = [cast.person(number, language=spoken) for number, spoken in enumerate(CHOSEN)]
    chosen = {each.email: CHOSEN[each.language or ""] for each in people}
    invited = {"conference": cast.conference(), "participants": people}
    told = cast.event("conference.invitation", invited)

    async with desk(empty.redis.url, shelf=Shelf(shipped_root(), own)) as office:
        await office.settings.apply({"server": {"language": "fr"}})
        explained = _explained(empty, told)
        previewed = [_previewed(empty, spoken) for spoken in CHOSEN]
        sent = await _sent(office, told)

    assert explained == chosen
    assert sent == chosen
    assert previewed == [*CHOSEN.values()]


def _explained(deployment: Deployment, told: dict[str, Any]) -> dict[str, str]:
    event = deployment.file("event.json", cast.raw(told))
    mails = deployment.folder / "mails"
    said = deployment.run("explain", event, "--eml", str(mails))
    assert said.status == 0, said.err
    return dict(_language(path.read_bytes()) for path in mails.iterdir())


def _previewed(deployment: Deployment, language: str) -> str:
    said = deployment.run("templates", "preview", "invitation", "--language", language, "--eml")
    return _language(said.raw)[1]


async def _sent(office: Desk, told: dict[str, Any]) -> dict[str, str]:
    office.now = cast.NOW
    await office.hear(told)
    await office.deliver()
    return dict(_language(letter.content) for letter in office.postman.sent)


def _language(mail: bytes) -> tuple[str, str]:
    """Give whom a mail goes to, and the language that it says it is in."""
    headers = message_from_bytes(mail)
    return headers["To"].rpartition("<")[2].rstrip(">"), headers["Content-Language"]
