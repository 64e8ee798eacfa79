"""Refusals: what a rule says when the answer is no.

A refusal is a fact with a code that never changes. Doors turn it into RFC 9457 problem details (`core.rest.problems`),
a form error on a page, or an `error` frame on a socket.
"""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from core.amounts import facts_as_read, one_stop


class Refusal(Exception):  # noqa: N818 - a refusal is the trade's word
    """The base of every refusal. `facts` fill the placeholders of `detail` and travel with the answer."""

    code: ClassVar[str] = "core.refused"
    status: ClassVar[int] = 409
    title: ClassVar[Any] = _("This cannot be done now")
    detail: ClassVar[Any] = _("The request was refused.")
    attr: ClassVar[str | None] = None  # the input field at fault, where there is one

    def __init__(self, *, attr: str | None = None, retry_after: int | None = None, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts
        self.at = attr or self.attr
        self.retry_after = retry_after  # seconds

    @property
    def message(self) -> str:
        """The detail in the active language, with its facts filled in."""
        text = str(self.detail)
        return one_stop(text.format(**facts_as_read(self.facts))) if self.facts else text

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(Refusal):
    """The input itself is wrong, whatever the state of the world."""

    code = "core.invalid"
    status = 400
    title = _("Some of what was sent is not valid")


class NotFound(Refusal):
    """There is no such thing, or none that the caller may see."""

    code = "core.not_found"
    status = 404
    title = _("Not found")
    detail = _("There is nothing here, or nothing that you may see.")


class NotAllowed(Refusal):
    code = "core.not_allowed"
    status = 403
    title = _("Not allowed")
    detail = _("You may not do this.")


class Failed(Refusal):
    """A failure of ours, whatever was asked."""

    code = "core.failed"
    status = 500
    title = _("Something broke on our side")
    detail = _("It is not your fault, and nothing that you did is lost. Please try again in a minute.")


class WrongState(Refusal):
    """The thing is in a state from which this move does not exist."""

    code = "core.wrong_state"
    detail = _("It is {state} now, so it cannot become {to}.")


class TooMany(Refusal):
    """A rate limit; `retry_after` says in seconds when to come back."""

    code = "core.rate_limited"
    status = 429
    title = _("Too many requests")
    detail = _("Too many requests. Try again in a moment.")


class StaleRevision(Refusal):
    """The caller's copy is older than ours (If-Match did not match)."""

    code = "core.stale_revision"
    status = 412
    title = _("Changed in the meantime")
    detail = _("This changed since you read it. Load it again and repeat your change.")


class IdempotencyMismatch(Refusal):
    code = "core.idempotency_mismatch"
    status = 422
    title = _("Key already used for another request")
    detail = _("This Idempotency-Key was used with a different request. Use a new key.")


class IdempotencyInFlight(Refusal):
    code = "core.idempotency_in_flight"
    detail = _("The first request with this Idempotency-Key is still being carried out.")


class IdempotencyKeyRequired(Invalid):
    code = "core.idempotency_key_required"
    detail = _("Send an Idempotency-Key header with this request.")


class InvalidIdempotencyKey(Invalid):
    code = "core.invalid_idempotency_key"
    detail = _("An Idempotency-Key is 1 to 255 printable characters.")


class InvalidCursor(Invalid):
    code = "core.invalid_cursor"
    attr = "cursor"
    detail = _("This cursor is not one of ours. Start again from the first page.")


class UnknownParameter(Invalid):
    code = "core.unknown_parameter"
    detail = _("There is no parameter named “{name}” here.")


class PageNotSupported(Invalid):
    code = "core.page_not_supported"
    attr = "page"
    detail = _("This list has no page numbers. Follow “next”, or send its “cursor”.")


class Unavailable(Refusal):
    """A part that this needs is down and guessing would be unsafe."""

    code = "core.unavailable"
    status = 503
    title = _("Not available right now")
    detail = _("A part of the service is not answering. Try again shortly.")
