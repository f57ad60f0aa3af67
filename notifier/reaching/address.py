"""Where a Redis is: the URL as a deployment writes it, read and completed; nothing is opened here.

redis://host:6379/0, rediss:// with TLS, unix:///path?db=0, and for a primary that sentinels know
redis+sentinel://host1:26379,host2:26379/name/0, or rediss+sentinel:// with TLS to all of them.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

PLAIN: Final = ("redis", "rediss", "unix")
SENTINEL: Final = ("redis+sentinel", "rediss+sentinel")
SCHEMES: Final = (*PLAIN, *SENTINEL)

SENTINEL_PORT: Final = 26379

# redis-py's own name for the file with the certificates that are trusted.
CA_FILE: Final = "ssl_ca_certs"

# Who a server is, is always checked: an operator with a certificate of his own names his CA.
NEVER: Final = frozenset(
    {"ssl_cert_reqs", "ssl_check_hostname", "ssl_include_verify_flags", "ssl_exclude_verify_flags"}
)
SENTINEL_USER: Final = "sentinel_username"
SENTINEL_PASSWORD: Final = "sentinel_password"


class BadAddress(ValueError):
    """The URL names no Redis; the text goes on after the name of whatever holds the URL."""


class Sentinels(msgspec.Struct, frozen=True, kw_only=True):
    """The sentinels that know a primary, by its name; `user` and `password` are the primary's."""

    hosts: Sequence[tuple[str, int]]
    primary: str
    database: int
    user: str | None
    password: str | None
    own_user: str | None
    own_password: str | None


class _Pieces(msgspec.Struct, frozen=True):
    """A URL taken apart by hand: urllib refuses more hosts than one."""

    scheme: str
    login: str
    hosts: str
    path: str
    query: str

    def whole(self) -> str:
        login = f"{self.login}@" if self.login else ""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{login}{self.hosts}{self.path}{query}"

    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))


def check(url: str) -> None:
    """Come back if this is the URL of a Redis; raises BadAddress. No password is repeated."""
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in SCHEMES:
        found = f"starts with {scheme}://" if scheme else "names no scheme"
        raise BadAddress(
            f"{found}; it must look like redis://host:6379/0, rediss://host:6379/0, "
            "unix:///path?db=0 or redis+sentinel://host1:26379,host2:26379/name."
        )
    if _torn(url):
        raise BadAddress(
            "names no host and port that can be read, perhaps because of signs in its password; "
            "leave the password out and give it in NOTIFIER_REDIS_PASSWORD."
        )
    if forbidden := sorted(NEVER & _pieces(url).asked().keys()):
        raise BadAddress(
            f"asks for {forbidden[0]}, and who the server is must always be checked; leave it "
            "out, and name a private CA in NOTIFIER_REDIS_CA_FILE."
        )
    sentinels(url)


def has_tls(url: str) -> bool:
    """Whether the way to this Redis is encrypted, and the server's name checked."""
    return url.startswith("rediss")


def ca_file(url: str) -> str | None:
    """The file of a private CA, where the URL names one; else the system's are trusted."""
    return _pieces(url).asked().get(CA_FILE)


def sentinels(url: str) -> Sentinels | None:
    """Who to ask for the primary, or None for a Redis at a fixed address; raises BadAddress."""
    pieces = _pieces(url)
    if pieces.scheme not in SENTINEL:
        return None
    name, _, database = pieces.path.strip("/").partition("/")
    if not name:
        raise BadAddress(
            "names sentinels and no primary; write the name under which they know it after the "
            "hosts, as in redis+sentinel://host1:26379,host2:26379/mymaster."
        )
    if database and not (database.isascii() and database.isdigit()):
        raise BadAddress(
            f"names the database {database!r}; a database is a number: …/{name}/0, or leave it out."
        )
    asked = pieces.asked()
    user, _, password = pieces.login.partition(":")
    return Sentinels(
        hosts=tuple(_host(each) for each in pieces.hosts.split(",")),
        primary=unquote(name),
        database=int(database or 0),
        user=unquote(user) or None,
        password=unquote(password) or None,
        own_user=asked.get(SENTINEL_USER),
        own_password=asked.get(SENTINEL_PASSWORD),
    )


def with_password(url: str, password: str) -> str:
    """The URL with this password in place of its own: a URL is shown, a password is not."""
    pieces = _pieces(url)
    user = pieces.login.partition(":")[0]
    return msgspec.structs.replace(pieces, login=f"{user}:{quote(password, safe='')}").whole()


def with_ca_file(url: str, file: str) -> str:
    """The URL with the file of a private CA in it, as redis-py reads it."""
    return _asking(url, CA_FILE, file)


def with_sentinel_password(url: str, password: str) -> str:
    """The URL with the password of the sentinels, who have another one than Redis or none."""
    return _asking(url, SENTINEL_PASSWORD, password)


def without_password(url: str) -> str:
    """The URL as it may stand in a log line or an error."""
    pieces = _pieces(url)
    database = pieces.asked().get("db")
    query = f"db={database}" if database else ""
    return msgspec.structs.replace(pieces, login="", query=query).whole()


def _torn(url: str) -> bool:
    """A `/`, `?` or `#` in a password ends the host too early, and the rest would be shown."""
    pieces = _pieces(url)
    if pieces.scheme in SENTINEL:
        return "@" in pieces.path
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return True
    return "@" in url and "@" not in parts.netloc and parts.scheme != "unix"


def _pieces(url: str) -> _Pieces:
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    login, _, hosts = authority.rpartition("@")
    return _Pieces(scheme, login, hosts, slash + path, query)


def _asking(url: str, name: str, value: str) -> str:
    pieces = _pieces(url)
    query = urlencode(pieces.asked() | {name: value}, quote_via=quote)
    return msgspec.structs.replace(pieces, query=query).whole()


def _host(text: str) -> tuple[str, int]:
    """`host`, `host:26379` or `[::1]:26379`."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(SENTINEL_PORT)
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        raise BadAddress(f"names the port {port!r} of a sentinel; a port is a number up to 65535.")
    host = host.removeprefix("[").removesuffix("]")
    if not host:
        raise BadAddress(
            "names no host of a sentinel where one is due; write "
            "redis+sentinel://host1:26379,host2:26379/mymaster."
        )
    return unquote(host), int(port)
