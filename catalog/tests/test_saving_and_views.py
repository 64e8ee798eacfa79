import pytest
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.actions import add_favourite, flush_views, record_view, remove_favourite
from catalog.errors import ProductNotFound
from catalog.models import Favourite
from catalog.tests.factories import DraftFactory, ProductFactory
from core.cache import ForgivingRedisCache
from core.models import OutboxEvent
from core.testing import counted_queries

pytestmark = pytest.mark.django_db


def test_saving_counts_and_tells_once():
    product, user = ProductFactory(), UserFactory()
    assert add_favourite(user=user, product_id=product.pk) is True
    assert add_favourite(user=user, product_id=product.pk) is False
    product.refresh_from_db()
    assert product.favourite_count == 1
    assert list(OutboxEvent.objects.values_list("name", flat=True)) == ["catalog.product_favoured"]
    assert remove_favourite(user=user, product_id=product.pk) is True
    assert remove_favourite(user=user, product_id=product.pk) is False
    product.refresh_from_db()
    assert product.favourite_count == 0


def test_what_one_may_not_see_is_not_saved():
    for product in (DraftFactory(), ProductFactory(hidden_at=timezone.now())):
        with pytest.raises(ProductNotFound):
            add_favourite(user=UserFactory(), product_id=product.pk)
    assert not Favourite.objects.exists()


def test_what_went_away_is_still_forgotten():
    product, user = ProductFactory(), UserFactory()
    add_favourite(user=user, product_id=product.pk)
    type(product).objects.update(state="removed")
    assert remove_favourite(user=user, product_id=product.pk) is True


def test_views_are_counted_once_an_hour_and_written_by_the_job():
    cache.clear()
    one, two = ProductFactory(), ProductFactory()
    with counted_queries() as queries:
        for _ in range(3):
            record_view(product_id=one.pk, viewer="a")
        record_view(product_id=one.pk, viewer="b")
        record_view(product_id=two.pk, viewer="a")
    assert len(queries) == 0
    assert flush_views() == 2
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.view_count, two.view_count) == (2, 1)
    assert flush_views() == 0


def test_a_flush_that_broke_off_is_finished_by_the_next():
    cache.clear()
    product = ProductFactory()
    record_view(product_id=product.pk, viewer="a")
    cache._cache.get_client(None, write=True).rename("catalog:views", "catalog:views:taken")
    record_view(product_id=product.pk, viewer="b")
    assert flush_views() == 1
    assert flush_views() == 1
    product.refresh_from_db()
    assert product.view_count == 2


def test_a_page_counts_for_strangers_and_not_for_its_seller(api):
    cache.clear()
    product = ProductFactory()
    api.get(f"/api/v1/products/{product.pk}")
    api.get(f"/api/v1/products/{product.pk}")
    api.force_authenticate(product.seller)
    api.get(f"/api/v1/products/{product.pk}")
    flush_views()
    product.refresh_from_db()
    assert product.view_count == 1


def test_without_redis_pages_answer_and_nothing_is_counted(api):
    product = ProductFactory()
    nowhere = {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": "unix:///nowhere/redis.sock?db=0",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
    with override_settings(CACHES={"default": nowhere}):
        assert api.get(f"/api/v1/products/{product.pk}").status_code == 200
        assert api.get("/api/v1/categories").status_code == 200
        assert flush_views() == 0
    ForgivingRedisCache.away_until = 0.0
    product.refresh_from_db()
    assert product.view_count == 0
