"""The general limit on requests. It leans on Redis and lets everybody pass when Redis is away."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.errors import TooMany
from core.middleware import caller_ip
from core.ratelimits import Limit, take_if_known


class GeneralThrottle(BaseThrottle):
    """So many a minute per person, or per address for strangers (`RATE_LIMITS`)."""

    def allow_request(self, request: Request, view: object) -> bool:
        kind, who = (
            ("user", str(request.user.pk))
            if request.user.is_authenticated
            else ("anonymous", caller_ip(request) or "?")
        )
        try:
            take_if_known(f"api:{kind}:{who}", Limit.parse(settings.RATE_LIMITS[kind]))
        except TooMany as refusal:
            self.retry_after = refusal.retry_after
            return False
        return True

    def wait(self) -> float | None:
        return getattr(self, "retry_after", None)
