"""What no view answered: an address that does not exist, a request that Django refuses, a bug. Under /api/ it is a problem like every
other, so that a program never has to read a page; elsewhere it is Django's page.

`config.urls` names these functions as its `handler400` to `handler500`.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from core.errors import Failed, Invalid, NotAllowed, NotFound, Refusal
from core.rest.problems import CONTENT_TYPE, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(Invalid) if _is_api(request) else defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(NotAllowed) if _is_api(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(NotFound) if _is_api(request) else defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    return _problem(Failed) if _is_api(request) else defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/v1/")


def _problem(refusal: type[Refusal]) -> HttpResponse:
    body = problem(refusal.code, refusal.status, title=str(refusal.title), detail=str(refusal.detail))
    return JsonResponse(body, status=refusal.status, content_type=CONTENT_TYPE)
