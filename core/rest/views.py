"""The bases of our API views."""

from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import IdempotencyKeyRequired, Refusal
from core.rest.idempotency import once
from core.rest.query import refuse_unread
from core.rest.serializers import StrictSerializer


class SoukView(APIView):
    """An API view that understands `Idempotency-Key` on POST and PATCH.

    `keyed` names the actions (or lower-case methods) that require a key; `unkeyed` those that never keep their answer,
    because it holds secrets (tokens, upload signatures). `bodyless` names those that take no body: fields in one are refused, as
    unknown fields are everywhere.
    """

    keyed: ClassVar[frozenset[str]] = frozenset()
    unkeyed: ClassVar[frozenset[str] | None] = frozenset()  # None: all
    bodyless: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower()
        request._request.body  # noqa: B018 - read before DRF consumes the stream: the key's hash needs it
        super().initial(request, *args, **kwargs)
        if method not in ("post", "patch"):
            return
        name = getattr(self, "action", None) or method
        if name in self.bodyless:
            StrictSerializer(data=request.data).is_valid(raise_exception=True)
        if self.unkeyed is None or name in self.unkeyed:
            return
        key = request.headers.get("Idempotency-Key")
        if key is None:
            if name in self.keyed:
                raise IdempotencyKeyRequired
            return
        carry_out = getattr(self, method)
        setattr(self, method, partial(self._once, key, carry_out))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse parameters that nobody read: a misspelt filter must not look like one that found everything."""
        if request.method == "GET" and getattr(response, "status_code", 500) < 400:
            try:
                refuse_unread(request)
            except Refusal as refusal:
                response = self.handle_exception(refusal)
        return super().finalize_response(request, response, *args, **kwargs)

    def _once(self, key: str, carry_out: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return once(request, key, partial(carry_out, request, *args, **kwargs), self._refused)

    def _refused(self, error: Exception) -> Response:
        response = self.handle_exception(error)
        transaction.set_rollback(False)  # the savepoint has rolled back already; the record must stay
        return response


class SoukViewSet(SoukView, viewsets.GenericViewSet):
    """A viewset of ours. Writes are `@action`s or the standard verbs, each one call of an app's action."""
