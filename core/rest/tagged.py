"""If-Match for whatever one may change and has no revision in its action."""

from functools import partial
from typing import Any, ClassVar

from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import StaleRevision
from core.rest.etags import content_tag, with_etag
from core.rest.views import SoukView


class TaggedView(SoukView):
    """A view whose GET is what its other methods change: its answers carry an ETag, and a change that names another one is refused.

    The tag is the one that GET sets itself (a revision), else one of what it answers: all of it, or the fields that `tagged_by` names
    where the rest changes by itself. `guarded`: methods whose If-Match is looked at here, because their action does not;
    `tagged_actions`: those of a viewset that this is about. The look and the change are one transaction, and whoever changes the same
    with an If-Match waits for it. Without the header nothing is asked.
    """

    tagged_by: ClassVar[tuple[str, ...]] = ()
    tagged_actions: ClassVar[frozenset[str] | None] = None  # None: all
    guarded: ClassVar[frozenset[str]] = frozenset({"patch", "put", "delete"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower()
        if method in self.guarded and self._is_tagged() and request.headers.get("If-Match", "*").strip() != "*":
            carry_out = getattr(self, method)
            setattr(self, method, partial(self._if_unchanged, carry_out))
        super().initial(
            request, *args, **kwargs
        )  # it may keep the answer for an Idempotency-Key: a repeated one is not asked again

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in ("GET", "HEAD", "PUT", "PATCH") and "ETag" not in response and self._is_tagged():
            tag = self._tag_of(response)
            if tag and self.tagged_by:
                response["ETag"] = tag  # not of all that it answers: whoever has this tag may still read something new
            elif tag:
                response = with_etag(request, response, tag)
        return super().finalize_response(request, response, *args, **kwargs)

    def _if_unchanged(self, carry_out: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Raises StaleRevision."""
        wanted = {tag.strip().removeprefix("W/") for tag in request.headers["If-Match"].split(",")}
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tag:{request.user.pk}:{request.path}"]
                )
            if request.user.is_authenticated:
                request.user.refresh_from_db()  # read before we waited
            stands: Response = self.get(request, *args, **kwargs)  # type: ignore[attr-defined]
            if (stands.headers.get("ETag") or self._tag_of(stands)) not in wanted:
                raise StaleRevision
            return carry_out(request, *args, **kwargs)

    def _is_tagged(self) -> bool:
        return self.tagged_actions is None or getattr(self, "action", None) in self.tagged_actions

    def _tag_of(self, response: Any) -> str:
        answer = getattr(response, "data", None)
        if response.status_code != 200 or not isinstance(answer, dict):
            return ""
        fields = self.tagged_by or tuple(answer)
        return content_tag({name: answer[name] for name in fields if name in answer})
