"""Claims about the key that tells other services where the server is."""

import errno
import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from notifier.adapters import keys
from notifier.adapters.interfaces import this_machine
from notifier.adapters.network_news import LOOK_SECONDS, NetworkNews
from notifier.core.network.listening import Local, Machine, ways
from tests.adapters.desk import Desk

pytestmark = pytest.mark.asyncio

ETH0 = Local("10.0.0.5", "eth0")
WLAN = Local("10.0.0.6", "wlan0")


@dataclass
class House:
    """A machine whose interfaces come and go, with a steady clock, and who tells of it."""

    desk: Desk
    name: str = "house"
    addresses: list[Local] = field(default_factory=lambda: [ETH0])
    now: float = 0.0
    hidden: str = ""

    def __post_init__(self) -> None:
        self.news = NetworkNews(
            self.desk.client, self.desk.settings, look=self.machine, steady=lambda: self.now
        )

    def machine(self) -> Machine:
        return Machine(self.name, () if self.hidden else tuple(self.addresses), self.hidden)

    async def told(self) -> Any:
        """Let a second pass, follow, and read what stands in the key."""
        self.now += LOOK_SECONDS
        await self.news.follow()
        return json.loads(await self.desk.client.get(keys.NETWORK))


async def test_what_is_told_is_what_the_command_shows_with_a_revision_before_it(
    office: Desk,
) -> None:
    house = House(office)

    told = await house.told()

    revision, settings = await office.settings.in_force()
    shown = ways(settings.network, house.machine(), revision=revision)
    assert list(told) == ["revision", *msgspec.structs.asdict(shown)]
    assert told == {"revision": 1} | msgspec.json.decode(msgspec.json.encode(shown))


async def test_the_revision_rises_with_each_change_and_with_nothing_else(office: Desk) -> None:
    house = House(office)
    await house.told()

    same = await house.told()
    house.addresses.append(WLAN)
    changed = await house.told()
    house.addresses.remove(WLAN)
    back = await house.told()

    assert [each["revision"] for each in (same, changed, back)] == [1, 2, 3]
    assert [each["host"] for each in changed["tried"]] == ["10.0.0.5", "10.0.0.6"]
    assert back["tried"] == same["tried"]


async def test_new_settings_are_told_at_once_and_interfaces_within_a_look(office: Desk) -> None:
    house = House(office)
    await house.told()
    house.addresses.append(WLAN)

    await house.news.follow()
    before = json.loads(await office.client.get(keys.NETWORK))
    await office.settings.apply({"network": {"client_port": 4400}})
    await house.news.follow()
    after = json.loads(await office.client.get(keys.NETWORK))

    assert [each["port"] for each in before["tried"]] == [4307]
    assert [each["port"] for each in after["tried"]] == [4400, 4400]
    assert after["settings_revision"] == before["settings_revision"] + 1


async def test_the_revision_stays_where_a_setting_changes_that_is_none_of_the_networks(
    office: Desk,
) -> None:
    house = House(office)
    before = await house.told()

    await office.settings.apply({"server": {"name": "Another name"}})
    after = await house.told()

    assert after == before | {"settings_revision": before["settings_revision"] + 1}


async def test_two_machines_do_not_take_turns_where_only_the_settings_revision_is_new(
    office: Desk,
) -> None:
    house, barn = House(office), House(office, name="barn", addresses=[WLAN])
    await house.told()
    before = await barn.told()

    await office.settings.apply({"server": {"name": "Another name"}})
    told = [await house.told(), await barn.told(), await house.told()]

    assert told == [before | {"settings_revision": before["settings_revision"] + 1}] * 3


async def test_what_another_machine_has_told_stays_until_something_changes_here(
    office: Desk,
) -> None:
    house, barn = House(office), House(office, name="barn", addresses=[WLAN])
    await house.told()
    await barn.told()

    assert (await house.told())["machine"] == "barn"
    assert (await barn.told())["revision"] == 2
    house.addresses.append(WLAN)
    assert (await house.told())["machine"] == "house"


async def test_a_listener_that_starts_anew_tells_nothing_that_is_known(office: Desk) -> None:
    await House(office).told()

    assert (await House(office).told())["revision"] == 1


@pytest.mark.parametrize("put", ["nothing", "a stream", "no news"])
async def test_a_key_that_was_lost_or_spoilt_is_written_again(office: Desk, put: str) -> None:
    house = House(office)
    await house.told()
    await office.client.delete(keys.NETWORK)
    if put == "a stream":
        await office.client.xadd(keys.NETWORK, {"a": "b"})
    if put == "no news":
        await office.client.set(keys.NETWORK, "[]")

    assert (await house.told())["machine"] == "house"


async def test_while_the_machine_cannot_be_seen_what_was_told_stays(office: Desk) -> None:
    house = House(office)
    before = await house.told()

    house.hidden = "Too many open files"
    hidden = await house.told()
    house.hidden = ""
    seen = await house.told()

    assert before == hidden == seen


async def test_a_system_that_forbids_the_look_gives_a_machine_that_says_so() -> None:
    def forbidden() -> dict[str, Any]:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    machine = this_machine(forbidden)

    assert machine.name
    assert (machine.addresses, machine.hidden) == ((), "Address family not supported by protocol")
