"""People come and go while everything runs: refused, bounced, erased, and met again."""

from pathlib import Path

from tests.everywhere import files, holding, values
from tests.smtp_servers import mail_server
from tests.stories.road import road
from tests.stories.test_main_road import BORIS, CHEN, invite, planned

WORDS = ("boris", "petit")


def test_somebody_is_told_comes_back_as_a_bounce_and_is_erased(tmp_path: Path) -> None:
    with mail_server() as server, road(tmp_path, server) as running:
        running.publish("conference.invitation", invite(planned("first"), BORIS, CHEN))
        to_boris, _to_chen = running.new_mails(2)
        running.publish(
            "recipient.bounced",
            {
                "address": "Boris@example.org",
                "status": "5.1.1",
                "message_id": str(to_boris["Message-ID"]),
                "details": "550 5.1.1 <boris@example.org> unknown",
            },
        )
        running.settled()
        running.publish("conference.invitation", invite(planned("second"), BORIS, CHEN))
        [second] = running.new_mails(1)
        running.settled()
        told = running.notifier("deliveries", "list", "--recipient", "boris@example.org").stdout

        erased = running.notifier("erase", "boris@example.org", "--yes")

        assert second["To"].addresses[0].addr_spec == "chen@example.net"
        assert "bounced 5.1.1: 550 5.1.1" in told
        assert "suppressed: 5.1.1 since" in told
        assert erased.returncode == 0, erased.stderr
        assert holding(values(running.redis_url), WORDS) == {}
        kept = {n: c for n, c in files(tmp_path / "data").items() if not n.startswith("redis/")}
        assert holding(kept, WORDS) == {}
        running.publish("conference.invitation", invite(planned("third"), CHEN))
        running.new_mails(1)
    assert holding({"log": (tmp_path / "up.log").read_bytes()}, WORDS) == {}
