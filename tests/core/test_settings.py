"""Claims about settings: whole or partial, all or nothing, and refused in full sentences."""

import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.federation.federation import masks
from notifier.core.mail_servers import MailServer, Smtp
from notifier.core.secrets import HIDDEN, without_secrets
from notifier.core.settings import Settings, SettingsRefused, merged, shown

CONTRACT = """
[server]
name = "Example Conferences"
domain = "conf.example.com"
language = "en"
time_zone = "Europe/Paris"
[smtp]
host = "smtp.example.com"
security = "starttls"
port = 587
authentication = "password"
username = "conf@example.com"
password = "secret"
ca_file = ""
sender_address = "conf@example.com"
sender_name = "Example Conferences"
connections = 10
rate = 0
[administrator]
name = "Chris"
email = "admin@example.com"
phone = "+33 1 23 45 67 89"
notify_on_restart = true
[notifications]
missed_calls = true
invitations = true
registrations = true
reminders = true
reschedules = true
cancellations = true
removals = true
[reminders]
offsets = ["1d", "5m"]
[network]
listen_on_all = true
internal = [{host = "10.0.0.5", port = 4307}]
external = []
web_address = "conf.example.com"
https_port = 443
[federation]
mode = "disabled"
whitelist = []
blacklist = []
"""
FULL = merged(Settings(), tomllib.loads(CONTRACT))


def refusal(change: dict[str, Any], before: Settings = FULL) -> str:
    with pytest.raises(SettingsRefused) as caught:
        merged(before, change)
    return str(caught.value)


# ---- merging -------------------------------------------------------------------------------


def test_every_setting_of_the_contract_is_read() -> None:
    said = msgspec.to_builtins(FULL, builtin_types=())

    for section, values in tomllib.loads(CONTRACT).items():
        found = msgspec.json.decode(msgspec.json.encode(said[section]))
        assert {name: found[name] for name in values} == values


def test_a_part_leaves_the_rest_as_it_was() -> None:
    changed = merged(FULL, {"smtp": {"host": "else.example.com"}})

    assert changed.smtp.host == "else.example.com"
    assert msgspec.structs.replace(changed, smtp=FULL.smtp) == FULL
    assert changed.smtp.username == FULL.smtp.username


def test_nothing_changes_nothing() -> None:
    assert merged(FULL, {}) == FULL
    assert merged(FULL, msgspec.to_builtins(FULL)) == FULL


def test_a_list_is_replaced_not_lengthened() -> None:
    assert merged(FULL, {"reminders": {"offsets": ["2h"]}}).reminders.offsets == ("2h",)


@pytest.mark.parametrize(("security", "port"), [("ssl", 465), ("starttls", 587), ("none", 25)])
def test_r28_the_port_follows_the_security_unless_given(security: Any, port: int) -> None:
    assert Smtp(security=security).effective_port == port
    assert Smtp(security=security, port=2525).effective_port == 2525


def test_a_newcomer_needs_to_set_nothing() -> None:
    fresh = Settings()

    assert fresh.reminders.offsets == ()
    assert all(msgspec.structs.astuple(fresh.notifications)[:7])
    assert fresh.server.domain == ""


# ---- refusing ------------------------------------------------------------------------------

REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"smtp": {"port": 0}}, "smtp.port", "0", ">= 1"),
    ({"smtp": {"port": 65536}}, "smtp.port", "65536", "<= 65535"),
    ({"smtp": {"rate": -1}}, "smtp.rate", "-1", ">= 0"),
    ({"smtp": {"security": "tls"}}, "smtp.security", "tls", "ssl, starttls, none"),
    ({"smtp": {"authentication": "oauth"}}, "smtp.authentication", "oauth", "password, oauth2"),
    ({"smtp": {"token_url": "http://a.example/t"}}, "smtp.token_url", "a.example", "https://"),
    ({"smtp": {"token_url": "token"}}, "smtp.token_url", "token", "https://"),
    ({"smtp": {"token_url": "https:///t"}}, "smtp.token_url", "https:///t", "https://"),
    ({"smtp": {"token_url": "https://a.example:x/"}}, "smtp.token_url", ":x/", "https://"),
    ({"smtp": {"backup": [{"host": "b", "port": 0}]}}, "smtp.backup[0].port", "0", ">= 1"),
    ({"smtp": {"backup": [{"host": "b", "hots": 1}]}}, "smtp.backup[0].hots", "hots", "unknown"),
    ({"smtp": {"backup": [{"port": 25}]}}, "smtp.backup[0]", "host", "empty"),
    ({"smtp": {"backup": [{"host": "b"}] * 5}}, "smtp.backup", "<= 4", "<= 4"),
    ({"smtp": {"sender_address": "a@b, c@d"}}, "smtp.sender_address", "a@b, c@d", "mail address"),
    ({"smtp": 5}, "smtp", "5", "a table, which opens with [smtp], not a whole number"),
    ({"smtp": {"port": "25"}}, "smtp.port", "'25'", "a whole number, not a text in quotes"),
    ({"smtp": {"backup": {"host": "b"}}}, "smtp.backup", "a table", 'such as [{host = "…"}]'),
    ({"server": {"time_zone": "Mars"}}, "server.time_zone", "Mars", "Europe/Paris"),
    ({"administrator": {"email": "chris"}}, "administrator.email", "chris", "mail address"),
    ({"notifications": {"removals": "yes"}}, "notifications.removals", "yes", "true or false"),
    ({"reminders": {"offsets": ["1d", "45s"]}}, "reminders.offsets[1]", "45s", "1m to 30d"),
    ({"reminders": {"offsets": ["0m"]}}, "reminders.offsets[0]", "0m", "1m to 30d"),  # R14
    ({"reminders": {"offsets": ["31d"]}}, "reminders.offsets[0]", "31d", "1m to 30d"),  # R14
    ({"reminders": {"offsets": ["1m"] * 5}}, "reminders.offsets", "1m", "<= 4"),  # R14
    ({"network": {"https_port": 0}}, "network.https_port", "0", ">= 1"),
    (
        {"network": {"internal": [{"host": "a"}, {"host": "b", "port": 0}]}},
        "network.internal[1].port",
        "0",
        ">= 1",
    ),
    (
        {"network": {"internal": ["10.0.0.5"]}},
        "network.internal[0]",
        "'10.0.0.5'",
        'it takes a table such as {host = "…"}, not a text in quotes',
    ),
    ({"network": {"external": [{"port": 1}]}}, "network.external[0]", "`host`", "is missing"),
    ({"federation": {"mode": "open"}}, "federation.mode", "open", "disabled, whitelist, blacklist"),
    (
        {"federation": {"whitelist": ["a.example", "10.0.0.1"]}},
        "federation.whitelist[1]",
        "10.0.0.1",
        "it is an IP address",
    ),  # R44
    ({"federation": {"blacklist": ["a b"]}}, "federation.blacklist[0]", "a b", "masks"),
    # An earlier version let it onto a list.
    ({"federation": {"blacklist": ["a.*", "-a.*"]}}, "federation.blacklist[1]", "-a.*", "hyphen"),
    (
        {"federation": {"blacklist": "*.com"}},
        "federation.blacklist",
        "*.com",
        'array such as ["…"]',
    ),
    (
        {"federation": {"blacklist": [3]}},
        "federation.blacklist[0]",
        "(found: 3)",
        'it takes a text in quotes or a table such as {mask = "…"}, not a whole number',
    ),
    (
        {"federation": {"blacklist": [{"mask": "a.*", "added": 5}]}},
        "federation.blacklist[0].added",
        "(found: 5)",
        "it takes a date, not a whole number",
    ),
    (
        {"federation": {"blacklist": [{"mask": "a.*", "added": "Monday"}]}},
        "federation.blacklist[0].added",
        "Monday",
        "2026-11-26",
    ),
]


@pytest.mark.parametrize(
    ("change", "path", "found", "allowed"), REFUSED, ids=[str(row[:3]) for row in REFUSED]
)
def test_a_wrong_value_is_refused_with_path_value_and_what_is_allowed(
    change: dict[str, Any], path: str, found: str, allowed: str
) -> None:
    said = refusal(change)

    assert said.startswith(f"{path}: ")
    assert found in said
    assert allowed in said


