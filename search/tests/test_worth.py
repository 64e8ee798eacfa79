from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import SellerStanding, User
from accounts.tests.factories import UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from feeds.ranking import Weights, score, score_sql
from feeds.selectors import facts_of
from search.actions import follow_worth, index_products
from search.models import SearchDocument
from search.selectors.statements import OF_DOCUMENTS

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def written(product):
    index_products([product.pk])
    return product


def document(product):
    return SearchDocument.objects.get(pk=product.pk)


def loved(product):
    """A listing that many look at, of a newcomer whom people trust."""
    Product.objects.filter(pk=product.pk).update(view_count=90, favourite_count=2)
    User.objects.filter(pk=product.seller_id).update(
        email_verified_at=NOW, identity_verified_at=NOW, sells_since=NOW - timedelta(days=3)
    )
    SellerStanding.objects.update_or_create(
        user_id=product.seller_id, defaults={"rating": Decimal("4.8"), "review_count": 12, "sales_count": 2}
    )


def said_by_document(product):
    expression = score_sql(Weights(), now="%(now)s", text="0.5", metres="700::float8", of=OF_DOCUMENTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM search_searchdocument d WHERE product_id = %(id)s",  # noqa: S608
            {"now": NOW, "id": product.pk},
        )
        return cursor.fetchone()[0]


def said_by_listing(product):
    product = Product.objects.select_related("seller__standing").get(pk=product.pk)
    facts = facts_of(product, place=None, now=NOW)
    return score(type(facts)(**{**vars_of(facts), "text": 0.5, "metres": 700.0}), Weights())


def vars_of(facts):
    return {name: getattr(facts, name) for name in facts.__slots__}


@pytest.mark.parametrize("is_loved", [False, True])
def test_a_document_is_worth_what_its_listing_is(is_loved):
    product = ProductFactory(state="active", published_at=NOW - timedelta(days=2))
    if is_loved:
        loved(product)
    written(product)
    assert said_by_document(product) == pytest.approx(said_by_listing(product))


def test_a_document_follows_what_its_listing_becomes_worth():
    product = written(ProductFactory(state="active", published_at=NOW - timedelta(days=2)))
    other = written(ProductFactory(state="active", published_at=NOW - timedelta(days=2)))
    before = said_by_document(product), said_by_document(other)
    loved(product)
    assert said_by_document(product) == before[0]
    assert follow_worth(batch=1) == 1
    assert said_by_document(product) == pytest.approx(said_by_listing(product))
    assert said_by_document(product) > before[0]
    assert said_by_document(other) == before[1]
    assert follow_worth() == 0


def test_a_document_is_not_written_for_each_look():
    product = ProductFactory(state="active", published_at=NOW, view_count=100)
    written(product)
    Product.objects.filter(pk=product.pk).update(view_count=104)
    assert follow_worth() == 0
    assert document(product).points == 100
    Product.objects.filter(pk=product.pk).update(view_count=106)
    assert follow_worth() == 1
    assert document(product).points == 106


def test_who_lost_what_made_them_trusted_is_trusted_less():
    product = ProductFactory(seller=UserFactory(), state="active", published_at=NOW)
    loved(product)
    trusted = document(written(product)).trust
    User.objects.filter(pk=product.seller_id).update(
        identity_verified_at=None, email_verified_at=None, phone_verified_at=None
    )
    follow_worth()
    assert document(product).trust == pytest.approx(trusted - 0.5)
    assert document(product).newcomer_since is None


def test_what_is_shown_no_more_is_left_alone():
    product = ProductFactory(state="active", published_at=NOW)
    written(product)
    Product.objects.filter(pk=product.pk).update(hidden_at=NOW)
    index_products([product.pk])
    loved(product)
    assert follow_worth() == 0
