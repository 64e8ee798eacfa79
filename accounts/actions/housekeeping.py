"""Rows that nobody needs any more."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session as BrowserSession
from django.utils import timezone

from accounts.models import Challenge, IdentifierChange, RefreshToken, Session, SocketTicket

CHALLENGES_KEPT = timedelta(days=7)  # long enough to answer "I got a code that I did not ask for"
SESSIONS_KEPT = timedelta(days=90)  # a device that was away this long is new again
FAILURES_KEPT = timedelta(days=30)


def forget_old_rows() -> dict[str, int]:
    """Drop old challenges, changes, tokens, tickets and sessions, and return how many of each.

    A used refresh token stays until it would have run out: only so is its reuse noticed.
    """
    now = timezone.now()
    old = {
        "challenges": Challenge.objects.filter(expires_at__lt=now - CHALLENGES_KEPT),
        "identifier_changes": IdentifierChange.objects.filter(expires_at__lt=now - CHALLENGES_KEPT),
        "refresh_tokens": RefreshToken.objects.filter(expires_at__lt=now),
        "socket_tickets": SocketTicket.objects.filter(expires_at__lt=now),
        "ended_sessions": Session.objects.filter(revoked_at__lt=now - SESSIONS_KEPT),
        "run_out_sessions": Session.objects.filter(expires_at__lt=now - SESSIONS_KEPT),
        "failed_sign_ins": AccessAttempt.objects.filter(attempt_time__lt=now - FAILURES_KEPT),
        "browser_sessions": BrowserSession.objects.filter(expire_date__lt=now),
    }
    return {name: rows.delete()[0] for name, rows in old.items()}
