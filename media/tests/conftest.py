from pathlib import Path

import pytest

from accounts.models import User


@pytest.fixture(autouse=True)
def _own_disk(disk: Path) -> None:
    """Every test stores its files in a folder of its own."""


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create(username="layla", email="layla@example.com")


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create(username="omar", email="omar@example.com")
