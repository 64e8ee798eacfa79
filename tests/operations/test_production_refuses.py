from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checks import database_knows_letters, refuse_unsafe_production, unsafe_in_production

DEFAULT = "everybody-knows-this-one-by-heart-0123456789"


def settings_of_production(**changes):
    return SimpleNamespace(
        **{
            "IN_PRODUCTION": True,
            "DEFAULT_SECRET": DEFAULT,
            "SECRET_KEY": "a" * 40,
            "JWT_SIGNING_KEY": "b" * 40,
            "OTP_KEY": "c" * 40,
            "MEDIA_SIGNING_KEY": "d" * 40,
            "DEBUG": False,
            "DEV_OUTBOX": False,
            "RATE_LIMITS_ENABLED": True,
            "ALLOWED_HOSTS": ["soukloop.example"],
            "SITE_URL": "https://soukloop.example",
            "STRIPE": {"api_base": ""},
        }
        | changes
    )


def test_starts_with_keys_of_its_own():
    refuse_unsafe_production(settings_of_production())


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"SECRET_KEY": DEFAULT}, "SECRET_KEY"),
        ({"JWT_SIGNING_KEY": DEFAULT + "-jwt"}, "JWT_SIGNING_KEY"),
        ({"OTP_KEY": ""}, "OTP_KEY"),
        ({"MEDIA_SIGNING_KEY": "too-short"}, "MEDIA_SIGNING_KEY"),
        ({"OTP_KEY": "a" * 40}, "the same as SECRET_KEY"),
        ({"DEBUG": True}, "DEBUG"),
        ({"DEV_OUTBOX": True}, "DEV_OUTBOX"),
        ({"RATE_LIMITS_ENABLED": False}, "RATE_LIMITS_ENABLED"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS"),
        ({"SITE_URL": "http://soukloop.example"}, "SITE_URL"),
        ({"STRIPE": {"api_base": "http://127.0.0.1:12111"}}, "STRIPE_API_BASE"),
    ],
)
def test_refuses_and_names_what_is_wrong(changes, word):
    with pytest.raises(ImproperlyConfigured, match=word):
        refuse_unsafe_production(settings_of_production(**changes))


def test_names_every_reason_at_once():
    assert (
        len(list(unsafe_in_production(settings_of_production(DEBUG=True, OTP_KEY=DEFAULT, SITE_URL="http://x")))) == 3
    )


def test_development_starts_with_anything():
    refuse_unsafe_production(settings_of_production(IN_PRODUCTION=False, DEBUG=True, SECRET_KEY=DEFAULT))


@pytest.mark.django_db
def test_our_database_knows_arabic_letters():
    assert database_knows_letters(databases=["default"]) == []
