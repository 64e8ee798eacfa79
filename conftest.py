"""What every test gets: no rate limits unless it asks, one API client, deliveries run on demand."""

import os
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from accounts.actions import issue_socket_ticket, open_session
from accounts.models import Session, User
from accounts.states import SessionKind
from catalog.migrations._seed import seed as seed_shelves
from catalog.models import Brand, Category, CategoryAttribute
from config.asgi import application
from core.cache import ForgivingRedisCache
from core.realtime import telling
from core.realtime.checking import inspect_frame
from core.realtime.testing import Exchange, Phone
from core.testing import deliver_everything
from moderation.migrations._filters_seed import seed as seed_filters
from moderation.models import FilterTerm, ScanPolicy
from moderation.selectors import forget_filters
from payments.migrations._seed import seed as seed_fees
from payments.models import FeeAmounts, FeeRule
from places.migrations._meeting_points import seed as seed_meeting_points
from places.models import MeetingPoint
from search.migrations._seed import seed as seed_synonyms
from search.models import SynonymSet
from stripe_simulator.testing import KEY, Simulator, referee, threaded_simulator

add_policies = import_module("moderation.migrations.0003_policies").add_policies
write_weights = import_module("feeds.migrations.0002_first_weights").write


def pytest_configure() -> None:
    options: Any = django_settings.CACHES["default"][
        "OPTIONS"
    ]  # a machine that is busy with tests is no Redis that is away
    options["socket_timeout"] = options["socket_connect_timeout"] = 5
    # Tests that commit empty every table after them; the ledger's refuse it to whoever does not say that they mean it.
    django_settings.DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c souk.may_empty=on"
    TransactionTestCase._fixture_teardown = lambda self: leave_as_migrated()  # type: ignore[attr-defined]  # what ends a test that commits


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
    with django_db_blocker.unblock():
        as_migrated.update(prints(KEPT))


# What migrations write and hardly a test changes.
KEPT = (
    "auth_permission",
    "catalog_brand",
    "catalog_category",
    "catalog_categoryattribute",
    "django_content_type",
    "django_site",
    "feeds_rankingweights",
    "moderation_filterterm",
    "moderation_policy",
    "moderation_scanpolicy",
    "payments_feeamounts",
    "payments_feerule",
    "places_meetingpoint",
    "search_synonymset",
)
LARGE = 4_000_000  # bytes of a table after which its space is given back, too
as_migrated: dict[str, str | None] = {}


def prints(tables: Iterable[str]) -> dict[str, str | None]:
    """A fingerprint of each table's rows."""
    one = "SELECT '{0}', (SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {0} t)"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table) for table in tables))
        return dict(cursor.fetchall())


def leave_as_migrated() -> None:
    """Take away what a test committed. Where it left alone what migrations wrote, only rows that there are: emptying all tables, with
    their files and indexes, and writing the seeds again takes a hundred times as long.
    """
    tables = [
        table
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False)
        if table not in KEPT
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        may = cursor.fetchone()[0]
        filled = " UNION ALL ".join(
            f"SELECT '{table}', pg_relation_size('{table}') WHERE EXISTS (SELECT FROM {table})"  # noqa: S608
            for table in tables
        )
        cursor.execute(filled)
        sizes = dict(cursor.fetchall())
        if may and max(sizes.values(), default=0) < LARGE and prints(KEPT) == as_migrated:
            # No trigger fires: neither those of foreign keys, nor those that keep rows as they were written.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in sizes:
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
            return
    call_command("flush", verbosity=0, interactive=False, allow_cascade=False, inhibit_post_migrate=False)
    seed_again()
    as_migrated.update(prints(KEPT))


def seed_again() -> None:
    seed_shelves(Category, CategoryAttribute, Brand)
    seed_fees(FeeRule, FeeAmounts, Category)
    add_policies(apps, None)
    seed_filters(FilterTerm, ScanPolicy)
    write_weights(apps, None)
    seed_synonyms(SynonymSet)
    seed_meeting_points(MeetingPoint)


@pytest.fixture(scope="session")
def test_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The test database, also where no test of the run carries the mark for which pytest-django makes it."""
    if connection.settings_dict["NAME"].startswith("test_"):
        yield
        return
    keep = request.config.getvalue("reuse_db")
    with django_db_blocker.unblock():
        made = setup_databases(0, interactive=False, keepdb=keep and not request.config.getvalue("create_db"))
        yield
        if not keep:
            teardown_databases(made, 0)


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
