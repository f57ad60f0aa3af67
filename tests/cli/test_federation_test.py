"""Claims about `notifier federation test`, a process that asks real servers over real sockets."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.deployment import SETTINGS, Deployment, Said
from tests.dns_servers import Habit as Answer
from tests.dns_servers import Names
from tests.federated_servers import (
    Authority,
    Habit,
    hangs_up,
    nobody,
    open_only,
    serving,
    serving_all,
    signed_by_itself,
    speaks_http,
    with_tls,
)
from tests.redis_servers import PrivateRedis

NAME = "vc.example.org"
SRV = f"_vcs._tcp.{NAME}"
HERE = ["127.0.0.1"]
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
FAR_AHEAD = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)


@dataclass
class World:
    """A deployment, and what there is around it; ports that nobody names are those of no server."""

    ours: Deployment
    strangers: Authority
    names: Names
    open: int
    https: int
    closed: int
    others: dict[str, int] = field(default_factory=dict)

    def test(self, *arguments: str, name: str = NAME) -> Said:
        return self.ours.run(
            "federation", "test", name, *arguments, NOTIFIER_DNS=self.names.variable
        )

    def tell(
        self, zone: Mapping[str, Sequence[str]], habits: Mapping[str, Answer] | None = None
    ) -> None:
        """Let the name server know this and nothing else."""
        self.names.zone = dict(zone)
        self.names.habits = dict(habits or {})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    authority, strangers = Authority(), Authority()
    others: dict[str, Habit] = {
        "expired": with_tls(authority.server(NAME, ends=LONG_AGO)),
        "early": with_tls(authority.server(NAME, begins=FAR_AHEAD, ends=FAR_AHEAD)),
        "another": with_tls(authority.server("other.example.org")),
        "stranger": with_tls(strangers.server(NAME)),
        "itself": with_tls(signed_by_itself(NAME)),
        "plain": speaks_http,
        "hangs up": hangs_up,
    }
    (folder / "templates").mkdir()
    with (
        PrivateRedis() as redis,
        Names() as names,
        serving(open_only) as opened,
        serving(with_tls(authority.server(NAME, "xn--exmple-cua.org"))) as https,
        nobody() as closed,
        serving_all(others) as ports,
    ):
        ours = Deployment(redis, folder)
        file = authority.file(folder)
        tables = f'{SETTINGS}blacklist = ["*.kept-out.test"]\nca_file = "{file}"\n'
        applied = ours.run("settings", "apply", ours.file("settings.toml", tables))
        assert applied.status == 0, applied.err
        yield World(ours, strangers, names, opened, https, closed, ports)


def test_a_server_that_is_whole_is_found_by_its_name(world: World) -> None:
    world.tell({f"{NAME} A": HERE})

    said = world.test("--port", str(world.open), "--https-port", str(world.https))

    assert said.status == 0, said.out
    assert f"{NAME} can be reached from here." in said.out
    assert f"127.0.0.1:{world.open}" in said.out
    assert "TLSv1.3: for vc.example.org" in said.out
    assert not any(each.startswith("_vcs") for each in world.names.asked)


def test_a_server_that_is_whole_is_found_by_srv_at_its_own_ports(world: World) -> None:
    world.tell({f"{SRV} SRV": [f"0 0 {world.open} far.test."], "far.test A": HERE})

    said = world.test("--https-port", str(world.https), "--json")

    assert said.status == 0, said.out
    assert said.json["server"] == NAME
    assert said.json["ok"] is True
    assert [(each["step"], each["subject"], each["status"]) for each in said.json["steps"]] == [
        ("our lists", "blacklist", "ok"),
        ("name", NAME, "ok"),
        ("SRV", SRV, "ok"),
        ("addresses", "far.test", "ok"),
        ("address", "127.0.0.1", "warn"),
        ("client port", f"127.0.0.1:{world.open}", "ok"),
        ("https port", f"127.0.0.1:{world.https}", "ok"),
        ("TLS", f"127.0.0.1:{world.https}", "ok"),
    ]
    assert set(said.json["steps"][0]) == {
        "step", "subject", "status", "seconds", "found", "advice",
    }  # fmt: skip
    assert all(each["advice"] for each in said.json["steps"] if each["status"] != "ok")


def test_a_server_is_asked_for_by_its_a_labels_and_shown_by_both(world: World) -> None:
    world.tell({"xn--exmple-cua.org CNAME": ["far.test."], "far.test A": HERE})

    said = world.test(
        "--port", str(world.open), "--https-port", str(world.https), "--json", name="Exämple.org."
    )

    assert said.status == 0, said.out
    assert said.json["server"] == "xn--exmple-cua.org"
    assert step(said, "name")["found"] == "asked for as xn--exmple-cua.org"
    assert step(said, "addresses")["found"] == "by its alias far.test: 127.0.0.1"


Zone = Mapping[str, Sequence[str]]

# What the DNS says -> what is red, and what is said of it.
ASTRAY: Mapping[str, tuple[Zone, Mapping[str, Answer], str, str]] = {
    "unknown": ({}, {}, "addresses", "no such name"),
    "bare": ({f"{NAME} TXT": ["x"]}, {}, "addresses", "no address"),
    "round": (
        {f"{NAME} CNAME": ["a.test."], "a.test CNAME": [f"{NAME}."]},
        {},
        "addresses",
        "in a circle: vc.example.org -> a.test -> vc.example.org",
    ),
    "refused": ({}, {NAME: Answer.REFUSES}, "addresses", "said REFUSED"),
    "failing": ({}, {NAME: Answer.FAILS}, "addresses", "said SERVFAIL"),
    "lying": (
        {f"{NAME} TXT": ["x"]},
        {NAME: Answer.TELLS_OF_ANOTHER},
        "addresses",
        "it tells of other.test",
    ),
    "babbling": ({}, {NAME: Answer.BABBLES}, "addresses", "what is no answer"),
    "nowhere": ({f"{NAME} A": ["0.0.0.0"]}, {}, "address", "no address of a machine"),
    "no service": ({f"{SRV} SRV": ["0 0 0 ."]}, {}, "SRV", "no such service"),
    "address": ({f"{SRV} SRV": ["0 0 4307 192.0.2.1."]}, {}, "SRV", "leads nowhere: 192.0.2.1"),
    "lost target": ({f"{SRV} SRV": ["0 0 4307 a.test."]}, {}, "addresses", "there is no a.test"),
}


@pytest.mark.parametrize("case", ASTRAY)
def test_a_name_that_leads_nowhere_is_one_red_line_with_what_to_do(world: World, case: str) -> None:
    zone, habits, red, told = ASTRAY[case]
    world.tell(zone, habits)

    said = world.test("--json")

    assert said.status == 1
    (failed,) = reds(said)
    assert failed["step"] == red
    assert told in failed["found"]
    assert failed["advice"]


@pytest.mark.parametrize(
    ("behind", "told"),
    [
        ("expired", "has expired: for vc.example.org, by trustme"),
        ("early", "not valid yet"),
        ("another", "for another name than vc.example.org: for other.example.org"),
        ("stranger", "does not know"),
        ("itself", "signed by itself"),
        ("plain", "speaks no TLS"),
        ("hangs up", "hung up"),
    ],
)
def test_https_that_is_not_right_is_one_red_line_with_what_to_do(
    world: World, behind: str, told: str
) -> None:
    world.tell({f"{NAME} A": HERE})
    port = str(world.others[behind])

    said = world.test("--port", str(world.open), "--https-port", port, "--json")

    assert said.status == 1
    (failed,) = reds(said)
    assert (failed["step"], failed["subject"]) == ("TLS", f"127.0.0.1:{port}")
    assert told in failed["found"]
    assert failed["advice"]


def test_ports_where_nobody_listens_are_red_lines_in_the_table(world: World) -> None:
    world.tell({f"{NAME} A": HERE})
    port = str(world.closed)

    said = world.test("--port", port, "--https-port", port)

    assert said.status == 1
    assert said.err == f"{NAME}: 2 of 6 steps failed: see what to do.\n"
    assert said.out.count("FAILED") == 2
    assert said.out.count("refused: nothing listens there") == 2
    assert "start the server" in said.out


def test_what_works_is_told_beside_what_does_not(world: World) -> None:
    """One target of two is no name, and the other one is an alias, which works all the same."""
    world.tell(
        {
            f"{SRV} SRV": [f"1 0 {world.open} far.test.", "2 0 0 gone.test."],
            "far.test CNAME": ["farther.test."],
            "farther.test A": HERE,
        },
        {"farther.test": Answer.CUTS},
    )

    said = world.test("--https-port", str(world.https), "--json")

    assert [each["step"] for each in reds(said)] == ["SRV"]
    assert step(said, "addresses")["status"] == "warn"
    assert "farther.test" in step(said, "addresses")["advice"]
    assert step(said, "TLS")["status"] == "ok"


def test_a_server_that_our_own_lists_keep_out_is_red_whatever_answers(world: World) -> None:
    world.tell({"vc.kept-out.test A": HERE})

    said = world.test("--port", str(world.open), "--json", name="vc.kept-out.test")

    assert said.status == 1
    assert "*.kept-out.test" in step(said, "our lists")["found"]
    assert "federation remove blacklist" in step(said, "our lists")["advice"]
    assert step(said, "client port")["status"] == "ok"


def test_a_name_server_that_is_gone_is_said_and_nothing_hangs(world: World) -> None:
    said = world.ours.run("federation", "test", NAME, NOTIFIER_DNS=f"127.0.0.1:{world.closed}")

    assert said.status == 1
    assert "no server" in said.out
    assert "NOTIFIER_DNS" in said.out


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("192.0.2.1", "IP address"),
        ("[::1]", "IP address"),
        (f"{NAME}:4307", "port"),
        (f"https://{NAME}/", "URL"),
        ("*.example.org", "mask"),
        (f"anna@{NAME}", "ID or an address"),
        ("two words", "white space"),
        ("", "empty"),
    ],
)
def test_what_is_no_name_of_a_server_is_asked_wrongly(world: World, host: str, told: str) -> None:
    said = world.test(name=host)

    assert said.status == 2
    assert said.err.count("\n") == 1
    assert told in said.err
    assert said.out == ""


def test_a_ca_file_that_is_none_is_said_in_one_sentence(world: World, tmp_path: Path) -> None:
    said = world.test("--ca-file", str(tmp_path / "none.pem"))

    assert said.status == 1
    assert said.err.startswith("notifier: No certificate can be checked: ")
    assert said.err.count("\n") == 1
    assert "none.pem" in said.err
    assert said.out == ""


def test_an_authority_that_is_named_is_trusted(world: World, tmp_path: Path) -> None:
    """In place of that of the settings, beside those of the system."""
    world.tell({f"{NAME} A": HERE})
    ports = ("--port", str(world.open), "--https-port", str(world.others["stranger"]))

    said = world.test(*ports, "--ca-file", str(world.strangers.file(tmp_path)))

    assert said.status == 0, said.out


def test_a_name_server_steers_no_terminal(world: World) -> None:
    target = "\\027[31m.test."
    world.tell({f"{SRV} SRV": [f"0 0 4307 {target}"]})

    table, answer = world.test(), world.test("--json")

    assert b"\x1b" not in table.raw + answer.raw
    assert "[31m.test" in table.out


def step(said: Said, name: str) -> Any:
    return next(each for each in said.json["steps"] if each["step"] == name)


def reds(said: Said) -> list[Any]:
    return [each for each in said.json["steps"] if each["status"] == "fail"]
