"""Claims about `notifier federation` and `notifier check federation`."""

import asyncio
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.administering import admin_over
from notifier.core.federation.federation import MOST_ENTRIES, Entry, Federation
from notifier.core.federation.federation import masks as listed
from notifier.core.federation.mask_lists import parsed
from notifier.core.settings import Settings
from tests import cast
from tests.cli.deployment import Deployment, Said
from tests.redis_servers import PrivateRedis

Factory = pytest.TempPathFactory


@pytest.fixture(scope="module")
def shared(tmp_path_factory: Factory) -> Iterator[Deployment]:
    with PrivateRedis() as redis:
        yield Deployment(redis, tmp_path_factory.mktemp("federation"))


@pytest.fixture
def house(shared: Deployment) -> Deployment:
    """Give a deployment at home in conf.example.com, with empty lists and no mode."""
    shared.with_parts(lambda parts: parts.client.flushall())
    apply(shared, '[server]\ndomain = "conf.example.com"\n')
    return shared


def apply(house: Deployment, text: str) -> None:
    house.with_parts(lambda parts: parts.settings.apply(tomllib.loads(text)))


def federation(house: Deployment, *words: str, given: bytes = b"") -> Said:
    return house.run("federation", *words, given=given)


def masks(house: Deployment, name: str) -> list[str]:
    return listed(getattr(stored(house), name))


def stored(house: Deployment) -> Federation:
    settings: Settings = house.with_parts(lambda parts: parts.settings.current())
    return settings.federation


def told(said: Said) -> list[str]:
    """Give what is said on standard error besides the log."""
    return [line for line in said.err.splitlines() if "federation changed" not in line]


# ---- the mode ------------------------------------------------------------------------------


def test_the_mode_is_said_with_what_it_means(house: Deployment) -> None:
    before = federation(house, "show").out
    said = federation(house, "mode", "whitelist")
    after = federation(house, "show").out

    assert "mode: disabled (nobody elsewhere takes part)" in before
    assert "at home: conf.example.com" in before
    assert "only servers on the whitelist take part" in said.out
    assert "mode: whitelist" in after


def test_a_mode_that_keeps_nobody_out_for_want_of_a_domain_is_warned_of(house: Deployment) -> None:
    apply(house, '[server]\ndomain = ""\n[federation]\nwhitelist = ["a.example"]\n')

    said = federation(house, "mode", "whitelist")

    [warning] = told(said)
    assert said.status == 0
    assert "[server] domain is not set" in warning


def test_the_mode_that_is_in_force_makes_no_revision(house: Deployment) -> None:
    said = federation(house, "mode", "disabled", "--json")

    assert said.json["changed"] is False
    assert said.json["revision"] == 1


# ---- one mask ------------------------------------------------------------------------------


def test_what_is_added_stands_last_with_its_comment_and_the_day(house: Deployment) -> None:
    federation(house, "add", "whitelist", "a.example")

    said = federation(house, "add", "whitelist", "*.Exämple.org", "--comment", "Lyon wants it")

    last = federation(house, "show", "--json").json["whitelist"][-1]
    assert said.out.startswith("*.Exämple.org (*.xn--exmple-cua.org) is on the whitelist")
    assert (last["mask"], last["comment"]) == ("*.Exämple.org", "Lyon wants it")
    assert abs((datetime.now(UTC).date() - datetime.fromisoformat(last["added"]).date()).days) < 2
    assert "xn--exmple-cua" in federation(house, "show").out


def test_what_is_there_already_is_said_with_its_date_and_comment(house: Deployment) -> None:
    apply(
        house,
        "[federation]\nwhitelist = "
        '[{mask = "*.example.org", comment = "ours", added = "2025-01-02"}]\n',
    )

    said = federation(house, "add", "whitelist", "*.EXAMPLE.org.")

    assert said.status == 0
    assert "*.example.org was on the whitelist already since 2025-01-02 (ours)" in said.out
    assert masks(house, "whitelist") == ["*.example.org"]


def test_a_new_comment_leaves_the_date(house: Deployment) -> None:
    apply(house, '[federation]\nwhitelist = [{mask = "a.example", added = "2025-01-02"}]\n')

    said = federation(house, "add", "whitelist", "A.example", "--comment", "ours", "--json")

    assert [each["comment"] for each in said.json["altered"]] == ["ours"]
    assert said.json["altered"][0]["added"] == "2025-01-02"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("add", "whitelist", "10.0.0.1"), "10.0.0.1"),
        (("add", "whitelist", "a.example:4307"), "port"),
        (("add", "whitelist", ""), "mask"),
        (("add", "whitelits", "a.example"), "'whitelist'"),
        (("add", "whitelist", "a.example", "--comment", "x" * 1001), "1001 signs"),
        (("mode", "open"), "'disabled'"),
        (("import", "whitelist"), "file"),
        (("import", "whitelist", "-", "--empty"), "--replace"),
    ],
)
def test_what_is_asked_wrongly_is_one_line_and_status_two(
    house: Deployment, words: tuple[str, ...], expected: str
) -> None:
    said = federation(house, *words)

    assert (said.status, said.out) == (2, "")
    assert expected in said.err
    assert said.err.count("\n") == 1


