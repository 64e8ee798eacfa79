"""Errors on the wire: RFC 9457 problem details with a stable code."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse, ExceptionHandlerContext
from rest_framework import exceptions, status
from rest_framework.response import Response

from core.context import trace
from core.errors import Invalid, Refusal

TYPE_BASE = "https://soukloop.example/problems/"
CONTENT_TYPE = "application/problem+json"

# DRF's own words for what it refuses by itself.
_CODES = {
    "not_authenticated": "core.not_authenticated",
    "authentication_failed": "core.authentication_failed",
    "permission_denied": "core.not_allowed",
    "not_found": "core.not_found",
    "method_not_allowed": "core.method_not_allowed",
    "not_acceptable": "core.not_acceptable",
    "unsupported_media_type": "core.unsupported_media_type",
    "throttled": "core.rate_limited",
    "parse_error": "core.not_json",
    "error": "core.failed",
}


class RefusedByRule(exceptions.APIException):
    """Carries a refusal of ours through DRF."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.status_code = refusal.status
        super().__init__(detail=refusal.message, code=refusal.code)
        if refusal.retry_after is not None:
            self.wait = refusal.retry_after


class Handler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Refusal):
            return RefusedByRule(exc)
        if isinstance(exc, Http404):
            return exceptions.NotFound()
        if isinstance(exc, PermissionDenied):
            return exceptions.PermissionDenied()
        return super().convert_known_exceptions(exc)

    def get_headers(self, exc: exceptions.APIException) -> dict[str, str]:
        headers = super().get_headers(exc)
        wait = getattr(exc, "wait", None)
        if wait:
            headers["Retry-After"] = str(max(1, int(wait)))
        if exc.status_code == status.HTTP_401_UNAUTHORIZED:
            headers.setdefault("WWW-Authenticate", 'Bearer realm="api"')  # RFC 9110, 15.5.2
        return headers


class Formatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        status_code = getattr(self.exc, "status_code", status.HTTP_500_INTERNAL_SERVER_ERROR)
        if isinstance(self.exc, RefusedByRule):
            return _problem_of(self.exc.refusal)
        if isinstance(self.exc, exceptions.ValidationError):
            errors = [{"attr": e.attr, "code": e.code, "detail": e.detail} for e in error_response.errors]
            detail = errors[0]["detail"] if len(errors) == 1 else None
            return problem(Invalid.code, status_code, title=str(Invalid.title), detail=detail, errors=errors)
        first = error_response.errors[0]
        code = _CODES.get(first.code, f"core.{first.code}")
        return problem(code, status_code, title=str(first.detail), detail=str(first.detail))


def _problem_of(refusal: Refusal) -> dict[str, Any]:
    errors = [{"attr": refusal.at, "code": refusal.code, "detail": refusal.message}] if refusal.at else []
    facts = {k: v if isinstance(v, int | float | bool | list | dict) else str(v) for k, v in refusal.facts.items()}
    return problem(
        refusal.code, refusal.status, title=str(refusal.title), detail=refusal.message, errors=errors, facts=facts
    )


def problem(
    code: str,
    status_code: int,
    *,
    title: str,
    detail: str | None = None,
    errors: list[dict[str, Any]] | None = None,
    facts: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of a problem. `facts` are the numbers and names that its detail speaks of."""
    body: dict[str, Any] = {
        "type": TYPE_BASE + code,
        "title": title,
        "status": status_code,
        "detail": detail or title,
        "code": code,
        "request_id": trace().request_id,
        "errors": errors or [],
    }
    if facts:
        body["facts"] = facts
    return body


def described(error: Exception) -> dict[str, Any]:
    """The same words outside a request, for a socket's `error` frame; what is no refusal is a failure of ours."""
    context: Any = {}
    converted = Handler(error, context).convert_known_exceptions(error)
    if not isinstance(converted, exceptions.APIException):
        converted = exceptions.APIException()
    body = Formatter(converted, context, error).run()
    shown = {key: body[key] for key in ("code", "status", "title", "detail", "errors", "facts") if key in body}
    if wait := getattr(converted, "wait", None):
        shown["retry_after"] = max(1, int(wait))
    return shown


class _OurHandler(Handler):
    formatter = Formatter


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's hook: answer with a problem, or None for what is truly a bug (500, by Django)."""
    handler = _OurHandler(exc, context)
    converted = handler.convert_known_exceptions(exc)
    if not isinstance(converted, exceptions.APIException):
        return None
    handler.set_rollback()
    formatter = Formatter(converted, context, exc)
    response = Response(formatter.run(), status=converted.status_code, headers=handler.get_headers(converted))
    response.content_type = CONTENT_TYPE
    return response
