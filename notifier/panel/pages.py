"""What all our pages share: escaping templates, own files, strict headers, a checked host."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response, get
from litestar.datastructures import MutableScopeHeaders
from litestar.handlers import HTTPRouteHandler
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

# Content Security Policy Level 3: nothing but what is named, and that from ourselves only.
CONTENT_POLICY: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

HEADERS: Final[Mapping[str, str]] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}

TYPES: Final[Mapping[str, str]] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def content_policy(**more: str) -> str:
    """Give the policy with directives added or changed: `content_policy(script_src="'self'")`."""
    changes = {name.replace("_", "-"): said for name, said in more.items()}
    directives = {**CONTENT_POLICY, **changes}
    return "; ".join(f"{name} {said}".rstrip() for name, said in directives.items())


def strict(policy: str) -> BeforeMessageSendHookHandler:
    """Put the headers on every answer, errors included; what a page set itself stays."""
    headers = {**HEADERS, "Content-Security-Policy": policy}

    async def add(message: Message, _scope: Scope) -> None:
        if message["type"] == "http.response.start":
            answer = MutableScopeHeaders.from_message(message)
            for name, said in headers.items():
                answer.setdefault(name, said)

    return add


def templates(*packages: str) -> Environment:
    """Give the templates of these packages, which lie in their folders `pages`; all is escaped."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "pages") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def static(package: str, names: Sequence[str]) -> list[HTTPRouteHandler]:
    """Give one route for each of these files in the package's folder `static`."""
    return [_one_file(name, (files(package) / "static" / name).read_bytes()) for name in names]


def _one_file(name: str, content: bytes) -> HTTPRouteHandler:
    # An upgrade must not meet yesterday's style; the files are small and come from next door.
    headers = {"Cache-Control": "no-cache"}

    @get(f"/{name}", include_in_schema=False, sync_to_thread=False)
    def serve() -> Response[bytes]:
        return Response(content, media_type=TYPES[name.rpartition(".")[2]], headers=headers)

    return serve


Checked = Callable[[Request[Any, Any, Any]], Response[str] | None]


def only_asked_as(hosts: frozenset[str]) -> Checked:
    """Refuse requests that name another host: a page elsewhere that rebound its own name to us.

    Who listens on loopback is asked by a loopback name; any other comes from a foreign page.
    """

    def check(request: Request[Any, Any, Any]) -> Response[str] | None:
        if request.base_url.hostname in hosts:
            return None
        return Response(
            "This address is not served here; open the one that was printed at the start.\n",
            media_type=MediaType.TEXT,
            status_code=421,
        )

    return check
