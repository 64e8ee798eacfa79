from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from accounts.models import User
from moderation import actions, targets
from moderation.models import ModerationSettings, Policy
from moderation.tests import pamphlets
from moderation.tests.factories import ModeratorFactory, PersonFactory, PolicyFactory


@pytest.fixture(autouse=True)
def _pamphlets(request: pytest.FixtureRequest) -> Iterator[None]:
    """A kind of content of these tests' own, known for as long as each lasts."""
    targets.register(pamphlets.PamphletTarget())
    needs_rows = {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db")
    if needs_rows:
        request.getfixturevalue("db") if "transactional_db" not in request.fixturenames else None
        with connection.cursor() as cursor:
            cursor.execute(pamphlets.TABLE)
            cursor.execute("DELETE FROM test_pamphlet")
    yield
    targets._targets.pop("pamphlet", None)


@pytest.fixture
def author(db: None) -> User:
    return PersonFactory(username="khalid", full_name="Khalid Mansour")


@pytest.fixture
def pamphlet(author: User) -> pamphlets.Pamphlet:
    return pamphlets.write_pamphlet(author)


@pytest.fixture
def policy(db: None) -> Policy:
    return PolicyFactory()


@pytest.fixture
def house_settings(db: None) -> Callable[..., None]:
    def change(**switches: object) -> None:
        ModerationSettings.objects.update_or_create(pk=1, defaults=switches)

    return change


@pytest.fixture
def moderator(db: None) -> User:
    """A real moderator: what they may do comes from the group alone."""
    actions.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    person = ModeratorFactory(username="mariam", may=())
    person.groups.add(Group.objects.get(name="moderator"))
    return person


@pytest.fixture
def desk(client: Client, moderator: User) -> Client:
    """The moderator's browser."""
    client.force_login(moderator, backend="accounts.backends.IdentifierBackend")
    return client
