"""What production must not start with, and what a database must be able to do.

Servers and workers do not run Django's system checks, so the unsafe settings are refused when the apps are loaded:
every process stops there, whatever started it.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import LazySettings, settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

SECRETS = ("SECRET_KEY", "JWT_SIGNING_KEY", "OTP_KEY", "MEDIA_SIGNING_KEY")
SHORTEST_SECRET = 32  # characters; HMAC-SHA256 gains nothing from fewer than 32 bytes


def unsafe_in_production(given: LazySettings) -> Iterator[str]:
    """Each reason, as a sentence, why these settings may not serve the public."""
    yield from unsafe_secrets(given)
    if given.DEBUG:
        yield "DEBUG is on."
    if given.DEV_OUTBOX:
        yield "DEV_OUTBOX is on: codes and messages would be shown to everybody at /dev/outbox/."
    if not given.RATE_LIMITS_ENABLED:
        yield "RATE_LIMITS_ENABLED is off."
    if "*" in given.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS allows every host."
    if urlsplit(given.SITE_URL).scheme != "https":
        yield "SITE_URL is not an https address."
    if given.STRIPE["api_base"]:
        yield "STRIPE_API_BASE names another server than Stripe: payments there move no money."


def unsafe_secrets(given: LazySettings) -> Iterator[str]:
    seen: dict[str, str] = {}
    for name in SECRETS:
        secret = getattr(given, name)
        if secret.startswith(given.DEFAULT_SECRET):
            yield f"{name} has the default value that everybody knows."
        elif len(secret) < SHORTEST_SECRET:
            yield f"{name} is shorter than {SHORTEST_SECRET} characters."
        elif secret in seen:
            yield f"{name} is the same as {seen[secret]}."
        seen.setdefault(secret, name)


def refuse_unsafe_production(given: LazySettings) -> None:
    """Stop a production process that would serve with development's settings.

    Raises:
        ImproperlyConfigured: naming every reason at once.
    """
    if not given.IN_PRODUCTION:
        return
    reasons = list(unsafe_in_production(given))
    if reasons:
        msg = "Production refuses to start:\n  " + "\n  ".join(reasons) + "\nSee .env.example."
        raise ImproperlyConfigured(msg)


@checks.register(checks.Tags.security, deploy=True)
def staff_without_second_factor(**_: Any) -> list[checks.CheckMessage]:
    if settings.STAFF_SECOND_FACTOR:
        return []
    return [checks.Warning("Staff may sign in without a second factor (STAFF_SECOND_FACTOR).", id="config.W001")]


@checks.register(checks.Tags.database)
def database_knows_letters(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Under ctype C, pg_trgm finds no letters in Arabic and lower() leaves accents alone: search silently finds less."""
    found: list[checks.CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
            )
            ctype, encoding = cursor.fetchone()
        if encoding != "UTF8" or ctype in ("C", "POSIX"):
            found.append(
                checks.Error(
                    f"The database has encoding {encoding} and ctype {ctype}; Arabic search would find nothing.",
                    hint="Create it with: initdb --encoding UTF8 --locale C.UTF-8 (or CREATE DATABASE … LC_CTYPE 'C.UTF-8').",
                    id="config.E001",
                )
            )
    return found
