"""Claims about the stored settings: secrets encrypted wherever they stand."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet

from notifier.adapters.settings_store import RedisSettings, UnreadableSecret
from notifier.core.federation.federation import masks
from notifier.core.secrets import HIDDEN
from notifier.core.settings import Settings, SettingsRefused
from notifier.remembering import BEGINNING
from tests.adapters.desk import Desk

pytestmark = pytest.mark.asyncio

OAUTH = {
    "authentication": "oauth2",
    "username": "conf@example.com",
    "token_url": "https://login.example.com/token",
    "client_id": "notifier",
}
SMTP: dict[str, Any] = {
    "host": "smtp.example.com",
    "password": "hush-first",
    "backup": [
        {"host": "one.example.com", "password": "hush-one"},
        {"host": "two.example.com", "client_secret": "hush-two", **OAUTH},
    ],
}


async def test_no_secret_lies_in_redis_in_the_clear(office: Desk) -> None:
    await office.settings.apply({"smtp": SMTP})

    stored = await office.client.hget("notifier:settings", "tables")
    smtp = (await office.settings.current()).smtp
    assert b"hush" not in stored
    assert smtp.password == "hush-first"
    assert [each.password + each.client_secret for each in smtp.backup] == ["hush-one", "hush-two"]


async def test_a_secret_that_is_hidden_in_a_list_stays_as_it_is(office: Desk) -> None:
    await office.settings.apply({"smtp": SMTP})
    hidden = [each | {"password": HIDDEN, "client_secret": HIDDEN} for each in SMTP["backup"]]

    await office.settings.apply({"smtp": {"backup": hidden[::-1]}})

    backup = (await office.settings.current()).smtp.backup
    assert [each.password + each.client_secret for each in backup] == ["hush-two", "hush-one"]


async def test_another_key_says_that_it_is_another_key(office: Desk) -> None:
    await office.settings.apply({"smtp": {"backup": SMTP["backup"]}})

    with pytest.raises(UnreadableSecret, match="another secret key"):
        await RedisSettings(office.client, Fernet.generate_key().decode()).current()


async def test_the_client_secret_of_the_environment_never_reaches_redis(office: Desk) -> None:
    given = {"client_secret": "hush-environment", "password": None}
    settings = RedisSettings(office.client, Fernet.generate_key().decode(), given)

    await settings.apply({"smtp": OAUTH})

    assert (await settings.current()).smtp.client_secret == "hush-environment"
    assert b'client_secret":""' in await office.client.hget("notifier:settings", "tables")


async def test_without_it_oauth2_is_refused_without_a_secret(office: Desk) -> None:
    with pytest.raises(SettingsRefused, match=r"smtp\.client_secret"):
        await office.settings.apply({"smtp": OAUTH})


async def test_settings_applied_while_the_index_is_made_anew_have_it_made_once_more(
    office: Desk,
) -> None:
    await office.settings.apply({"reminders": {"offsets": ["1d"]}})
    turn = await office.walk.turn(hurried_only=True)
    assert turn is not None
    await office.settings.apply({"reminders": {"offsets": ["3h"]}})

    ended = await office.walk.walked(turn, BEGINNING, seen=0, mended=0)

    # The first walk ends, and the second is still to be begun.
    other = await office.walk.turn(hurried_only=True)
    assert ended
    assert other is not None
    assert other.asked != turn.asked


# The tables as parts of the first version read them, who refuse any other name.
FIRST_VERSION = {
    "network": {"listen_on_all", "internal", "external", "web_address", "https_port"},
    "federation": {"mode", "whitelist", "blacklist"},
}


async def names_stored(office: Desk) -> dict[str, set[str]]:
    tables = json.loads(await office.client.hget("notifier:settings", "tables"))
    return {table: set(tables[table]) for table in FIRST_VERSION}


async def test_parts_of_the_first_version_read_what_is_applied_during_an_upgrade(
    office: Desk,
) -> None:
    given: dict[str, Any] = {"client_port": 4307, "installer_keys": "", "https_port": 8443}

    await office.settings.apply({"network": given, "federation": {"service": "_vcs._tcp"}})

    assert await names_stored(office) == FIRST_VERSION


async def test_what_came_after_the_first_version_is_stored_once_it_says_something(
    office: Desk,
) -> None:
    network = {"client_port": 4308, "installer_keys": f"1:{'a' * 64}"}
    federation = {"service": "", "ca_file": "/etc/ca.pem"}

    await office.settings.apply({"network": network, "federation": federation})

    stored = await names_stored(office)
    fresh = await office.settings.current()
    assert stored["network"] - FIRST_VERSION["network"] == set(network)
    assert stored["federation"] - FIRST_VERSION["federation"] == set(federation)
    assert (fresh.network.client_port, fresh.federation.service) == (4308, "")
    assert fresh.federation.ca_file == "/etc/ca.pem"


async def test_settings_that_say_nothing_of_reminders_ask_for_no_walk(office: Desk) -> None:
    await office.settings.apply({"server": {"name": "Ours"}, "notifications": {"removals": False}})

    assert await office.walk.turn(hurried_only=True) is None


async def test_a_change_that_depends_on_what_is_there_loses_nobody_elses(office: Desk) -> None:
    """Two who add to the same list at once: whoever is second adds to what the first has made."""
    other = RedisSettings(office.client, Fernet.generate_key().decode())
    adding = {"b.example"}

    def with_one_more(now: Settings) -> dict[str, Any]:
        return {"federation": {"blacklist": [*masks(now.federation.blacklist), "a.example"]}}

    async def meanwhile(before: Settings, _after: Settings) -> None:
        present = masks(before.federation.blacklist)
        if adding:
            await other.apply({"federation": {"blacklist": [*present, adding.pop()]}})

    await office.settings.apply(with_one_more, check=meanwhile)

    federation = (await office.settings.current()).federation
    assert masks(federation.blacklist) == ["b.example", "a.example"]


async def test_what_a_check_refuses_is_not_applied(office: Desk) -> None:
    async def refuse(_before: Settings, after: Settings) -> None:
        raise SettingsRefused(f"no {after.server.name}")

    before = await office.settings.in_force()

    with pytest.raises(SettingsRefused, match="no Theirs"):
        await office.settings.apply({"server": {"name": "Theirs"}}, check=refuse)

    assert await office.settings.in_force() == before
