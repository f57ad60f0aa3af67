"""The same Redis once more, in the words of kombu, Celery's way to it."""

import ssl
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from notifier.reaching.address import Sentinels, ca_file, has_tls, sentinels
from notifier.reaching.clients import SENTINEL_SECONDS

# A SENTINEL answer comes from memory; see `reaching.clients`.
_SENTINEL_WAITS: Final = {
    "socket_timeout": SENTINEL_SECONDS,
    "socket_connect_timeout": SENTINEL_SECONDS,
}


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where Celery's queues are: `broker_url`, `broker_use_ssl`, and some transport options."""

    url: str
    use_ssl: dict[str, Any] | None
    options: dict[str, Any]


def broker(url: str) -> Broker:
    """The broker in the Redis at `url`."""
    tls = _tls(url)
    known = sentinels(url)
    if known is None:
        keepalive = {"socket_keepalive": not url.startswith("unix:")}
        return Broker(url=_plain(url), use_ssl=tls, options=keepalive)
    own = {"username": known.own_user, "password": known.own_password}
    return Broker(
        url=";".join(_each(known)),
        use_ssl=tls,
        options={
            "socket_keepalive": True,
            "master_name": known.primary,
            "sentinel_kwargs": own | _SENTINEL_WAITS | ({"ssl": True, **tls} if tls else {}),
        },
    )


def _tls(url: str) -> dict[str, Any] | None:
    """Not in the URL, where kombu reads it: Flower knows it from the setting only."""
    if not has_tls(url):
        return None
    checked = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    file = ca_file(url)
    return checked | ({"ssl_ca_certs": file} if file else {})


def _plain(url: str) -> str:
    """A Unix socket is `redis+socket://`, its db a virtual host; of others only the query goes."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return _with_database(url)
    query = parse_qs(parts.query)
    database = query.get("db", ["0"])[0]
    password = parts.password or quote(query.get("password", [""])[0], safe="")
    login = f"{parts.username or ''}:{password}@" if password else ""
    return f"redis+socket://{login}{parts.path}?virtual_host={database}"


def _with_database(url: str) -> str:
    """redis-py takes `?db=3` as well as `/3`; kombu takes the path alone."""
    parts = urlsplit(url)
    database = parse_qs(parts.query).get("db")
    path = f"/{database[0]}" if database else parts.path
    return parts._replace(path=path, query="").geturl()


def _each(known: Sentinels) -> list[str]:
    """One URL for each sentinel, all with the login: kombu reads it from whichever it is at."""
    user, password = (quote(each or "", safe="") for each in (known.user, known.password))
    login = f"{user}:{password}@" if password else ""
    return [
        f"sentinel://{login}{f'[{host}]' if ':' in host else host}:{port}/{known.database}"
        for host, port in known.hosts
    ]
