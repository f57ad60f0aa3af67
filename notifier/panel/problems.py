"""Problem details: how the API says what was asked, what was found and what to do (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
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

AWAY: Final = (
    "Redis was asked and does not answer; nothing was changed that this answer would have told. "
    "Try again; `notifier doctor` says what is wrong with it."
)
OURS: Final = (
    "A fault of the program itself; its log says where it happened. Please report it with that."
)

Asked = Request[Any, Any, Any]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, in one sentence for people (`detail`) and one number for programs.

    `about:blank` says that the status is all there is to know of its sort (RFC 9457 §4.2.1).
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str


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


def _away(_request: Asked, _fault: Exception) -> Response[Problem]:
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, AWAY)


def of_http(_request: Asked, fault: HTTPException) -> Response[Problem]:
    """Answer what litestar or a guard refuses; a path that leads nowhere is one of these."""
    detail = _invalid(fault) if isinstance(fault, ValidationException) else fault.detail
    return _problem(fault.status_code, detail, fault.headers)


def _invalid(fault: ValidationException) -> str:
    """Name the fields of a body that are wrong; litestar keeps them beside its sentence."""
    wrong = [each for each in fault.extra or () if isinstance(each, dict)]
    said = (": ".join(filter(None, (each.get("key"), each["message"]))) for each in wrong)
    return "; ".join(said) or fault.detail


def _surprise(request: Asked, fault: Exception) -> Response[Problem]:
    log.failed_to_answer(request.method, fault)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, OURS)