def test_r44_an_entry_of_an_earlier_version_stays_until_it_is_taken_off() -> None:
    stored = msgspec.convert({"federation": {"blacklist": ["-a.example"]}}, Settings)

    more = merged(stored, {"federation": {"blacklist": ["b.example", "-a.example"]}})

    assert masks(more.federation.blacklist) == ["b.example", "-a.example"]


HOSTS = [f"h{number}.example" for number in range(25_000)]


def test_a_stored_list_that_is_longer_than_one_may_grow_is_read_and_can_be_shortened() -> None:
    stored = msgspec.convert({"federation": {"blacklist": HOSTS}}, Settings)

    other = merged(stored, {"server": {"name": "Ours"}, "federation": {"mode": "blacklist"}})
    same = merged(stored, {"federation": {"blacklist": [*HOSTS[1:], "new.example"]}})
    shorter = merged(stored, {"federation": {"blacklist": HOSTS[1:]}})

    found = [len(each.federation.blacklist) for each in (stored, other, same, shorter)]
    assert found == [25_000, 25_000, 25_000, 24_999]


@pytest.mark.parametrize("there", [0, 20_000, 20_001])
def test_a_list_does_not_grow_over_its_limit(there: int) -> None:
    stored = msgspec.convert({"federation": {"whitelist": HOSTS[:there]}}, Settings)
    allowed = merged(FULL, {"federation": {"whitelist": HOSTS[:20_000]}})

    said = refusal({"federation": {"whitelist": HOSTS[: max(there, 20_000) + 1]}}, stored)

    assert len(allowed.federation.whitelist) == 20_000
    assert said.startswith("federation.whitelist: it would have 2000")
    assert "at most 20000; take some off" in said


@pytest.mark.parametrize(
    ("change", "path", "hint"),
    [
        ({"smtq": {}}, "smtq", "did you mean `smtp`?"),
        ({"smtp": {"hots": "a"}}, "smtp.hots", "did you mean `host`?"),
        (
            {"federation": {"blacklist": [{"mask": "a.*", "comments": "b"}]}},
            "federation.blacklist[0].comments",
            "did you mean `comment`?",
        ),
        (
            {"network": {"internal": [{"hots": "a", "host": "b"}]}},
            "network.internal[0].hots",
            "did you mean `host`?",
        ),
        ({"notifications": {"organiser": "owner"}}, "notifications.organiser", "`organizer`?"),
        ({"ledger": {"zzz": 1}}, "ledger.zzz", "there are retention_days, on_unknown"),
    ],
)
def test_an_unknown_name_is_refused_with_the_one_that_was_meant(
    change: dict[str, Any], path: str, hint: str
) -> None:
    said = refusal(change)

    assert said.startswith(f"{path}: Object contains unknown field")
    assert hint in said


@pytest.mark.parametrize(
    "change",
    [
        {"smtp": {"password": 12345678}},
        {"smtp": {"password": ["12345678"]}},
        {"smtp": {"passphrase": "12345678"}},
        {"smtp": {"password": "12345678" * 200}},
    ],
    ids=["number", "list", "misspelt", "too long"],
)
def test_a_secret_is_never_quoted(change: dict[str, Any]) -> None:
    assert "12345678" not in refusal(change)


def test_a_long_value_is_quoted_in_part() -> None:
    assert len(refusal({"server": {"name": "x" * 100_000}})) < 200


def test_a_password_needs_a_user() -> None:
    said = refusal({"smtp": {"authentication": "password"}}, Settings())

    assert said.startswith("smtp.authentication: ")
    assert "username" in said


# ---- all or nothing ------------------------------------------------------------------------

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 70_000),
    st.text(max_size=8),
    st.sampled_from(["ssl", "none", "1d", "45s", "*.example.com", "10.0.0.1", "a@b.org"]),
    st.lists(st.sampled_from(["1d", "5m", "45s", "*.example.com", "::1"]), max_size=5),
)
known = {
    section.name: [each.name for each in msgspec.structs.fields(section.type)]
    for section in msgspec.structs.fields(Settings)
}
sections = st.sampled_from(sorted(known))


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for section in draw(st.lists(sections, max_size=3, unique=True)):
        names = st.sampled_from([*known[section], "unknown"])
        tables[section] = draw(st.dictionaries(names, values, max_size=3))
    return tables


