"""What the deployment decides, read once from the environment into one frozen value."""

import os
import secrets
import ssl
import sys
import tempfile
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, cast

import msgspec

from notifier.core.network.resolved import NameServer, name_servers
from notifier.crash_points import Fault, Point, read_fault
from notifier.reaching.address import (
    BadAddress,
    check,
    has_tls,
    with_ca_file,
    with_password,
    with_sentinel_password,
)

LogFormat = Literal["text", "json"]

LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# Fernet wants 32 random bytes in URL-safe base64; the same bytes sign the sessions.
SECRET_KEY_BYTES = 32


class ConfigError(Exception):
    """The environment asks for something that cannot be had; the text is one full sentence."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every variable of the deployment, checked; made by `load` only.

    `redis_url` is None where the Redis under `data` is meant; without `dns`, names are looked up
    as this machine does.
    Passwords and tokens are None where the deployment names none.
    """

    redis_url: str | None
    data: Path
    templates: Path | None
    secret_key: str | None
    panel_host: str
    panel_port: int
    panel_password: str | None
    flower_host: str
    flower_port: int
    api_token: str | None
    smtp_password: str | None
    smtp_client_secret: str | None
    dns: tuple[NameServer, ...]
    log: LogFormat
    log_level: str
    fault: Fault | None

    def __repr__(self) -> str:
        # A config ends up in tracebacks, and half of its fields are secrets.
        return f"Config(data={str(self.data)!r}, panel_port={self.panel_port})"


def load(environ: Mapping[str, str]) -> Config:
    """The deployment as the environment describes it; raises ConfigError.

    Reads the files that `…_FILE` variables name, and writes nothing.
    An empty variable counts as left out, which is what Compose passes for an unset one.
    """
    return Config(
        redis_url=_redis_url(environ),
        data=_folder(environ, "NOTIFIER_DATA") or _user_data(environ),
        templates=_folder(environ, "NOTIFIER_TEMPLATES"),
        secret_key=_secret(environ, "NOTIFIER_SECRET_KEY"),
        panel_host=environ.get("NOTIFIER_PANEL_HOST") or "127.0.0.1",
        panel_port=_port(environ, "NOTIFIER_PANEL_PORT", default=8080),
        panel_password=_secret(environ, "NOTIFIER_PANEL_PASSWORD"),
        flower_host=environ.get("NOTIFIER_FLOWER_HOST") or "127.0.0.1",
        flower_port=_port(environ, "NOTIFIER_FLOWER_PORT", default=5555),
        api_token=_secret(environ, "NOTIFIER_API_TOKEN"),
        smtp_password=_secret(environ, "NOTIFIER_SMTP_PASSWORD"),
        smtp_client_secret=_secret(environ, "NOTIFIER_SMTP_CLIENT_SECRET"),
        dns=_dns(environ),
        log=cast(LogFormat, _choice(environ, "NOTIFIER_LOG", LOG_FORMATS, "text", str.lower)),
        log_level=_choice(environ, "NOTIFIER_LOG_LEVEL", LOG_LEVELS, "INFO", str.upper),
        fault=_fault(environ),
    )


def data_folder(config: Config) -> Path:
    """The data folder, made if it was missing and tried with a file; raises ConfigError."""
    try:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=config.data):
            return config.data
    except OSError as error:
        raise ConfigError(
            f"The data folder {config.data} cannot be written ({_reason(error)}); "
            "give its user the right to write there, or name another folder in NOTIFIER_DATA."
        ) from error


def secret_key(config: Config) -> str:
    """The key that encrypts stored secrets and signs sessions.

    The given one; else the one kept in `secret.key` under the data folder, made at first use.
    Raises ConfigError where it can be neither read nor kept.
    """
    if config.secret_key is not None:
        return _fit_key(config.secret_key, "NOTIFIER_SECRET_KEY")
    path = data_folder(config) / "secret.key"
    if not path.exists():
        _keep_new_key(path)
    key = _read(path, asked_by="The secret key")
    if not key:
        raise ConfigError(
            f"The secret key in {path} is empty; restore it from a backup, or remove the file "
            "to have a new one made (stored passwords must then be entered again)."
        )
    return _fit_key(key, str(path))


def _fit_key(key: str, where: str) -> str:
    """The key, if it is one; it is not repeated where it is none."""
    try:
        if len(b64decode(key, altchars=b"-_", validate=True)) == SECRET_KEY_BYTES:
            return key
    except ValueError:
        pass
    raise ConfigError(
        f"The secret key in {where} is none: it must be {SECRET_KEY_BYTES} random bytes in "
        "URL-safe base64; restore it, or make one with `openssl rand -base64 32 | tr +/ -_`."
    )