def test_a_mask_is_taken_off_by_any_spelling(house: Deployment) -> None:
    federation(house, "add", "blacklist", "kö.example")

    said = federation(house, "remove", "blacklist", "XN--K-1GA.example.")

    assert said.status == 0
    assert "kö.example is off the blacklist (0 entries now" in said.out
    assert masks(house, "blacklist") == []


def test_a_mask_that_is_not_there_is_answered_with_the_one_that_may_be_meant(
    house: Deployment,
) -> None:
    federation(house, "add", "blacklist", "vc.example.org")

    said = federation(house, "remove", "blacklist", "vc.example.ogr")

    assert said.status == 1
    assert told(said) == [
        "notifier: There is no blacklist entry 'vc.example.ogr'; did you mean vc.example.org?"
    ]


def test_a_mask_of_a_list_that_is_empty_is_answered_so(house: Deployment) -> None:
    said = federation(house, "remove", "whitelist", "q.example")

    assert said.status == 1
    assert told(said) == [
        "notifier: There is no whitelist entry 'q.example'; the whitelist is empty."
    ]


def test_modes_and_lists_may_be_written_in_any_case(house: Deployment) -> None:
    mode = federation(house, "mode", "WHITELIST")
    added = federation(house, "add", "Whitelist", "a.example")

    assert (mode.status, added.status) == (0, 0), mode.err + added.err
    assert "The mode is whitelist from now on" in mode.out
    assert masks(house, "whitelist") == ["a.example"]


@pytest.mark.parametrize("command", ["add", "import"])
def test_the_help_says_how_long_a_list_may_be(house: Deployment, command: str) -> None:
    said = federation(house, command, "--help")

    assert f"at most {MOST_ENTRIES:,} entries" in " ".join(said.out.replace("│", " ").split())


def test_a_mask_that_still_covers_what_was_taken_off_is_named(house: Deployment) -> None:
    apply(house, '[federation]\nwhitelist = ["vc.example.org", "*.example.org"]\n')

    said = federation(house, "remove", "whitelist", "vc.example.org")

    assert said.status == 0
    assert any("*.example.org covers it still" in line for line in told(said))


def test_each_change_leaves_a_line_in_the_log(house: Deployment) -> None:
    added = federation(house, "add", "whitelist", "a.example")
    removed = federation(house, "remove", "whitelist", "a.example")

    assert "by=command act=add list=whitelist mask=a.example" in added.err
    assert "by=command act=remove list=whitelist mask=a.example" in removed.err


def test_a_settings_file_leaves_the_same_lines_in_the_log(house: Deployment) -> None:
    federation(house, "add", "blacklist", "a.example")
    file = b'[federation]\nmode = "blacklist"\nblacklist = ["b.example", "A.example"]\n'

    said = house.run("settings", "apply", "-", given=file)

    assert "act=mode before=disabled now=blacklist" in said.err
    assert "act=add list=blacklist mask=b.example" in said.err
    assert "act=alter list=blacklist mask=A.example" in said.err
    assert said.err.count("federation changed") == 3


def test_each_mask_of_a_file_is_in_the_log(house: Deployment) -> None:
    federation(house, "add", "blacklist", "old.example")
    given = [f"h{number:02}.example" for number in range(20)]

    said = federation(house, "import", "blacklist", "-", "--replace", given=_lines(given))

    assert "act=remove list=blacklist masks=old.example" in said.err
    assert f"act=add list=blacklist masks={', '.join(given)}\n" in said.err
    assert said.err.count("federation changed") == 2


def test_of_a_long_file_a_hundred_masks_are_in_the_log_and_the_others_are_counted(
    house: Deployment,
) -> None:
    given = [f"h{number:03}.{'x' * 60}.example" for number in range(130)]

    said = federation(house, "import", "blacklist", "-", given=_lines(given))

    assert [each for each in given if each in said.err] == given[:100]
    assert "act=more list=blacklist masks=30 revision=2" in said.err
    assert max(map(len, said.err.splitlines())) < 1200


