import os
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from accounts.models import Block
from accounts.tests.factories import UserFactory
from catalog.actions import add_favourite, edit_product, pause_product, resume_product
from catalog.models import Product
from catalog.tests.factories import MARINA_MALL, ProductFactory
from search.actions import (
    change_saved_search,
    index_products,
    read_saved_searches_again,
    save_search,
    tell_searches_of_edit,
    tell_searches_of_listing,
    tell_searches_of_lower_price,
)
from search.errors import SavesEverything
from search.models import Find, SavedSearch, Watch
from search.selectors import asked_from, every_id, read_question, searches_that_find
from search.states import AlertFrequency, FindReason
from search.tests.factories import saved
from search.tests.test_search_means_what_it_says import Market, asking, question_of

pytestmark = pytest.mark.django_db
EXAMPLES = 300 if os.environ.get("SOUK_TEST_FULL") else 25


@pytest.fixture(scope="module")
def market(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield Market(47)
        transaction.set_rollback(True)


@given(drawn=asking)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_listing_finds_the_searches_that_find_it(market, drawn):
    drawn.pop("availability", None)
    asked, _question, _fits = question_of(drawn, market)
    with transaction.atomic():
        try:
            kept = save_search(user=UserFactory(), asked=asked)
        except SavesEverything:
            return
        expected = set(every_id(read_question(asked_from(kept.asked)), viewer=None))
        found = {pk for pk in Product.objects.values_list("pk", flat=True) if kept.pk in searches_that_find(pk)}
        transaction.set_rollback(True)
    assert found == expected


def reasons(search):
    return list(Find.objects.filter(saved_search=search).order_by("id").values_list("reason", "price_minor"))


def test_a_new_listing_is_found_once():
    lamps = saved(q="lamp")
    lamp = ProductFactory(title="Brass lamp", price_minor=90_00)
    assert tell_searches_of_listing(lamp.pk) == 1
    assert tell_searches_of_listing(lamp.pk) == 0
    assert reasons(lamps) == [("new", 90_00)]


def test_back_on_sale_is_new_only_to_those_who_had_not_found_it():
    before = saved(q="lamp")
    lamp = ProductFactory(title="Brass lamp")
    tell_searches_of_listing(lamp.pk)
    pause_product(seller=lamp.seller, product_id=lamp.pk)
    meanwhile = saved(q="brass lamp")
    resume_product(seller=lamp.seller, product_id=lamp.pk)
    assert tell_searches_of_listing(lamp.pk) == 1
    assert (len(reasons(before)), len(reasons(meanwhile))) == (1, 1)


def test_an_edit_is_news_to_searches_older_than_the_listing():
    older = saved(q="lamp")
    thing = ProductFactory(title="Brass thing")
    tell_searches_of_listing(thing.pk)
    newer = saved(q="brass")
    Product.objects.filter(pk=thing.pk).update(title="Brass lamp")
    index_products([thing.pk])
    assert tell_searches_of_edit(thing.pk) == 1
    assert (len(reasons(older)), len(reasons(newer))) == (1, 0)


def test_each_lower_price_is_news_once_and_a_higher_one_never():
    lamps = saved(q="lamp", max_price="100")
    lamp = ProductFactory(title="Brass lamp", price_minor=120_00)
    assert tell_searches_of_listing(lamp.pk) == 0
    for price, news in ((90_00, 1), (80_00, 1), (95_00, 0), (80_00, 0), (70_00, 1)):
        Product.objects.filter(pk=lamp.pk).update(price_minor=price)
        assert tell_searches_of_lower_price(lamp.pk) == news
    assert reasons(lamps) == [("cheaper", 90_00), ("cheaper", 80_00), ("cheaper", 70_00)]


def test_is_quiet_about_ones_own_and_what_one_has_a_heart_on_and_people_apart():
    lamp = ProductFactory(title="Brass lamp")
    saved(user=lamp.seller, q="lamp")
    lover, blocker, blocked = UserFactory(), UserFactory(), UserFactory()
    for person in (lover, blocker, blocked):
        saved(user=person, q="lamp")
    add_favourite(user=lover, product_id=lamp.pk)
    Block.objects.create(blocker=blocker, blocked=lamp.seller)
    Block.objects.create(blocker=lamp.seller, blocked=blocked)
    assert tell_searches_of_listing(lamp.pk) == 0
    assert not Find.objects.exists()


@pytest.mark.parametrize("wrong", [{"state": "paused"}, {"hidden_at": "2026-01-01T00:00Z"}])
def test_is_quiet_about_what_strangers_may_not_see(wrong):
    saved(q="lamp")
    lamp = ProductFactory(title="Brass lamp")
    Product.objects.filter(pk=lamp.pk).update(**wrong)
    assert tell_searches_of_listing(lamp.pk) == 0


def test_is_quiet_about_sellers_out_of_standing():
    saved(q="lamp")
    lamp = ProductFactory(title="Brass lamp", seller__suspended=True)
    assert tell_searches_of_listing(lamp.pk) == 0


@pytest.mark.parametrize("change", [{"alerts": AlertFrequency.OFF}, {"is_paused": True}])
def test_a_search_at_rest_finds_nothing(change):
    lamps = saved(q="lamp")
    change_saved_search(user=lamps.user, saved_search_id=lamps.pk, **change)
    assert not Watch.objects.exists()
    assert tell_searches_of_listing(ProductFactory(title="Brass lamp").pk) == 0


def test_published_edited_and_cheaper_listings_are_held_against_searches(deliver):
    lamps = saved(q="lamp", alerts=AlertFrequency.OFF)
    lamp = ProductFactory(title="Brass lamp", price_minor=120_00)
    change_saved_search(user=lamps.user, saved_search_id=lamps.pk, alerts=AlertFrequency.DAILY)
    pause_product(seller=lamp.seller, product_id=lamp.pk)
    resume_product(seller=lamp.seller, product_id=lamp.pk)
    deliver()
    assert reasons(lamps) == [(FindReason.NEW, 120_00)]
    edit_product(seller=lamp.seller, product_id=lamp.pk, price_minor=100_00)
    deliver()
    assert reasons(lamps) == [(FindReason.NEW, 120_00), (FindReason.CHEAPER, 100_00)]


def test_words_learnt_later_are_read_again_at_night():
    chairs = saved(q="strandmon")
    ProductFactory(title="كرسي ستراندمون")
    listing = ProductFactory(title="ستراندمون")
    index_products([listing.pk])
    assert read_saved_searches_again() == 1
    assert searches_that_find(listing.pk) == {chairs.pk}


def test_a_search_whose_shelf_is_gone_is_kept_and_says_so():
    thing = ProductFactory()
    search = saved(category="furniture")
    thing.category.is_active = False
    thing.category.save()
    read_saved_searches_again()
    search.refresh_from_db()
    assert search.unreadable_at is not None
    assert not Watch.objects.exists()
    thing.category.is_active = True
    thing.category.save()
    read_saved_searches_again()
    search.refresh_from_db()
    assert search.unreadable_at is None
    assert Watch.objects.exists()


def test_a_place_and_radius_are_part_of_it():
    near = saved(place=MARINA_MALL, radius_km=1.0)
    far = ProductFactory(place=type(MARINA_MALL)(25.2, 55.3))
    here = ProductFactory()
    index_products([far.pk, here.pk])
    assert searches_that_find(here.pk) == {near.pk}
    assert searches_that_find(far.pk) == set()


@pytest.mark.parametrize("many", [1, 20])
def test_matching_asks_the_database_the_same_however_many_search(many):
    for n in range(many):
        saved(q="lamp" if n % 2 == 0 else "brass")
    lamp = ProductFactory(title="Brass lamp", published_at=SavedSearch.objects.get_queryset().first().created_at)
    Product.objects.filter(pk=lamp.pk).update(published_at=lamp.published_at + timedelta(hours=1))
    index_products([lamp.pk])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert tell_searches_of_listing(lamp.pk) == many
    assert len(asked) <= 8
