"""The mailbox in a browser.

An application of its own, in the demonstration's process: the mails are in its memory, and a panel
that could show mails would have no business on a real server.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from notifier.demo.mailbox import HOST, Mail, Mailbox
from notifier.demo.opened import moment, opened
from notifier.panel.pages import (
    LOOPBACK,
    content_policy,
    only_asked_as,
    static,
    strict,
    templates,
)

VIEWS: Final[Mapping[str, str]] = {
    "html": "HTML",
    "text": "Text",
    "source": "Source",
    "calendar": "Calendar",
}

# What the page itself is called among the links.
NAME: Final = "Mailbox"

PAGE_POLICY: Final = content_policy(script_src="'self'", connect_src="'self'", frame_src="'self'")

# A mail styles itself and may do nothing else. As a page of its own, not as `srcdoc`: that would
# take over the policy of the page around it, which forbids inline styles, and rightly.
# `sandbox` holds when somebody opens this address by itself, too.
MAIL_POLICY: Final = content_policy(
    style_src="'unsafe-inline'",
    img_src="data:",
    form_action="'none'",
    frame_ancestors="'self'",
    sandbox="",
)

# The port that people know from other mail catchers; any other where it is taken.
USUAL_PORT: Final = 8025


def mailbox_page(mailbox: Mailbox, links: Mapping[str, str]) -> Litestar:
    """Give the application; `links` (word: URL) lead elsewhere and are read at each request."""
    return Litestar(
        route_handlers=[
            *_pages(mailbox, links),
            *_single_mails(mailbox),
            *static("notifier.panel", ["icon.svg", "look.css"]),
            *static("notifier.demo", ["mailbox.css", "mailbox.js"]),
        ],
        before_send=[strict(PAGE_POLICY)],
        before_request=only_asked_as(LOOPBACK),
        openapi_config=None,
        logging_config=None,
    )


def _pages(mailbox: Mailbox, links: Mapping[str, str]) -> list[HTTPRouteHandler]:
    environment = templates("notifier.demo", "notifier.panel")
    environment.filters |= {"moment": moment, "words": lambda name: name.replace("_", " ")}

    def show(template: str, *, shown: int = 0, view: str = "") -> Response[str]:
        page = environment.get_template(template).render(
            mails=[opened(mail) for mail in reversed(mailbox.mails)],
            mail=opened(_found(mailbox, shown)) if shown else None,
            shown=shown,
            view=view,
            views=VIEWS,
            links=links,
            here=NAME,
        )
        headers = {"X-Mails": str(len(mailbox.mails))}
        return Response(page, media_type=MediaType.HTML, headers=headers)

    @get("/", sync_to_thread=False)
    def all_mails() -> Response[str]:
        return show("mailbox.html")

    @get("/list", sync_to_thread=False)
    def newest(shown: FromQuery[int] = 0) -> Response[str]:
        """Give the list alone, for the script that keeps it fresh."""
        return show("list.html", shown=shown if mailbox.mail(shown) else 0)

    @get("/mails/{number:int}/{view:str}", sync_to_thread=False)
    def one_mail(number: FromPath[int], view: FromPath[str]) -> Response[str]:
        if view not in VIEWS:
            raise NotFoundException(f"There is no view {view!r}; there are {', '.join(VIEWS)}.")
        return show("mailbox.html", shown=number, view=view)

    return [all_mails, newest, one_mail]


def _single_mails(mailbox: Mailbox) -> list[HTTPRouteHandler]:
    @get("/mails/{number:int}/frame", sync_to_thread=False)
    def frame(number: FromPath[int]) -> Response[str]:
        """Give the HTML of a mail, for the frame on its page."""
        headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        html = opened(_found(mailbox, number)).html
        return Response(html, media_type=MediaType.HTML, headers=headers)

    @get("/mails/{name:str}", sync_to_thread=False)
    def save(name: FromPath[str]) -> Response[bytes]:
        """Give the whole mail as a file that any mail program opens."""
        number = name.removesuffix(".eml")
        if not (number.isascii() and number.isdigit()):
            raise NotFoundException("A mail is saved as /mails/<number>.eml.")
        headers = {"Content-Disposition": f'attachment; filename="{number}.eml"'}
        content = _found(mailbox, int(number)).content
        return Response(content, media_type="message/rfc822", headers=headers)

    return [frame, save]


def _found(mailbox: Mailbox, number: int) -> Mail:
    mail = mailbox.mail(number)
    if mail is None:
        raise NotFoundException(f"There is no mail {number}.")
    return mail


class _Server(uvicorn.Server):
    """uvicorn without its hand on the signals: whoever runs it decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Litestar, *, port: int | None = None) -> AsyncIterator[str]:
    """Serve on loopback; gives the URL. Raises OSError where that port is taken."""
    line = _listener(port)
    # No access lines and no banner: the terminal belongs to the play.
    config = uvicorn.Config(app, log_config=None, log_level="warning", ws="none", lifespan="off")
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[line]))
    try:
        yield f"http://{HOST}:{line.getsockname()[1]}/"
    finally:
        server.should_exit = True
        # An open page must not hold up the end.
        server.force_exit = True
        await running
        line.close()


def _listener(port: int | None) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((HOST, USUAL_PORT if port is None else port))
        line.listen()
    except OSError:
        if port is not None:
            line.close()
            raise
        line.close()
        return _listener(0)
    return line
