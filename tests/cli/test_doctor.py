"""Claims about `notifier doctor` and `notifier check`."""

import time
from typing import Any

import pytest

from notifier.core.breaker import Sign
from notifier.wiring import Parts
from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, Said, soon
from tests.redis_servers import free_port
from tests.smtp_servers import mail_server


def _looks(said: Said) -> dict[str, tuple[str, str]]:
    """What the doctor found by name, the worst of each."""
    weight = ["ok", "warn", "fail"]
    looks: list[dict[str, Any]] = said.json
    looks.sort(key=lambda each: weight.index(each["status"]))
    return {each["name"]: (each["status"], each["found"]) for each in looks}


@pytest.fixture
def healthy(empty: Deployment) -> Any:
    """Settings that are right, a mail server that takes mail, parts that show life."""
    with mail_server() as server:
        smtp = server.settings()
        change = f"[smtp]\nhost = '{smtp.host}'\nport = {smtp.port}\nauthentication = 'none'\n"
        for text in (SETTINGS, change):
            applied = empty.run("settings", "apply", "-", given=text.encode())
            assert applied.status == 0, applied.err
        empty.with_parts(_show_life)
        yield empty


async def _show_life(parts: Parts) -> None:
    for role in ("listen", "worker", "beat"):
        await parts.client.set(f"notifier:heartbeat:{role}", f"{time.time():.3f}")


def test_where_all_is_well_nothing_fails(healthy: Deployment) -> None:
    said = healthy.run("doctor")

    assert said.status == 0, said.out
    assert "fail" not in said.out


def test_a_new_deployment_is_told_what_to_do(empty: Deployment) -> None:
    said = empty.run("doctor")

    assert said.status == 1
    assert "notifier settings apply FILE" in said.out
    assert "notifier up" in said.out


def test_each_silent_part_is_named(healthy: Deployment) -> None:
    healthy.with_parts(lambda parts: parts.client.set("notifier:heartbeat:beat", "1000.0"))
    healthy.with_parts(lambda parts: parts.client.delete("notifier:heartbeat:worker"))

    looks = _looks(healthy.run("doctor", "--json"))

    assert (looks["listen"][0], looks["beat"][0]) == ("ok", "fail")
    assert looks["worker"] == ("fail", "has never shown life")


@pytest.mark.parametrize(("silence", "status"), [(30.0, "warn"), (3600.0, "fail")])
def test_a_worker_that_is_not_heard_of_for_want_of_a_beat_is_not_the_first_to_look_at(
    healthy: Deployment, silence: float, status: str
) -> None:
    at = f"{time.time() - silence:.3f}"
    hearts = {"notifier:heartbeat:worker": at, "notifier:heartbeat:beat": at}
    healthy.with_parts(lambda parts: parts.client.mset(hearts))

    advised = {each["name"]: each for each in healthy.run("doctor", "--json").json}

    assert advised["worker"]["status"] == status
    assert advised["worker"]["advice"].startswith("look after beat first")
    assert not advised["beat"]["advice"].startswith("look after beat first")


def test_a_clock_that_has_jumped_fails(healthy: Deployment) -> None:
    fault = "the clock has jumped: it is 86400 s ahead of what it should be"

    def found(at: float) -> Any:
        healthy.with_parts(lambda parts: parts.client.set("notifier:clock", f"{at:.3f} {fault}"))
        return _looks(healthy.run("doctor", "--json"))["clock"]

    assert found(time.time()) == ("fail", f"{fault}; nobody is reminded meanwhile")
    # It was said when the clock was a day ahead, and that is over.
    assert found(time.time() + 86_400)[0] == "ok"


def test_a_mail_server_that_is_away_fails(healthy: Deployment) -> None:
    healthy.run("settings", "apply", "-", given=f"[smtp]\nport = {free_port()}\n".encode())

    status, found = _looks(healthy.run("doctor", "--json"))["smtp"]

    assert status == "fail"
    assert "invalid server" in found


def test_a_redis_that_may_forget_fails(healthy: Deployment) -> None:
    healthy.with_parts(lambda parts: parts.client.config_set("maxmemory-policy", "allkeys-lru"))

    status, found = _looks(healthy.run("doctor", "--json"))["redis"]

    assert status == "fail"
    assert "allkeys-lru" in found


