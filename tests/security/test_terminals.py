"""Nothing that a stranger has written steers the terminal of whoever looks at it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests import cast
from tests.cli.deployment import SETTINGS, Deployment, Said, soon
from tests.redis_servers import PrivateRedis

pytestmark = pytest.mark.slow

# Clears the screen, sets its title, in C0 and in C1; turns the writing; begins another line.
EVIL: Final = (
    "x\x1b[2J\x1b]0;owned\x07\x9b31m\x9d0;owned\x9c\u202ey\u2028z\r\nnotifier: all is well"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Strangers have published and answered; one row is from before replies were cleaned."""
    folder = tmp_path_factory.mktemp("terminals")
    (folder / "templates" / "en" / "invitation").mkdir(parents=True)
    (folder / "templates" / "en" / "invitation" / "body.txt").write_text("{{ " + EVIL + " }}")
    with PrivateRedis() as redis:
        deployment = Deployment(redis, folder)
        evil = SETTINGS.replace("[network]", f'sender_name = "{_toml(EVIL)}"\n[network]')
        evil += f'whitelist = [{{mask = "a.example", comment = "{_toml(EVIL)}"}}]\n'
        applied = deployment.run("settings", "apply", deployment.file("settings.toml", evil))
        assert applied.status == 0, applied.err
        deployment.hear(
            cast.event(
                "conference.invitation",
                {"conference": soon(name=EVIL), "participants": [cast.person(1, name=EVIL)]},
            ),
        )
        deployment.put(b'{"specversion": "1.0", "%s": "%s"}' % ((_json(EVIL),) * 2))
        deployment.put(EVIL.encode())
        deployment.hear()
        deployment.with_parts(lambda parts: _spoil(parts.client))
        yield deployment


def _toml(text: str) -> str:
    return "".join(each if each.isalnum() else f"\\u{ord(each):04x}" for each in text)


def _json(text: str) -> bytes:
    return _toml(text).encode()


async def _spoil(client: Any) -> None:
    async for key in client.scan_iter("notifier:delivery:*"):
        await client.hset(key, mapping={"why": EVIL, "state": "failed"})


def printable(said: Said) -> bool:
    return (said.out + said.err).replace("\n", "").isprintable()


def ids(told: Deployment, *command: str) -> list[str]:
    return [each["id"] for each in told.run(*command, "--json").json]


@pytest.mark.parametrize(
    "command",
    [
        ("deliveries", "list"),
        ("deliveries", "list", "--json"),
        ("conferences", "show", "df0a2adebe"),
        ("conferences", "show", "df0a2adebe", "--json"),
        ("rejected", "list"),
        ("templates", "lint"),
        ("settings", "show"),
        ("settings", "show", "--json"),
        ("check", "federation", EVIL),
        ("federation", "show"),
        ("federation", "show", "--json"),
        ("federation", "export", "whitelist"),
        ("federation", "add", "whitelist", EVIL),
        ("federation", "add", "whitelist", "a.example"),
        ("federation", "remove", "whitelist", EVIL),
        ("federation", "import", "whitelist", EVIL),
        ("doctor",),
    ],
    ids=lambda command: " ".join(command)[:30].encode("ascii", "replace").decode(),
)
def test_what_is_printed_steers_no_terminal(told: Deployment, command: tuple[str, ...]) -> None:
    said = told.run(*command)

    assert printable(said), said


def test_one_delivery_is_shown_in_plain(told: Deployment) -> None:
    [delivery] = ids(told, "deliveries", "list")

    table = told.run("deliveries", "show", delivery)
    again = told.run("deliveries", "show", delivery, "--json")

    assert printable(table)
    assert printable(again)
    # Escaped, not lost: a program reads it as it is.
    assert again.json["reason"] == EVIL


def test_what_was_buried_is_told_in_plain(told: Deployment) -> None:
    for entry in ids(told, "rejected", "list"):
        said = told.run("rejected", "show", entry, "--json")
        bytes_ = told.run("rejected", "show", entry)

        assert printable(said)
        # The bytes themselves are for a file; the reason beside them is for the terminal.
        assert bytes_.err.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "command",
    [
        ("deliveries", "show", EVIL),
        ("rejected", "replay", EVIL),
        ("templates", "preview", "invitation", "--language", "../../" + EVIL),
        ("templates", "restore", "../" + EVIL),
        ("templates", "restore", "invitation", "--language", "../../etc"),
        ("templates", "diff", "invitation", "--language", "../" + EVIL),
        (EVIL,),
    ],
    ids=lambda command: " ".join(command)[:30].encode("ascii", "replace").decode(),
)
def test_what_was_asked_wrongly_is_told_in_plain(
    told: Deployment, command: tuple[str, ...]
) -> None:
    said = told.run(*command)

    assert said.err.replace("\n", "").isprintable(), said
    assert "Traceback" not in said.err


def test_explaining_prints_in_plain(told: Deployment, tmp_path: Path) -> None:
    happened = {"conference": soon(9, name=EVIL), "participants": [cast.person(2, name=EVIL)]}
    sound = told.file("sound.json", cast.raw(cast.event("conference.invitation", happened)))
    broken = told.file("broken.json", b'{"%s": 1}' % _json(EVIL))

    for file in (sound, broken):
        for more in ((), ("--json",)):
            said = told.run("explain", file, *more)
            assert printable(said), said
    assert printable(told.run("publish", broken))
