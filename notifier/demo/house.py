"""The house the play is given in: a data folder, all parts, a mailbox and two pages."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import msgspec

from notifier.config import Config, ConfigError, data_folder, load, secret_key
from notifier.demo.authority import mail_server_context
from notifier.demo.mailbox import Mailbox, listening
from notifier.demo.page import NAME, mailbox_page, serving
from notifier.demo.settings import USERNAME, applying, decided
from notifier.supervisor import PortTakenError, Supervisor
from notifier.supervisor.ports import settled

# Twenty mails need no second one.
WORKERS = 1

# How much of the parts' lines is shown when something went wrong (bytes).
LAST_WORDS_BYTES = 4_000


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    once: bool
    data: Path | None
    port: int | None


class House:
    """Everything that runs; `links` say where to look."""

    def __init__(
        self, supervisor: Supervisor, mailbox: Mailbox, links: Mapping[str, str], log: Path
    ) -> None:
        self.supervisor = supervisor
        self.mailbox = mailbox
        self.links = links
        self._log = log

    def last_words(self) -> str:
        """Give the end of what the parts printed."""
        return self._log.read_bytes()[-LAST_WORDS_BYTES:].decode("utf-8", "replace")


@asynccontextmanager
async def house(wishes: Wishes, *, environ: Mapping[str, str]) -> AsyncIterator[House]:
    """Open the house; nothing is started but the mailbox and its page, and all of it goes.

    Whatever NOTIFIER_… the environment says is left aside: it is meant for the real one.
    """
    own = {name: said for name, said in environ.items() if not name.startswith("NOTIFIER_")}
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(_folder(wishes.data))
        config = _settled(load({**own, "NOTIFIER_DATA": str(folder)}), wishes.port)
        data_folder(config)  # made now: the authority writes there
        password = secrets.token_urlsafe(18)
        ca_file, tls = mail_server_context(folder)
        mailbox = Mailbox()
        listener = listening(mailbox, tls=tls, username=USERNAME, password=password)
        port = await stack.enter_async_context(listener)
        links: dict[str, str] = {}
        links[NAME] = await stack.enter_async_context(serving(mailbox_page(mailbox, links)))
        log = folder / "demo.log"
        with log.open("ab", buffering=0) as output:
            supervisor = Supervisor(
                config,
                environ=own,
                workers=WORKERS,
                prepare=applying(
                    decided(port=port, ca_file=ca_file, password=password), secret_key(config)
                ),
                output=output.fileno(),
            )
            links["Panel"] = f"{supervisor.panel_url}/"
            links["Flower"] = f"http://127.0.0.1:{config.flower_port}/"
            yield House(supervisor, mailbox, links, log)


@contextmanager
def _folder(asked: Path | None) -> Iterator[Path]:
    """Give the folder asked for, which stays, or a temporary one, which goes; ConfigError."""
    if asked is not None:
        if asked.is_dir() and any(asked.iterdir()):
            raise ConfigError(
                f"The folder {asked} is not empty, and the demonstration begins with nothing; "
                "name an empty or a new one with --data."
            )
        yield asked.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="notifier-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _settled(config: Config, port: int | None) -> Config:
    """Give the config with ports that are free; only the one asked for must be that one."""
    if port is not None:
        return settled(msgspec.structs.replace(config, panel_port=port))
    try:
        return settled(config)
    except PortTakenError:
        return settled(msgspec.structs.replace(config, panel_port=0))
