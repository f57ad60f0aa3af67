"""Claims about judging network settings by what this machine has and what the DNS says."""

import msgspec
import pytest

from notifier.adapters.dns import Dns
from notifier.admin.networking import AT_ONCE, NetworkDesk
from notifier.core.network.listening import Local, Machine
from notifier.core.network.network import Network
from notifier.core.network.resolved import name_servers
from tests.adapters.desk import Desk
from tests.dns_servers import Habit, Names

pytestmark = pytest.mark.asyncio

HOUSE = Machine("house", (Local("10.0.0.5", "eth0"),))
MANY = [f"vc{each}.test" for each in range(3 * AT_ONCE)]
KNOWN = msgspec.convert({"external": [{"host": each} for each in MANY]}, Network)


def _desk(office: Desk, names: Names, patience: float = 5.0) -> NetworkDesk:
    dns = Dns(name_servers(names.variable))
    return NetworkDesk(office.settings, dns, look=lambda: HOUSE, patience=patience)


async def test_of_many_names_so_many_are_asked_for_at_once_and_all_are_answered_in_one_time(
    office: Desk,
) -> None:
    with Names({}, dict.fromkeys(MANY, Habit.SILENT)) as names:
        [warning] = await _desk(office, names, 0.3).judged(Network(), KNOWN)

    assert "by DNS nobody can tell" in warning
    # Those of the first turn took all of the time.
    assert 1 < len({each.split()[0] for each in names.asked}) <= AT_ONCE


@pytest.mark.parametrize("host", ["10.0.0.9", "theirs.test"])
async def test_an_internal_address_that_is_gone_is_told_at_each_apply_and_not_refused(
    office: Desk, host: str
) -> None:
    listed = {"listen_on_all": False, "internal": [{"host": "10.0.0.5"}, {"host": host}]}
    stored = msgspec.convert(listed, Network)

    with Names({"theirs.test A": ["203.0.113.7"]}) as names:
        [warning] = await _desk(office, names).judged(stored, stored, again=True)

    assert warning.startswith(f"network.internal: {host} ")
    assert "no address of this machine, so nothing listens there" in warning


async def test_a_change_of_other_settings_does_not_ask_the_dns_and_tells_what_is_known(
    office: Desk,
) -> None:
    listed = {"listen_on_all": False, "internal": [{"host": "10.0.0.9"}, {"host": "theirs.test"}]}
    stored = msgspec.convert(listed, Network)

    with Names({"theirs.test A": ["203.0.113.7"]}) as names:
        [warning] = await _desk(office, names).judged(stored, stored)

    assert "10.0.0.9 is no address of this machine, so" in warning
    assert names.asked == []


async def test_every_one_of_many_names_is_looked_at_where_the_dns_answers(office: Desk) -> None:
    with Names({f"{MANY[-1]} A": ["127.0.0.1"]}) as names:
        fits = await _desk(office, names).judged(Network(), KNOWN)

    # The web address is localhost.
    assert fits == ()