def test_without_redis_what_lies_on_this_machine_is_looked_at(empty: Deployment) -> None:
    looks = _looks(
        empty.run("doctor", "--json", NOTIFIER_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    )

    assert looks["redis"][0] == "fail"
    assert looks.keys() == {"redis", "templates"}


def test_a_broken_template_is_a_warning(healthy: Deployment) -> None:
    path = healthy.folder / "templates/en/invitation/subject.txt"
    path.parent.mkdir(parents=True)
    path.write_text("{% for a in b %}")

    status, found = _looks(healthy.run("doctor", "--json"))["templates"]

    assert status == "warn"
    assert "subject.txt:1" in found
    assert healthy.run("doctor").status == 0


def test_a_secret_under_another_key_is_told_apart(healthy: Deployment) -> None:
    other = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    status, found = _looks(healthy.run("doctor", "--json", NOTIFIER_SECRET_KEY=other))["settings"]

    assert status == "fail"
    assert "another secret key" in found


def test_what_was_rejected_is_a_warning(healthy: Deployment) -> None:
    healthy.put(b"noise")
    healthy.hear()

    assert _looks(healthy.run("doctor", "--json"))["rejected"] == (
        "warn",
        "1 entries were no events",
    )


async def _age(parts: Parts) -> None:
    """Make what is ready look as if it had waited for an hour, and a claim be over."""
    old = time.time() - 3600
    for each in await parts.client.zrange("notifier:ready", 0, -1):
        assert isinstance(each, bytes)
        await parts.client.zadd("notifier:ready", {each.decode(): old})
    await parts.client.zadd("notifier:leases", {"0" * 20: old})


def test_what_waits_for_too_long_is_a_warning(healthy: Deployment) -> None:
    invited = {"conference": soon(), "participants": [cast.BORIS]}
    healthy.hear(cast.event("conference.invitation", invited))
    healthy.with_parts(_age)

    looks = _looks(healthy.run("doctor", "--json"))

    assert looks["queue"][0] == "warn"
    assert "should have left" in looks["queue"][1]
    assert looks["leases"][0] == "warn"


def test_an_event_that_nobody_hears_fails(healthy: Deployment) -> None:
    healthy.hear()
    healthy.with_parts(
        lambda parts: parts.client.xadd("notifier:events", {"event": b"{}"}, id="1000-0")
    )

    status, found = _looks(healthy.run("doctor", "--json"))["events"]

    assert status == "fail"
    assert "the oldest event has waited" in found


def test_a_good_mail_server_is_successfully_connected(healthy: Deployment) -> None:
    said = healthy.run("check", "smtp")

    assert said.status == 0, said.err
    assert said.out.endswith("successfully connected\n")
    assert healthy.run("check", "smtp", "--json").json["ok"] is True


def test_a_wrong_mail_server_is_invalid_with_the_cause(empty: Deployment) -> None:
    port = free_port()
    empty.run("settings", "apply", "-", given=f"[smtp]\nhost='127.0.0.1'\nport={port}\n".encode())

    said = empty.run("check", "smtp")

    assert said.status == 1
    assert said.err.startswith(f"invalid server: 127.0.0.1 port {port} refused the connection")


def test_a_server_on_the_blacklist_is_kept_out(empty: Deployment) -> None:
    change = b"""[server]\ndomain = "conf.example.com"
[federation]\nmode = "blacklist"\nblacklist = ["*.example.net"]\n"""
    empty.run("settings", "apply", "-", given=change)

    kept_out = empty.run("check", "federation", "meet.example.net")
    let_in = empty.run("check", "federation", "meet.example.org", "--json")

    assert (kept_out.status, "*.example.net" in kept_out.out) == (1, True)
    assert (let_in.status, let_in.json["admitted"]) == (0, True)


# ---- several mail servers --------------------------------------------------------------------


def _with_backup(healthy: Deployment, port: int) -> None:
    change = f"[[smtp.backup]]\nhost = '127.0.0.1'\nport = {port}\nsecurity = 'none'\n"
    said = healthy.run("settings", "apply", "-", given=change.encode())
    assert said.status == 0, said.err


def test_every_backup_server_is_looked_at_like_the_first(healthy: Deployment) -> None:
    port = free_port()
    _with_backup(healthy, port)

    looks = _looks(healthy.run("doctor", "--json"))

    assert looks["smtp"][0] == "ok"
    assert looks["smtp.backup[0]"][0] == "fail"
    assert f"127.0.0.1:{port}: invalid server" in looks["smtp.backup[0]"][1]


def test_the_check_goes_the_way_to_every_server(healthy: Deployment) -> None:
    with mail_server() as second:
        _with_backup(healthy, second.port)

        plain = healthy.run("check", "smtp")
        report = healthy.run("check", "smtp", "--json").json

    assert plain.status == 0
    assert plain.out.count("successfully connected") == 2
    assert f"[smtp.backup[0]] 127.0.0.1:{second.port}" in plain.out
    assert (report["name"], report["ok"], report["backup"][0]["ok"]) == ("smtp", True, True)


def test_the_check_fails_if_a_backup_does(healthy: Deployment) -> None:
    _with_backup(healthy, free_port())

    said = healthy.run("check", "smtp")

    assert said.status == 1
    assert "successfully connected" in said.out
    assert "invalid server" in said.err


async def _close_road(parts: Parts) -> None:
    await parts.roads.hear(0, Sign.FAIL, 0, cause="421 4.3.2 closing")


def test_a_server_that_is_left_alone_is_told_with_its_cause(healthy: Deployment) -> None:
    healthy.with_parts(_close_road)

    looks = _looks(healthy.run("doctor", "--json"))

    status, found = looks["smtp"]
    assert status == "warn"
    assert "in trouble since " in found
    assert "(421 4.3.2 closing); no mail goes there, and the next try is at " in found


async def _raise_alarm(parts: Parts) -> None:
    await parts.roads.hear(0, Sign.ALARM, 0, cause="policy: 554 5.7.1 spam")


def test_a_policy_alarm_fails(healthy: Deployment) -> None:
    healthy.with_parts(_raise_alarm)

    status, found = _looks(healthy.run("doctor", "--json"))["smtp"]

    assert status == "fail"
    assert "(policy: 554 5.7.1 spam)" in found


# ---- reminders -------------------------------------------------------------------------------


def _invited(healthy: Deployment, *names: str) -> None:
    """Let conferences be planned, and indexed by walks that are over."""

    async def walk(parts: Parts) -> None:
        while await parts.client.exists("notifier:reindex"):
            await parts.notifier.audit()

    healthy.hear(
        *(
            cast.event(
                "conference.invitation", {"conference": soon(id=name), "participants": [cast.BORIS]}
            )
            for name in names
        )
    )
    healthy.with_parts(walk)


def test_how_many_conferences_remind_and_when_the_first_does_is_told(healthy: Deployment) -> None:
    _invited(healthy, "one", "two")

    looks = _looks(healthy.run("doctor", "--json"))

    assert looks["reminders"][0] == looks["due index"][0] == "ok"
    assert looks["reminders"][1].startswith("2 conferences have some to send, the first at ")
    assert looks["due index"][1].startswith("2 conferences were compared and are as they ought")


@pytest.mark.parametrize(("seconds", "status"), [(30, "ok"), (90, "warn"), (3600, "fail")])
def test_reminders_that_nobody_plans_are_noticed(
    healthy: Deployment, seconds: float, status: str
) -> None:
    _invited(healthy, "one")
    due = time.time() - seconds
    healthy.with_parts(lambda parts: parts.client.zadd("notifier:due", {"one": due}))

    assert _looks(healthy.run("doctor", "--json"))["reminders"][0] == status


def test_a_conference_that_is_not_indexed_as_it_ought_to_be_fails_until_it_is_repaired(
    healthy: Deployment,
) -> None:
    _invited(healthy, "one", "two")
    healthy.with_parts(lambda parts: parts.client.zrem("notifier:due", "one"))
    healthy.with_parts(lambda parts: parts.client.zadd("notifier:due", {"gone": 99999999999.0}))

    sick = healthy.run("doctor", "--json")
    repaired = healthy.run("doctor", "--repair", "--json")
    again = healthy.run("doctor", "--repair", "--json")

    status, found = _looks(sick)["due index"]
    assert (sick.status, status) == (1, "fail")
    assert "2 of 3 conferences that were compared" in found
    assert "one (none, not 20" in found
    assert repaired.status == 0
    assert _looks(repaired)["due index"][0] == "ok"
    assert _looks(repaired)["repair"][1].startswith("2 of 3 conferences were mended: one (none")
    assert _looks(again)["repair"] == ("ok", "0 of 2 conferences were mended")


def test_an_index_that_follows_new_settings_is_not_judged(healthy: Deployment) -> None:
    _invited(healthy, "one")
    healthy.run("settings", "apply", "-", given=b"[reminders]\noffsets = ['3h']")

    status, found = _looks(healthy.run("doctor", "--json"))["due index"]

    assert status == "ok"
    assert "0 of 1 conferences were looked at so far" in found


def test_what_an_audit_has_mended_without_a_reason_is_a_warning(healthy: Deployment) -> None:
    _invited(healthy, "one")
    healthy.with_parts(
        lambda parts: parts.client.hset(
            "notifier:audit",
            mapping={"last_asked": "", "last_ended": 1e9, "last_seen": 9, "last_mended": 2},
        )
    )

    status, found = _looks(healthy.run("doctor", "--json"))["due index"]

    assert status == "warn"
    assert "2001-09-09 01:46 UTC, mended 2 of 9" in found
