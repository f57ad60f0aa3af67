"""The environment becomes one checked value, or one clear sentence."""

import base64
import multiprocessing
import stat
from pathlib import Path

import pytest

from notifier.config import Config, ConfigError, data_folder, load, secret_key
from notifier.core.network.resolved import NameServer
from notifier.crash_points import Fault, Point


def loaded(**environ: str) -> Config:
    return load({"HOME": "/home/anna", **environ})


def test_an_empty_environment_gives_what_a_newcomer_would_want() -> None:
    config = loaded()

    assert config.redis_url is None
    assert config.data == Path("/home/anna/.local/share/notifier")
    assert config.templates is None
    assert (config.panel_host, config.panel_port) == ("127.0.0.1", 8080)
    assert (config.panel_password, config.api_token, config.smtp_password) == (None, None, None)
    assert (config.log, config.log_level) == ("text", "INFO")
    assert config.fault is None


def test_every_variable_arrives_in_its_field(tmp_path: Path) -> None:
    config = loaded(
        NOTIFIER_REDIS_URL="redis://redis.example.com:6379/3",
        NOTIFIER_DATA=str(tmp_path),
        NOTIFIER_TEMPLATES=str(tmp_path / "letters"),
        NOTIFIER_SECRET_KEY="a key",
        NOTIFIER_PANEL_HOST="0.0.0.0",
        NOTIFIER_PANEL_PORT="9090",
        NOTIFIER_PANEL_PASSWORD="one",
        NOTIFIER_FLOWER_HOST="::1",
        NOTIFIER_FLOWER_PORT="0",
        NOTIFIER_API_TOKEN="two",
        NOTIFIER_SMTP_PASSWORD="three",
        NOTIFIER_SMTP_CLIENT_SECRET="four",
        NOTIFIER_DNS="192.0.2.53, [2001:db8::53]:5353",
        NOTIFIER_LOG="JSON",
        NOTIFIER_LOG_LEVEL="debug",
        NOTIFIER_FAULT="committed:2",
    )

    assert config == Config(
        redis_url="redis://redis.example.com:6379/3",
        data=tmp_path,
        templates=tmp_path / "letters",
        secret_key="a key",
        panel_host="0.0.0.0",
        panel_port=9090,
        panel_password="one",
        flower_host="::1",
        flower_port=0,
        api_token="two",
        smtp_password="three",
        smtp_client_secret="four",
        dns=(NameServer("192.0.2.53"), NameServer("2001:db8::53", 5353)),
        log="json",
        log_level="DEBUG",
        fault=Fault(point=Point.COMMITTED, nth=2),
    )


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("redis://service@redis:6379/0", "redis://service:a%2Fb%40c@redis:6379/0"),
        ("rediss://redis", "rediss://:a%2Fb%40c@redis"),
        ("redis://service:old@redis:6379/0", "redis://service:a%2Fb%40c@redis:6379/0"),
        ("unix:///run/redis.sock?db=0", "unix://:a%2Fb%40c@/run/redis.sock?db=0"),
    ],
)
def test_the_password_of_redis_may_come_from_a_file_of_its_own(
    tmp_path: Path, url: str, whole: str
) -> None:
    (tmp_path / "password").write_text("a/b@c\n")

    config = loaded(NOTIFIER_REDIS_URL=url, NOTIFIER_REDIS_PASSWORD_FILE=str(tmp_path / "password"))

    assert config.redis_url == whole


def test_an_empty_variable_counts_as_left_out() -> None:
    empty = dict.fromkeys(("NOTIFIER_REDIS_URL", "NOTIFIER_DATA", "NOTIFIER_SECRET_KEY"), "")

    assert loaded(**empty, NOTIFIER_PANEL_PORT="", NOTIFIER_LOG="") == loaded()


def test_the_data_folder_follows_xdg() -> None:
    assert loaded(XDG_DATA_HOME="/srv/share").data == Path("/srv/share/notifier")


