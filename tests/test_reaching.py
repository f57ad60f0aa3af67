"""The address of a Redis, as a deployment writes it."""

import pytest

from notifier.adapters.broker import broker
from notifier.config import ConfigError, load
from notifier.reaching.address import Sentinels, sentinels, with_password, without_password


def test_sentinels_and_the_primary_they_know_stand_in_one_url() -> None:
    url = "redis+sentinel://me:p%40w@one:26380,two,[::1]:26381,[::2]/my%20master/3"

    assert sentinels(url) == Sentinels(
        hosts=(("one", 26380), ("two", 26379), ("::1", 26381), ("::2", 26379)),
        primary="my master",
        database=3,
        user="me",
        password="p@w",
        own_user=None,
        own_password=None,
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis+sentinel://:pw@one,two", "names sentinels and no primary;"),
        ("redis+sentinel://:pw@one,two/", "names sentinels and no primary;"),
        ("redis+sentinel://:pw@one:port/main", "names the port 'port' of a sentinel;"),
        ("redis+sentinel://:pw@one:0/main", "names the port '0' of a sentinel;"),
        ("redis+sentinel://:pw@one,,two/main", "names no host of a sentinel"),
        ("redis+sentinel://:pw@/main", "names no host of a sentinel"),
        ("redis+sentinel://:pw@one/main/first", "names the database 'first';"),
        ("sentinel://:pw@one/main", "NOTIFIER_REDIS_URL starts with sentinel://;"),
    ],
)
def test_sentinels_that_cannot_be_asked_are_refused_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load({"NOTIFIER_REDIS_URL": url})

    assert sentence in str(refusal.value)
    assert "pw" not in str(refusal.value)


def test_the_passwords_of_redis_and_of_its_sentinels_may_come_apart_from_the_url() -> None:
    config = load(
        {
            "NOTIFIER_REDIS_URL": "redis+sentinel://service@one,two/main",
            "NOTIFIER_REDIS_PASSWORD": "a/b",
            "NOTIFIER_REDIS_SENTINEL_PASSWORD": "c&d",
        }
    )

    assert config.redis_url is not None
    found = sentinels(config.redis_url)
    assert found is not None
    assert (found.user, found.password, found.own_password) == ("service", "a/b", "c&d")
    assert without_password(config.redis_url) == "redis+sentinel://one,two/main"


def test_a_second_password_takes_the_place_of_the_first() -> None:
    once = with_password("rediss://me@[::1]:6380/2?ssl_ca_certs=%2Fca", "one")

    assert with_password(once, "two") == "rediss://me:two@[::1]:6380/2?ssl_ca_certs=%2Fca"


def test_kombu_is_told_of_every_sentinel_and_of_the_primary_s_password() -> None:
    found = broker("rediss+sentinel://me:p%40w@one,[::1]:1/main/3?sentinel_password=x")

    assert found.url == "sentinel://me:p%40w@one:26379/3;sentinel://me:p%40w@[::1]:1/3"
    assert found.options["master_name"] == "main"
    assert found.options["sentinel_kwargs"]["password"] == "x"
    assert found.options["sentinel_kwargs"]["ssl"]
    assert found.use_ssl is not None


def test_kombu_gets_the_database_wherever_it_stands() -> None:
    assert broker("redis://host:1?db=3").url == "redis://host:1/3"
