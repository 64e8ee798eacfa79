import io
import logging

import pytest
from django.core.cache import cache

from accounts import proofs
from accounts.models import Challenge
from config.logs import logging_config, scrub
from core.models import OutboxEvent, RateBucket

pytestmark = pytest.mark.django_db
AUTH = "/api/v1/auth"
EMAIL, PHONE, PASSWORD = "canary.q7@example.com", "+971507770077", "canary under the palm"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("GET /reset?token=abc-DEF_1", "GET /reset?token=[redacted]"),
        ("GET /x/download?signature=a:b:c&y=1", "GET /x/download?signature=[redacted]&y=1"),
        ("GET /login?next=/saved", "GET /login?next=/saved"),
    ],
)
def test_secrets_in_addresses_are_taken_out_of_logs(said, kept):
    assert scrub(said) == kept


@pytest.fixture
def logged():
    """Everything that is logged, as it is written."""
    config = logging_config(apps=[], json_lines=True, level="INFO")["formatters"]["souk"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(config["()"](**{name: value for name, value in config.items() if name != "()"}))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_neither_logs_nor_queues_nor_caches_hold_what_people_type(api, client, logged, settings):
    settings.RATE_LIMITS_ENABLED = True
    settings.AXES_ENABLED = True
    given = {"username": "canary", "email": EMAIL, "phone": PHONE, "password": PASSWORD}
    tokens = api.post(f"{AUTH}/register", given).json()
    code = proofs.code_of(Challenge.objects.get(channel="email").pk)
    api.post(f"{AUTH}/verify-otp", {"email": EMAIL, "code": code})
    api.post(f"{AUTH}/login", {"email": EMAIL, "password": "wrong-" + PASSWORD})
    api.post(f"{AUTH}/login", {"email": EMAIL, "password": PASSWORD})
    api.post(f"{AUTH}/send-otp", {"phone": PHONE, "purpose": "login"})
    api.post(f"{AUTH}/forgot-password", {"email": EMAIL})
    link = proofs.reset_token(Challenge.objects.get(purpose="reset_password").pk)
    client.get("/reset", {"token": link})
    api.post(f"{AUTH}/refresh", {"refresh_token": tokens["refresh_token"]})
    written = logged.getvalue()
    queued = str(list(OutboxEvent.objects.values("name", "payload")))
    counted = str(list(RateBucket.objects.values_list("key", flat=True)))
    cached = str(cache._cache.get_client(None).keys("*"))
    assert "POST /api/v1/auth/login" in written
    for secret in (EMAIL, PHONE, PASSWORD, code, link, tokens["access_token"], tokens["refresh_token"]):
        for where in (written, queued, counted, cached):
            assert secret not in where
