"""Claims about `/api/v1/network`."""

from pathlib import Path

from notifier.adapters.interfaces import this_machine
from notifier.core.network.hosts import address_of
from notifier.core.network.listening import Scope, scope_of
from tests.panel.api import opened
from tests.redis_servers import PrivateRedis


def test_a_program_is_told_what_to_try_and_in_which_order(tmp_path: Path) -> None:
    reachable = [
        each.address
        for each in this_machine().addresses
        if (address := address_of(each.address))
        and scope_of(address) not in {Scope.LOOPBACK, Scope.LINK_LOCAL}
    ]

    with PrivateRedis() as redis, opened(redis.url, tmp_path) as client:
        answer = client.get("/api/v1/network")
        nobody = client.get("/api/v1/network", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 200
    assert answer.json()["tried"] == [{"host": each, "port": 4307} for each in reachable]
    assert answer.json()["web_url"] == "https://localhost"
    assert nobody.status_code == 401