def _keep_new_key(path: Path) -> None:
    """Written beside and linked into place: of several starters one wins, and all read its key."""
    # mkstemp makes the file 0600 from its first moment.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret.key.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_KEY_BYTES) + "=\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(
            f"The secret key cannot be kept in {path} ({_reason(error)}); "
            "name a writable folder in NOTIFIER_DATA, or give a key in NOTIFIER_SECRET_KEY."
        ) from error
    finally:
        Path(draft).unlink()


def _user_data(environ: Mapping[str, str]) -> Path:
    """Where the platform keeps a user's data (XDG Base Directory; Application Support on macOS)."""
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "notifier"
    # The XDG specification says to ignore a relative XDG_DATA_HOME.
    base = Path(environ.get("XDG_DATA_HOME", ""))
    return (base if base.is_absolute() else home / ".local" / "share") / "notifier"


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name)
    return Path(value).absolute() if value else None


def _redis_url(environ: Mapping[str, str]) -> str | None:
    """The URL with all that belongs to it: one value says how to get at Redis."""
    url = environ.get("NOTIFIER_REDIS_URL")
    file = _ca_file(environ, url)
    if not url:
        return None
    try:
        check(url)
    except BadAddress as fault:
        raise ConfigError(f"NOTIFIER_REDIS_URL {fault}") from fault
    if password := _secret(environ, "NOTIFIER_REDIS_PASSWORD"):
        url = with_password(url, password)
    if password := _secret(environ, "NOTIFIER_REDIS_SENTINEL_PASSWORD"):
        url = with_sentinel_password(url, password)
    return with_ca_file(url, file) if file else url


def _ca_file(environ: Mapping[str, str], url: str | None) -> str | None:
    """The certificates that Redis is checked by, where they are not the system's."""
    file = environ.get("NOTIFIER_REDIS_CA_FILE")
    if not file:
        return None
    if not has_tls(url or ""):
        raise ConfigError(
            "NOTIFIER_REDIS_CA_FILE names a CA, but NOTIFIER_REDIS_URL asks for no TLS; "
            "begin it with rediss:// (or rediss+sentinel://), or leave the CA out."
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except OSError as error:  # ssl.SSLError is one
        found = "it holds no certificate" if isinstance(error, ssl.SSLError) else _reason(error)
        raise ConfigError(
            f"NOTIFIER_REDIS_CA_FILE names {file}, which cannot be used ({found}); "
            "name a file of certificates in PEM form that its user may read."
        ) from error
    return str(Path(file).absolute())


def _port(environ: Mapping[str, str], name: str, *, default: int) -> int:
    """A TCP port; 0 asks for any free one."""
    value = environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value) <= 65535):
        raise ConfigError(f"{name} is {value!r}; it must be a port number from 0 to 65535.")
    return int(value)


def _choice(
    environ: Mapping[str, str],
    name: str,
    allowed: tuple[str, ...],
    default: str,
    fold: Callable[[str], str],
) -> str:
    value = fold(environ.get(name) or default)
    if value not in allowed:
        raise ConfigError(f"{name} is {environ[name]!r}; it must be one of {', '.join(allowed)}.")
    return value


def _dns(environ: Mapping[str, str]) -> tuple[NameServer, ...]:
    """The name servers to ask instead of this machine's own."""
    try:
        return name_servers(environ.get("NOTIFIER_DNS") or "")
    except ValueError as fault:
        raise ConfigError(
            f"NOTIFIER_DNS holds what is no name server: {fault}; it must be ADDRESS[:PORT], "
            "several by commas, such as 192.0.2.53 or [2001:db8::53]:5353."
        ) from None


def _fault(environ: Mapping[str, str]) -> Fault | None:
    """A crash that a test orders; no deployment wants one."""
    value = environ.get("NOTIFIER_FAULT")
    try:
        return read_fault(value) if value else None
    except ValueError:
        raise ConfigError(
            f"NOTIFIER_FAULT is {value!r}; it must be POINT:NUMBER or POINT@DELIVERY, "
            f"where POINT is one of {', '.join(Point)}."
        ) from None


def _secret(environ: Mapping[str, str], name: str) -> str | None:
    """A secret given outright, or in the file that `<name>_FILE` names; never both."""
    value, path = environ.get(name), environ.get(f"{name}_FILE")
    if value and path:
        raise ConfigError(f"{name} and {name}_FILE are both set; leave one of them out.")
    if not path:
        return value or None
    secret = _read(Path(path), asked_by=f"{name}_FILE")
    if not secret:
        raise ConfigError(
            f"{name}_FILE names {path}, which is empty; write the secret into it, "
            f"or leave {name}_FILE out."
        )
    return secret


def _read(path: Path, *, asked_by: str) -> str:
    try:
        # Editors and `echo` end a file with a line break that is no part of the secret.
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{asked_by} is to be read from {path}, which cannot be done ({_reason(error)}); "
            "correct the path, or let its user read the file."
        ) from error


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return error.strerror or str(error)
