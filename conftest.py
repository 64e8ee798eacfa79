"""What every test gets: no rate limits unless it asks, one API client, deliveries run on demand."""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, TestCase, TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.actions import issue_socket_ticket, open_session
from accounts.models import Session, User
from accounts.states import SessionKind
from config.asgi import application
from core.cache import ForgivingRedisCache
from core.realtime import telling
from core.realtime.checking import inspect_frame
from core.realtime.testing import Exchange, Phone
from core.testing import deliver_everything
from moderation.selectors import forget_filters
from moderation.tests.colleagues import colleague
from stripe_simulator.testing import KEY, Simulator, referee, threaded_simulator
from tests.as_migrated import leave_as_migrated, remember


def pytest_configure() -> None:
    options: Any = django_settings.CACHES["default"][
        "OPTIONS"
    ]  # a machine that is busy with tests is no Redis that is away
    options["socket_timeout"] = options["socket_connect_timeout"] = 5
    # Tests that commit empty every table after them; the ledger's refuse it to whoever does not say that they mean it.
    django_settings.DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c souk.may_empty=on"
    TransactionTestCase._fixture_teardown = lambda self: leave_as_migrated()  # type: ignore[attr-defined]  # what ends a test that commits
    TestCase._enter_atomics = classmethod(_enter)  # type: ignore[attr-defined]


_enter_atomics: Any = TestCase._enter_atomics  # type: ignore[attr-defined]


def _enter(cls: type[TestCase]) -> Any:
    """A test of this kind never commits: what the ledger does at a commit it does at once."""
    atomics = _enter_atomics.__func__(cls)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS follow_at_commit IMMEDIATE")
    return atomics


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not os.environ.get("SOUK_TEST_FULL"):
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="only with ./souk test --full"))


@pytest.fixture(autouse=True)
def _calm(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings.RATE_LIMITS_ENABLED = False
    settings.STAFF_SECOND_FACTOR = False
    settings.AXES_ENABLED = False
    settings.EMAIL_BACKEND = "notifications.channels.DevOutboxEmailBackend"  # Django's test runner puts its own
    telling.inspect = inspect_frame
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    forget_filters()
    yield
    ForgivingRedisCache.away_until = 0.0  # the process keeps it: a test's Redis that was away is not the next one's
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """What migrations wrote is remembered before any test commits: see `leave_as_migrated`."""
    if _is_made():
        with django_db_blocker.unblock():
            remember()


@pytest.fixture(scope="session")
def test_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, also where no test of the run carries the mark for which pytest-django makes it."""
    if _is_made():
        yield
        return
    keep = request.config.getvalue("reuse_db")
    with django_db_blocker.unblock():
        made = setup_databases(0, interactive=False, keepdb=keep and not request.config.getvalue("create_db"))
        remember()
        yield
        if not keep:
            teardown_databases(made, 0)


def _is_made() -> bool:
    return connection.settings_dict["NAME"].startswith("test_")


@pytest.fixture(scope="module")
def committed(test_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The tests of a module commit for real, see each other's rows, and leave none: for servers and threads, where emptying
    every table after each test would take longer than the test.
    """
    with django_db_blocker.unblock():
        yield
        leave_as_migrated()


@pytest.fixture
def disk(settings: LazySettings, tmp_path: Path) -> Path:
    """A folder of this test's own for all that is stored: `public` and `private`."""
    folder = tmp_path / "media"
    stores: dict[str, Any] = deepcopy(settings.STORAGES)
    for name, below in (("default", "public"), ("private", "private")):
        stores[name]["OPTIONS"] = stores[name]["OPTIONS"] | {"location": str(folder / below)}
    settings.STORAGES = stores
    return folder


WEBHOOK_SECRETS = {"platform": "whsec_of_the_platform", "connect": "whsec_of_sellers"}


@pytest.fixture(scope="session")
def _simulator() -> Iterator[Simulator]:
    with threaded_simulator() as running:
        yield running


@pytest.fixture
def stripe_sim(_simulator: Simulator, settings: LazySettings) -> Iterator[Simulator]:
    """Stripe as this test has it, over real HTTP. A request that Stripe's own types do not allow, or a POST that could be done twice,
    fails the test.
    """
    _simulator.control.reset()
    settings.STRIPE = settings.STRIPE | {
        "secret_key": KEY,
        "api_base": _simulator.url,
        "webhook_secrets": [WEBHOOK_SECRETS["platform"]],
        "connect_webhook_secrets": [WEBHOOK_SECRETS["connect"]],
    }
    with referee(_simulator):
        yield _simulator


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def exchange(transactional_db: None) -> Iterator[Exchange]:
    """The application that serves sockets, in a loop of its own."""
    yield from running_exchange()


def running_exchange() -> Iterator[Exchange]:
    """Its threads keep no connection to the database, which could not be dropped else."""
    kept, connections.settings["default"]["CONN_MAX_AGE"] = connections.settings["default"]["CONN_MAX_AGE"], 0
    running = Exchange(application)
    yield running
    running.close()
    connections.settings["default"]["CONN_MAX_AGE"] = kept


@pytest.fixture
def dial(exchange: Exchange) -> Callable[..., Phone]:
    """`phone = dial(person)`: a socket of that person, signed in and ready. `lang="ar"` and other words go into the address."""

    def open_one(person: User, *, session: Session | None = None, **query: str) -> Phone:
        session = session or open_session(user=person, kind=SessionKind.API).session
        ticket = issue_socket_ticket(session=session).ticket
        phone = exchange.open(headers={"Origin": "http://testserver"}, ticket=ticket, **query)
        phone.hear("ready")
        return phone

    return open_one


@pytest.fixture
def deliver() -> Callable[[], int]:
    """Carry out every waiting outbox delivery, and those that come of them."""
    return deliver_everything


@pytest.fixture
def sign_in(client: Client) -> Callable[[str], User]:
    """`person = sign_in("moderator")`: somebody of that group of the staff, signed in with `client`."""

    def sign_in(group: str) -> User:
        person = colleague(group)
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
        return person

    return sign_in