def test_another_order_is_taken_and_stands_in_the_log(house: Deployment) -> None:
    apply(house, '[federation]\nblacklist = ["a.example", "*.example"]\n')
    given = _lines(["*.example", "a.example"])

    over = federation(house, "import", "blacklist", "-", given=given)
    said = federation(house, "import", "blacklist", "-", "--replace", given=given)

    assert "federation changed" not in over.err
    assert "in another order" in said.out
    assert "act=order list=blacklist" in said.err
    assert masks(house, "blacklist") == ["*.example", "a.example"]


def _lines(masks: list[str]) -> bytes:
    return "\n".join(masks).encode()


def test_what_looks_wrong_about_a_list_is_said(house: Deployment) -> None:
    federation(house, "add", "blacklist", "*.example.org")

    said = federation(house, "add", "blacklist", "vc.example.org")
    shown = federation(house, "show")

    for each in (said, shown):
        assert each.status == 0
        assert any(line.startswith("warning: ") and "vc.example.org" in line for line in told(each))


def test_the_next_event_follows_the_list(house: Deployment) -> None:
    dana = cast.DANA
    call = {"caller": cast.ANNA, "recipient": dana, "time": "2026-11-23T09:30:00Z"}
    federation(house, "mode", "blacklist")
    federation(house, "add", "blacklist", f"*{cast.ELSEWHERE[1:]}")

    house.hear(cast.event("call.missed", call))
    federation(house, "remove", "blacklist", f"*{cast.ELSEWHERE[1:]}")
    house.hear(cast.event("call.missed", call))

    rows = house.run("deliveries", "list", "--json").json
    assert sorted(each["state"] for each in rows) == ["pending", "skipped"]
    assert [each["reason"] for each in rows if each["state"] == "skipped"] == ["federation"]


def test_masks_that_are_added_at_the_same_moment_are_all_there(house: Deployment) -> None:
    wanted = {f"host{number}.example" for number in range(8)}

    async def all_at_once(parts: Any) -> None:
        admin = admin_over(parts, hand="command")
        await asyncio.gather(*(admin.federation.add("whitelist", each) for each in wanted))

    house.with_parts(all_at_once)

    assert set(masks(house, "whitelist")) == wanted


# ---- files ---------------------------------------------------------------------------------

ODD = (
    '[{mask = "a.example", comment = "2026-11-26"}, "*.Exämple.org",'
    ' {mask = "b.example", comment = " # \\u2028 \\\\U0000000a\\n", added = "2025-01-02"},'
    ' {mask = "c.example", added = "2024-02-29"}]'
)


@pytest.mark.parametrize("option", [(), ("--replace",)], ids=["over itself", "in its own place"])
def test_an_export_that_is_imported_changes_nothing(
    house: Deployment, option: tuple[str, ...]
) -> None:
    apply(house, f"[federation]\nwhitelist = {ODD}\n")
    before = stored(house)

    exported = federation(house, "export", "whitelist")
    said = federation(house, "import", "whitelist", "-", *option, given=exported.raw)

    assert said.status == 0, said.err
    assert "0 new, 0 with another comment or date, 0 gone, 0 repeated" in said.out
    assert stored(house) == before
    assert len(parsed(exported.raw)) == 4


def test_an_export_makes_the_same_list_elsewhere(house: Deployment) -> None:
    apply(house, f"[federation]\nwhitelist = {ODD}\n")
    exported = federation(house, "export", "whitelist").raw

    federation(house, "import", "blacklist", "-", given=exported)

    white, black = stored(house).whitelist, stored(house).blacklist
    assert listed(black) == listed(white)
    assert black[2:] == white[2:]
    # What had no date came onto this list today.
    assert white[1] == "*.Exämple.org"
    assert isinstance(black[1], Entry)
    assert black[1].added


def test_a_file_is_laid_over_a_list_or_takes_its_place(house: Deployment) -> None:
    apply(house, '[federation]\nblacklist = ["a.example", "b.example"]\n')
    file = house.file("masks.txt", b"\xef\xbb\xbf# ours\r\nB.example\r\nc.example # new\r\n")

    over = federation(house, "import", "blacklist", file)
    laid = masks(house, "blacklist")
    instead = federation(house, "import", "blacklist", file, "--replace")

    assert "1 new" in over.out
    assert laid == ["a.example", "b.example", "c.example"]
    assert "1 gone" in instead.out
    assert masks(house, "blacklist") == ["B.example", "c.example"]


@pytest.mark.parametrize("content", [b"", b"# 404: not found\n\n"], ids=["empty", "remarks"])
def test_a_download_that_failed_does_not_empty_a_list(house: Deployment, content: bytes) -> None:
    apply(house, '[federation]\nwhitelist = ["a.example", "b.example"]\n')

    said = federation(house, "import", "whitelist", "-", "--replace", given=content)
    kept = masks(house, "whitelist")
    meant = federation(house, "import", "whitelist", "-", "--replace", "--empty", given=content)

    [sentence] = told(said)
    assert (said.status, said.out) == (1, "")
    assert "the whitelist, which would lose all of its 2 entries" in sentence
    assert "--empty" in sentence
    assert kept == ["a.example", "b.example"]
    assert (meant.status, masks(house, "whitelist")) == (0, [])


