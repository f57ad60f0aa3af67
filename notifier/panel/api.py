"""The API of the panel's process: `/api/v1/…`, JSON, for programs that bear the token."""

import asyncio
import hmac
from collections.abc import Callable
from typing import Any, Final

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from notifier.admin import Admin
from notifier.config import Config
from notifier.panel import federation_api, network_api
from notifier.panel.problems import handlers

PATH: Final = "/api/v1"

# A question is a line or two; nobody sends a book to a list of names (bytes).
LARGEST_BODY: Final = 64 * 1024

# A frozen Redis must not hold up whoever asks; *Apply* may ask the DNS for half as long (seconds).
LONGEST_SECONDS: Final = 10.0

NO_TOKEN: Final = (
    "This deployment has no token, so its API answers nobody; give the panel one, such as 32 "
    "random signs, in NOTIFIER_API_TOKEN, or in a file that NOTIFIER_API_TOKEN_FILE names."
)
WRONG_TOKEN: Final = (
    "The request bears no token, or a wrong one; send the header `Authorization: Bearer TOKEN` "
    "with what the panel was given in NOTIFIER_API_TOKEN."
)


def api(
    config: Config, admin: Admin | None, *, patience_seconds: float = LONGEST_SECONDS
) -> Router:
    """Give all routes of the API; without a token there is no `admin`, and every call is refused.

    A new subject is a module of its own beside `federation_api.py`, and a line in here. Its
    functions ask for `admin: Admin`.
    """
    return Router(
        PATH,
        route_handlers=[*federation_api.ROUTES, *network_api.ROUTES],
        dependencies={"admin": Provide(lambda: admin, sync_to_thread=False)},
        guards=[_only_with(config.api_token)],
        middleware=[_patient(patience_seconds)],
        exception_handlers=handlers(),
        request_max_body_size=LARGEST_BODY,
        security=[{"token": []}],
    )


def described() -> OpenAPIConfig:
    """Give the description of the API, at `/api/v1/openapi.json`; it tells of no deployment."""
    token = SecurityScheme(
        type="http", scheme="bearer", description="What NOTIFIER_API_TOKEN holds."
    )
    return OpenAPIConfig(
        title="The notifier",
        version="1",
        # litestar takes all that is below for itself: that must not be the whole API.
        path=f"{PATH}/openapi.json",
        render_plugins=[JsonRenderPlugin(path="/")],
        components=Components(security_schemes={"token": token}),
        use_handler_docstrings=True,
    )


def _patient(seconds: float) -> Callable[[ASGIApp], ASGIApp]:
    """Give what gives up, with TimeoutError, on whatever takes longer."""

    def around(app: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            async with asyncio.timeout(seconds):
                await app(scope, receive, send)

        return answered

    return around


def _only_with(token: str | None) -> Guard:
    """Give the guard that lets in who bears this token (RFC 6750)."""

    def check(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if token is None:
            raise PermissionDeniedException(NO_TOKEN)
        scheme, _space, given = connection.headers.get("Authorization", "").partition(" ")
        # Headers are bytes, which litestar reads as Latin-1.
        right = hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
        if scheme.lower() != "bearer" or not right:
            challenge = {"WWW-Authenticate": 'Bearer realm="notifier"'}
            raise NotAuthorizedException(WRONG_TOKEN, headers=challenge)

    return check