@given(changes())
def test_a_merge_is_never_half_applied(change: dict[str, Any]) -> None:
    before = msgspec.json.encode(FULL)
    said = msgspec.json.encode(change)
    expected = msgspec.json.decode(before)
    for section, table in change.items():
        expected[section] |= table

    result = _merged_or_before(change)

    whole = msgspec.json.decode(msgspec.json.encode(result))
    assert whole == expected if result is not FULL else msgspec.json.encode(result) == before
    assert msgspec.json.encode(FULL) == before
    assert msgspec.json.encode(change) == said


def _merged_or_before(change: dict[str, Any]) -> Settings:
    try:
        return merged(FULL, change)
    except SettingsRefused:
        return FULL


@given(changes(), changes())
def test_one_wrong_value_refuses_the_whole_change(
    change: dict[str, Any], good: dict[str, Any]
) -> None:
    wrong = {"smtp": {"rate": -1}}

    with pytest.raises(SettingsRefused):
        merged(FULL, good | change | wrong)


@given(changes())
def test_merging_twice_is_merging_once(change: dict[str, Any]) -> None:
    once = _merged_or_before(change)

    assert once is FULL or merged(once, change) == once


# ---- showing -------------------------------------------------------------------------------


def test_what_is_shown_hides_the_password() -> None:
    tables = shown(FULL)

    assert tables["smtp"]["password"] == HIDDEN
    assert FULL.smtp.password not in tables["smtp"].values()


def test_what_is_shown_says_that_there_is_no_password() -> None:
    assert shown(Settings())["smtp"]["password"] == ""


# ---- secrets -------------------------------------------------------------------------------

OAUTH: dict[str, Any] = {
    "authentication": "oauth2",
    "username": "conf@example.com",
    "token_url": "https://login.example.com/token",
    "client_id": "notifier",
    "client_secret": "hush-client",
}
BACKUPS: list[dict[str, Any]] = [
    {"host": "one.example.com", "username": "a", "password": "hush-one"},
    {"host": "two.example.com", **OAUTH},
]
GUARDED = merged(FULL, {"smtp": {"backup": BACKUPS}})


@pytest.mark.parametrize("missing", ["username", "token_url", "client_id", "client_secret"])
def test_oauth2_needs_every_part_of_a_login(missing: str) -> None:
    said = refusal({"smtp": OAUTH | {missing: ""}})

    assert missing in said
    assert "oauth2" in said
    assert "hush-client" not in said


def test_the_client_secret_may_be_kept_elsewhere_for_the_first_server_alone() -> None:
    bare = OAUTH | {"client_secret": ""}
    kept = {"kept_elsewhere": {"client_secret"}}

    assert merged(FULL, {"smtp": bare}, **kept).smtp.client_id == "notifier"
    with pytest.raises(SettingsRefused, match=r"smtp\.backup\[0\]\.client_secret"):
        merged(FULL, {"smtp": {"backup": [bare | {"host": "b"}]}}, **kept)


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/t", "http://[::1]/t", "http://localhost/t"])
def test_a_token_may_come_in_the_clear_from_this_machine_alone(url: str) -> None:
    assert merged(FULL, {"smtp": OAUTH | {"token_url": url}}).smtp.token_url == url


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_sec": "hush"},
        {"backup": [{"host": "b", "passw": "hush"}]},
        {"backup": [{"host": "b", "password": 5, "client_secret": "hush"}]},
        {"backup": [{"host": "b", "client_secret": "hush"}] * 5},
        {"backup": {"host": "b", "password": "hush"}},
        {"token_url": "https://notifier:hush@login.example.com/token"},
    ],
)
def test_a_refusal_never_quotes_a_secret(wrong: dict[str, Any]) -> None:
    assert "hush" not in refusal({"smtp": wrong})


def test_what_is_shown_hides_the_secrets_of_every_server() -> None:
    backup = shown(GUARDED)["smtp"]["backup"]

    assert [each["password"] for each in backup] == [HIDDEN, ""]
    assert [each["client_secret"] for each in backup] == ["", HIDDEN]
    assert "hush" not in repr(shown(GUARDED))


