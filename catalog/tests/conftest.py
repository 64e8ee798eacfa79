from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from moderation.models import ModerationSettings
from moderation.selectors import forget_settings
from moderation.states import PreModeration


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    forget_settings()
    yield
    forget_settings()


@pytest.fixture
def seller(db: None) -> User:
    return UserFactory(username="layla")


@pytest.fixture
def signed_in(api: APIClient, seller: User) -> APIClient:
    """The seller, at the API."""
    api.force_authenticate(seller)
    return api


@pytest.fixture
def premoderation_off(db: None) -> None:
    _switch(PreModeration.OFF)


@pytest.fixture
def premoderation_all(db: None) -> None:
    _switch(PreModeration.ALL)


def _switch(mode: str) -> None:
    ModerationSettings.objects.update_or_create(pk=1, defaults={"pre_moderation": mode})
    forget_settings()
