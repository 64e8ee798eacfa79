"""The test database, left as migrations made it."""

from collections.abc import Iterable
from importlib import import_module

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from catalog.migrations._seed import seed as seed_shelves
from catalog.models import Brand, Category, CategoryAttribute
from moderation.migrations._filters_seed import seed as seed_filters
from moderation.models import FilterTerm, ScanPolicy
from payments.migrations._seed import seed as seed_fees
from payments.models import FeeAmounts, FeeRule
from places.migrations._meeting_points import seed as seed_meeting_points
from places.models import MeetingPoint
from search.migrations._seed import seed as seed_synonyms
from search.models import SynonymSet

add_policies = import_module("moderation.migrations.0003_policies").add_policies
write_weights = import_module("feeds.migrations.0002_first_weights").write

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


def remember() -> None:
    """What migrations wrote, before any test commits."""
    as_migrated.update(prints(KEPT))


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
    remember()


def seed_again() -> None:
    seed_shelves(Category, CategoryAttribute, Brand)
    seed_fees(FeeRule, FeeAmounts, Category)
    add_policies(apps, None)
    seed_filters(FilterTerm, ScanPolicy)
    write_weights(apps, None)
    seed_synonyms(SynonymSet)
    seed_meeting_points(MeetingPoint)
