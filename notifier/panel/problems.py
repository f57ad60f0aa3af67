"""Problem details: how the API says what was asked, what was found and what to do (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from notifier import log
from notifier.adapters.connection import RedisError
from notifier.adapters.gate import GateClosed
from notifier.adapters.settings_store import UnreadableSecret
from notifier.admin import Impossible, NotFound
from notifier.core.settings import SettingsRefused

MEDIA_TYPE: Final = "application/problem+json"

# What an administrator's question may end with, and what that is in HTTP.
STATUSES: Final[Mapping[type[Exception], HTTPStatus]] = {
    SettingsRefused: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Impossible: HTTPStatus.CONFLICT,
    UnreadableSecret: HTTPStatus.SERVICE_UNAVAILABLE,
    GateClosed: HTTPStatus.SERVICE_UNAVAILABLE,
}

AWAY: Final = "Redis does not answer; `notifier doctor` says what is wrong with it. Ask again."
AWAY_AMID_CHANGE: Final = (
    "Redis does not answer, so it is not known whether a change was made; `notifier doctor` says "
    "what is wrong with it. Look, and ask again."
)
# What asks with these changes nothing (RFC 9110 §9.2.1).
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OURS: Final = (
    "A fault of the program itself; its log says where it happened. Please report it with that."
)

NO_BODY: Final = "The request has no body; send JSON, as /api/v1/openapi.json describes it."

# Where litestar would repeat the name of a status.
SENTENCES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path; /api/v1/openapi.json says what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path takes no {method}; /api/v1/openapi.json says what.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large for a question to this API.",
}

Asked = Request[Any, Any, Any]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, in one sentence for people (`detail`) and one number for programs.

    `about:blank` says that the status is all there is to know of its sort (RFC 9457 §4.2.1).
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str


# What every route may answer besides, for the description.
ANSWERS: Final = {
    status.value: ResponseSpec(
        Problem, description=said, media_type=MEDIA_TYPE, generate_examples=False
    )
    for status, said in {
        HTTPStatus.BAD_REQUEST: "It was asked wrongly; nothing was changed.",
        HTTPStatus.UNAUTHORIZED: "There is no token, or a wrong one.",
        HTTPStatus.FORBIDDEN: "The deployment has no token, so nobody is answered.",
        HTTPStatus.NOT_FOUND: "What the path names is not there.",
        HTTPStatus.SERVICE_UNAVAILABLE: "Redis is away, or must not be trusted.",
    }.items()
}


def handlers() -> ExceptionHandlersMap:
    """Give what answers each exception: ours by the table, those of HTTP by what they say."""
    ours: dict[Any, Any] = dict.fromkeys(STATUSES, _ours)
    away = dict.fromkeys((RedisError, OSError, TimeoutError), _away)
    return {**ours, **away, HTTPException: of_http, Exception: _surprise}


def _problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response[Problem]:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(problem, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _ours(_request: Asked, fault: Exception) -> Response[Problem]:
    status = next(status for kind, status in STATUSES.items() if isinstance(fault, kind))
    return _problem(status, str(fault))


def _away(request: Asked, _fault: Exception) -> Response[Problem]:
    said = AWAY if request.method in SAFE else AWAY_AMID_CHANGE
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, said)


def of_http(request: Asked, fault: HTTPException) -> Response[Problem]:
    """Answer what litestar or a guard refuses; a path that leads nowhere is one of these."""
    status = HTTPStatus(fault.status_code)
    detail = fault.detail
    if isinstance(fault, ValidationException):
        detail = _wrong_fields(request, fault)
    elif detail == status.phrase and status in SENTENCES:
        detail = SENTENCES[status].format(method=request.method)
    return _problem(status, detail, fault.headers)


def _wrong_fields(request: Asked, fault: ValidationException) -> str:
    """Name the fields of a body that are wrong; litestar keeps them beside its sentence.

    `data` is what the body is called in our functions, and nobody else's business.
    """
    wrong = [each for each in fault.extra or () if isinstance(each, dict)]
    if not wrong or wrong[0]["message"] == "'data'":
        return NO_BODY
    return "; ".join(
        f"{each['key']}: {each['message']}{_allowed(request, each)}".removeprefix("data: ")
        for each in wrong
    )


def _allowed(request: Asked, wrong: Mapping[str, str]) -> str:
    """Say what the fields of a body are, or the values of one, where msgspec says what is none."""
    data = request.route_handler.parsed_data_field
    if data is None:
        return ""
    fields = get_type_hints(data.annotation)
    if "unknown field" in wrong["message"]:
        return f"; allowed are {', '.join(fields)}"
    kind = fields.get(wrong["key"])
    return f"; allowed are {', '.join(get_args(kind))}" if get_origin(kind) is Literal else ""


def _surprise(request: Asked, fault: Exception) -> Response[Problem]:
    log.failed_to_answer(request.method, fault)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, OURS)