def test_what_is_shown_can_be_applied_and_changes_nothing() -> None:
    assert merged(GUARDED, shown(GUARDED)) == GUARDED
    assert merged(GUARDED, without_secrets(msgspec.to_builtins(GUARDED))) == GUARDED


def secrets_after(*backup: dict[str, Any]) -> list[str]:
    """Give password and client secret of each backup once these were laid over GUARDED."""
    smtp = merged(GUARDED, {"smtp": {"backup": list(backup)}}).smtp
    return [each.password + each.client_secret for each in smtp.backup]


def test_a_hidden_secret_follows_its_host_to_another_place() -> None:
    first, second = shown(GUARDED)["smtp"]["backup"]

    assert secrets_after(second, first) == ["hush-client", "hush-one"]
    assert secrets_after(second) == ["hush-client"]


def test_a_hidden_secret_stays_with_a_server_that_was_renamed() -> None:
    first, second = shown(GUARDED)["smtp"]["backup"]

    assert secrets_after(first | {"host": "new.example.com"}, second)[0] == "hush-one"


def test_a_secret_never_goes_to_a_server_that_was_put_in_before_its_own() -> None:
    new = {"host": "new.example.com", "username": "n", "password": HIDDEN}

    assert secrets_after(new, *shown(GUARDED)["smtp"]["backup"])[0] == ""
    assert secrets_after({"host": "new.example.com"}) == [""]


def test_a_secret_can_be_taken_away() -> None:
    assert secrets_after({"host": "one.example.com", "password": ""}) == [""]


def test_the_roads_are_the_servers_in_their_order_with_one_sender() -> None:
    roads = GUARDED.smtp.roads

    assert [road.host for road in roads] == [
        "smtp.example.com",
        "one.example.com",
        "two.example.com",
    ]
    assert {road.sender_address for road in roads} == {"conf@example.com"}
    assert [road.backup for road in roads] == [()] * 3


def test_printed_settings_tell_no_secret() -> None:
    told = {"authentication": "password", "username": "conf", "password": "hush"}
    backup = [{"host": "b.example.com", "client_secret": "hush2", **told}]

    settings = merged(Settings(), {"smtp": {**told, "client_secret": "hush3", "backup": backup}})

    assert "hush" not in repr(settings)
    assert "Smtp(host=" in repr(settings)


def test_roads_are_named_after_their_place_in_the_settings() -> None:
    smtp = Smtp(host="one", backup=(MailServer(host="two"), MailServer(host="three")))

    assert smtp.road_names == ("smtp", "smtp.backup[0]", "smtp.backup[1]")
    assert [road.host for road in smtp.roads] == ["one", "two", "three"]


# ---- calendar entries ----------------------------------------------------------------------


def test_entries_are_as_most_calendars_take_them_unless_somebody_says_otherwise() -> None:
    said = Settings().notifications

    assert (said.organizer, said.entry_link, said.alarm_minutes) == ("sender", "personal", 15)
    assert (said.attach_ics, said.reply_to_owner, said.cancelled_in_removals) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"organizer": "me"},
            (
                "notifications.organizer: Invalid enum value 'me'; allowed are sender, owner "
                "(found: 'me')"
            ),
        ),
        (
            {"entry_link": ""},
            (
                "notifications.entry_link: Invalid enum value ''; allowed are personal, generic "
                "(found: '')"
            ),
        ),
        (
            {"alarm_minutes": -1},
            "notifications.alarm_minutes: it takes a whole number >= 0 (found: -1)",
        ),
        (
            {"alarm_minutes": 40_321},
            "notifications.alarm_minutes: it takes a whole number <= 40320 (found: 40321)",
        ),
        (
            {"cancelled_in_removals": "yes"},
            (
                "notifications.cancelled_in_removals: it takes true or false, not a text in quotes "
                "(found: 'yes')"
            ),
        ),
    ],
    ids=lambda value: "=".join(map(str, *value.items())) if isinstance(value, dict) else "",
)
def test_a_wrong_word_about_entries_is_refused_with_what_is_allowed(
    change: dict[str, Any], said: str
) -> None:
    assert refusal({"notifications": change}) == said
