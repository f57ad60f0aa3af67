"""The road over a Redis in trouble: who publishes, what the doctor says, and what must hold."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from notifier import NotPublished, Publisher
from tests.cast import ANNA, NOW
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.redis_servers import PrivateRedis
from tests.smtp_servers import mail_server
from tests.stories.road import Road, road
from tests.stories.test_failover import patiently, person
from tests.stories.test_kills import doubled, doubts, everybody_told


@dataclass
class Scene:
    """The road, its Redis, and the proxy that all parts go through."""

    running: Road
    redis: PrivateRedis
    proxy: FaultProxy
    people: int = 0

    def parts(self) -> dict[int, str]:
        """Give the processes of the service by their ids; forked workers come and go."""
        found = psutil.Process(self.running.process.pid).children()
        return {each.pid: " ".join(each.cmdline()) for each in found}

    def publisher(self) -> Publisher:
        return Publisher(self.redis.url, "/core/test", timeout=1.0)

    def tell(self, count: int, publisher: Publisher) -> list[str]:
        """Publish that `count` new people missed a call, patiently; give their addresses."""
        people = range(self.people, self.people + count)
        self.people += count
        for number in people:
            patiently(publisher, number)
        return [f"guest{number}@example.org" for number in people]

    def refused(self, publisher: Publisher) -> str:
        """Publish in vain; give what the publisher is told."""
        with pytest.raises(NotPublished) as caught:
            publisher.missed_call(caller=ANNA, recipient=person(9999), time=NOW)
        return str(caught.value)

    def doctor(self) -> tuple[str, str]:
        """Give the worst that the doctor says of Redis."""
        said = self.running.notifier("doctor", "--json")
        assert said.stdout, said.stderr
        looks = json.loads(said.stdout)
        weight = ["ok", "warn", "fail"]
        of_redis = [each for each in looks if each["name"] == "redis"]
        worst = max(of_redis, key=lambda each: weight.index(each["status"]))
        return worst["status"], worst["found"]

    def all_told(self) -> None:
        """Claim that everybody so far has mail, and nobody has two, but for counted doubts."""
        everybody_told(
            self.running, {f"guest{number}@example.org" for number in range(self.people)}
        )
        assert doubled(self.running) <= doubts(self.running)


@contextmanager
def staged(folder: Path, redis: PrivateRedis) -> Iterator[Scene]:
    """Run `notifier up` over this Redis, through a proxy."""
    with fault_proxy(redis.port) as proxy, mail_server() as server:
        url = f"redis://127.0.0.1:{proxy.port}/0"
        with road(folder, server, environ={"NOTIFIER_REDIS_URL": url}) as running:
            yield Scene(running, redis, proxy)