def test_a_relative_xdg_folder_is_ignored_as_its_specification_says() -> None:
    assert loaded(XDG_DATA_HOME="share").data == Path("/home/anna/.local/share/notifier")


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "PANEL_PASSWORD", "API_TOKEN", "SMTP_PASSWORD", "SMTP_CLIENT_SECRET"],
)
def test_a_secret_may_come_from_a_file_without_its_line_break(tmp_path: Path, name: str) -> None:
    path = tmp_path / "secret"
    path.write_text(" pass word \n")

    config = loaded(**{f"NOTIFIER_{name}_FILE": str(path)})

    assert getattr(config, name.lower()) == " pass word "


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"NOTIFIER_PANEL_PORT": "eighty"}, "NOTIFIER_PANEL_PORT is 'eighty'; it must be a port"),
        ({"NOTIFIER_PANEL_PORT": "65536"}, "from 0 to 65535."),
        ({"NOTIFIER_PANEL_PORT": "-1"}, "from 0 to 65535."),
        ({"NOTIFIER_LOG": "xml"}, "NOTIFIER_LOG is 'xml'; it must be one of text, json."),
        ({"NOTIFIER_LOG_LEVEL": "loud"}, "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ({"NOTIFIER_REDIS_URL": "http://:pw@host"}, "NOTIFIER_REDIS_URL starts with http://;"),
        ({"NOTIFIER_REDIS_URL": "localhost:6379"}, "NOTIFIER_REDIS_URL names no scheme;"),
        *(
            ({"NOTIFIER_REDIS_URL": url}, "give it in NOTIFIER_REDIS_PASSWORD.")
            for url in (
                "redis://:pw/x@host:6379/0",
                "redis://:1/pw@host:6379/0",
                "redis://me:pw#x@host:6379/0",
                "rediss://:pw?x@host:6379",
                "redis://host:pw/0",
            )
        ),
        (
            {"NOTIFIER_API_TOKEN": "x", "NOTIFIER_API_TOKEN_FILE": "/x"},
            "NOTIFIER_API_TOKEN and NOTIFIER_API_TOKEN_FILE are both set; leave one of them out.",
        ),
        (
            {"NOTIFIER_SMTP_PASSWORD_FILE": "/nowhere/password"},
            "/nowhere/password, which cannot be done (No such file or directory);",
        ),
        ({"NOTIFIER_SECRET_KEY_FILE": "/dev/null"}, "which is empty; write the secret into it"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        loaded(**environ)

    assert sentence in str(refusal.value)
    assert "pw" not in str(refusal.value)


def test_a_printed_config_tells_no_secret() -> None:
    config = loaded(
        NOTIFIER_REDIS_URL="redis://:hush1@host",
        NOTIFIER_SECRET_KEY="hush2",
        NOTIFIER_PANEL_PASSWORD="hush3",
        NOTIFIER_API_TOKEN="hush4",
        NOTIFIER_SMTP_PASSWORD="hush5",
        NOTIFIER_SMTP_CLIENT_SECRET="hush6",
    )

    assert "hush" not in f"{config!r} {config}"


def test_loading_writes_nothing(tmp_path: Path) -> None:
    loaded(NOTIFIER_DATA=str(tmp_path / "new"))

    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_is_made_for_its_user_alone(tmp_path: Path) -> None:
    folder = data_folder(loaded(NOTIFIER_DATA=str(tmp_path / "deep" / "new")))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_in_the_way_of_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(ConfigError, match=r"data folder .*taken/data cannot be written \(Not a di"):
        data_folder(loaded(NOTIFIER_DATA=str(tmp_path / "taken" / "data")))


def test_a_given_secret_key_needs_no_folder() -> None:
    key = base64.urlsafe_b64encode(bytes(32)).decode()

    assert secret_key(loaded(NOTIFIER_DATA="/dev/null/x", NOTIFIER_SECRET_KEY=key)) == key


@pytest.mark.parametrize("key", ["mine", "A" * 42 + "=", "A" * 43 + "=" + "A" * 44, "é" * 44])
def test_a_secret_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigError, match="must be 32 random bytes in URL-safe base64") as refusal:
        secret_key(loaded(NOTIFIER_SECRET_KEY=key))

    assert key not in str(refusal.value)


def test_a_missing_secret_key_is_made_once_and_kept(tmp_path: Path) -> None:
    config = loaded(NOTIFIER_DATA=str(tmp_path))

    key = secret_key(config)

    assert secret_key(config) == key
    assert len(base64.urlsafe_b64decode(key)) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "secret.key"]


def _key_of(folder: str) -> str:
    return secret_key(loaded(NOTIFIER_DATA=folder))


def test_of_many_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(_key_of, [str(tmp_path / str(n // 8)) for n in range(64)], chunksize=1)

    assert [len(set(keys[n : n + 8])) for n in range(0, 64, 8)] == [1] * 8
    assert len(set(keys)) == 8


def test_an_emptied_secret_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")

    with pytest.raises(ConfigError, match="is empty; restore it from a backup"):
        secret_key(loaded(NOTIFIER_DATA=str(tmp_path)))