def test_nothing_in_the_place_of_nothing_is_no_loss(house: Deployment) -> None:
    said = federation(house, "import", "whitelist", "-", "--replace")

    assert said.status == 0


def test_a_file_with_wrong_lines_is_refused_whole_and_the_first_twenty_are_named(
    house: Deployment,
) -> None:
    text = "good.example\n" + "10.0.0.1\n" * 25

    said = federation(house, "import", "whitelist", "-", given=text.encode())

    lines = told(said)
    assert said.status == 1
    assert len(lines) == 21
    assert lines[0].startswith("standard input, line 2: '10.0.0.1'")
    assert "25 lines are wrong" in lines[-1]
    assert masks(house, "whitelist") == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a.example # Z\xfcrich\n", "line 1: it is not UTF-8"),
        ("a.example\n".encode("utf-16"), "line 1: it is not UTF-8"),
        (b"\x00" * 100, "line 1"),
        (b"127.0.0.1 a.example\n", "line 1"),
        (b"a.example\n" * 20_001, "line 20001: a list has at most 20000"),
        (b"#" * (32 * 1024 * 1024 + 1), "larger than 32 MiB"),
    ],
    ids=["latin-1", "utf-16", "zeros", "a hosts file", "too many", "too large"],
)
def test_a_file_that_is_no_list_is_refused(
    house: Deployment, content: bytes, expected: str
) -> None:
    said = federation(house, "import", "whitelist", house.file("masks.txt", content))

    assert said.status == 1
    assert expected in said.err
    assert said.err.replace("\n", "").isprintable()
    assert masks(house, "whitelist") == []


def test_a_full_list_takes_no_more(house: Deployment) -> None:
    full = "".join(f"h{number}.example\n" for number in range(20_000)).encode()
    assert federation(house, "import", "whitelist", "-", given=full).status == 0

    said = federation(house, "add", "whitelist", "one.more.example")

    assert said.status == 1
    assert "federation.whitelist: it would have 20001 entries" in told(said)[-1]


# ---- checks --------------------------------------------------------------------------------

LISTS = """
[federation]
mode = "%s"
whitelist = [{mask = "*.Exämple.org", comment = "Lyon", added = "2025-01-02"}]
blacklist = ["*.example.net"]
"""


@pytest.mark.parametrize(
    ("mode", "host", "status", "said"),
    [
        (
            "whitelist",
            "VC.exämple.org",
            0,
            "(vc.xn--exmple-cua.org) is let in (mode whitelist: the whitelist has *.Exämple.org (",
        ),
        ("whitelist", "vc.example.com", 1, "is kept out (mode whitelist: not on the whitelist)"),
        ("blacklist", "a.example.net.", 1, "(mode blacklist: the blacklist has *.example.net)."),
        ("blacklist", "a.example.com", 0, "(mode blacklist: not on the blacklist)"),
        ("disabled", "a.example.com", 1, "federation is disabled"),
        ("disabled", "CONF.example.com", 0, "it is our own domain"),
    ],
)
def test_a_check_names_the_entry_that_decides_or_why_none_does(
    house: Deployment, mode: str, host: str, *, status: int, said: str
) -> None:
    apply(house, LISTS % mode)

    answer = house.run("check", "federation", host)

    assert answer.status == status
    assert said in answer.out


def test_a_check_as_json_has_the_entry(house: Deployment) -> None:
    apply(house, LISTS % "whitelist")

    listed = house.run("check", "federation", "vc.exämple.org", "--json").json
    other = house.run("check", "federation", "vc.example.com", "--json").json

    assert listed["entry"]["added"] == "2025-01-02"
    assert (listed["server"], listed["name"]) == ("vc.exämple.org", "vc.xn--exmple-cua.org")
    assert (other["admitted"], other["entry"]) == (False, None)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("10.0.0.1", "IP address"),
        ("vc.example.org:4307", "port"),
        ("https://vc.example.org/", "URL"),
        ("dana@vc.example.org", "behind its @"),
        ("*.example.org", "mask"),
        ("", "empty"),
    ],
)
def test_a_check_refuses_what_is_no_name_of_a_server(
    house: Deployment, host: str, expected: str
) -> None:
    said = house.run("check", "federation", host)

    assert (said.status, said.out) == (2, "")
    assert expected in said.err
    assert said.err.count("\n") == 1
