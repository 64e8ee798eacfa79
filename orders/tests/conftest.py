from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.tests.factories import SellerFactory


@pytest.fixture
def buyer(db: None) -> User:
    return UserFactory(full_name="Omar Khalid")


@pytest.fixture
def seller(db: None) -> User:
    return SellerFactory(full_name="Layla Haddad")


@pytest.fixture
def enter(client: Client) -> Callable[[User], Client]:
    """`page = enter(buyer).get(…)`"""

    def go(person: User) -> Client:
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
        return client

    return go
