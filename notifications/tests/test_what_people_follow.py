from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.actions import block_person, register_device
from accounts.tests.factories import UserFactory
from catalog.actions import edit_product, pause_product, resume_product
from catalog.models import Product
from catalog.tests.factories import FavouriteFactory, ProductFactory
from core.deliveries import carry_out
from core.models import Delivery
from notifications.actions import change_settings, send_digests, tell_finds
from notifications.models import DevMessage, Notification
from notifications.states import NotificationKind
from search.actions import (
    change_saved_search,
    look_at_saved_search,
    remove_saved_search,
    tell_searches_of_listing,
    tell_searches_of_lower_price,
)
from search.models import Find
from search.states import AlertFrequency
from search.tests.factories import saved

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 5, 15, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(MORNING - timedelta(hours=12), tick=False) as traveller:
        yield traveller


def lamp(**given):
    listing = ProductFactory(**{"title": "Brass lamp", "price_minor": 90_00} | given)
    tell_searches_of_listing(listing.pk)
    return listing


def told(user, kind=NotificationKind.SAVED_SEARCH):
    return Notification.objects.filter(user=user, kind=kind)


def mails(user):
    return list(DevMessage.objects.filter(to=user.email).order_by("id"))


# --- at once ----------------------------------------------------------------------------------------------------------


def test_is_told_at_once_what_a_search_found(deliver):
    search = saved(q="lamp", name="Lamps")
    listing = lamp()
    deliver()
    note = told(search.user).get()
    assert note.url == f"/l/{listing.pk}"
    [mail] = mails(search.user)
    assert mail.subject == "Found: “Brass lamp”"
    assert "It fits your search “Lamps” and costs AED 90." in mail.body
    search.refresh_from_db()
    assert search.told_at is not None


def test_is_told_of_each_lower_price_once(deliver):
    search = saved(q="lamp")
    listing = lamp()
    deliver()
    for price in (80_00, 95_00, 80_00):
        Product.objects.filter(pk=listing.pk).update(price_minor=price)
        tell_searches_of_lower_price(listing.pk)
        deliver()
    assert [note.facts["price"] for note in told(search.user).order_by("id")] == ["90.00 AED", "80.00 AED"]


def test_two_searches_of_one_person_tell_of_a_listing_once(deliver):
    search = saved(q="lamp")
    saved(user=search.user, q="brass")
    saved(user=search.user, q="brass lamp", alerts=AlertFrequency.DAILY)
    lamp()
    deliver()
    assert told(search.user).count() == 1
    assert send_digests() == 0


def test_a_delivery_that_comes_twice_tells_once(deliver):
    search = saved(q="lamp")
    listing = lamp()
    deliver()
    assert tell_finds(product_id=listing.pk) == 0
    for delivery in Delivery.objects.filter(handler="notifications.tell_people_what_their_searches_found"):
        carry_out(delivery.pk)
    assert told(search.user).count() == 1


def test_what_went_off_show_or_apart_meanwhile_is_not_told(deliver):
    watcher, apart, hidden = saved(q="lamp"), saved(q="sofa"), saved(q="table")
    gone, blocked, moderated = lamp(), lamp(title="Sofa"), lamp(title="Table")
    pause_product(seller=gone.seller, product_id=gone.pk)
    block_person(blocker=apart.user, blocked=blocked.seller)
    Product.objects.filter(pk=moderated.pk).update(hidden_at=MORNING)
    deliver()
    assert not any(told(search.user).exists() for search in (watcher, apart, hidden))


@pytest.mark.parametrize("change", [{"alerts": AlertFrequency.OFF}, {"is_paused": True}, None])
def test_a_search_that_was_put_to_rest_meanwhile_tells_nothing(deliver, change):
    search = saved(q="lamp")
    lamp()
    if change:
        change_saved_search(user=search.user, saved_search_id=search.pk, **change)
    else:
        remove_saved_search(user=search.user, saved_search_id=search.pk)
    deliver()
    assert not told(search.user).exists()


def test_a_push_goes_before_a_mail(deliver):
    search = saved(q="lamp")
    register_device(user=search.user, device_id="phone", platform="ios", push_token="token")
    lamp()
    deliver()
    assert [message.channel for message in DevMessage.objects.all()] == ["push"]


# --- digest -----------------------------------------------------------------------------------------------------------


def test_one_mail_a_day_with_all_that_was_found(deliver, clock):
    lamps = saved(q="lamp", name="Lamps", alerts=AlertFrequency.DAILY)
    saved(user=lamps.user, q="sofa", name="Sofas", alerts=AlertFrequency.DAILY)
    clock.shift(60)
    lamp()
    lamp(title="Grey sofa", price_minor=500_00)
    deliver()
    assert mails(lamps.user) == []
    clock.move_to(MORNING)
    assert send_digests() == 1
    assert send_digests() == 0
    deliver()
    [mail] = mails(lamps.user)
    assert mail.subject == "New in what you follow"
    for words in ("Brass lamp", "AED 90. Lamps", "Grey sofa", "AED 500. Sofas", "/unsubscribe/"):
        assert words in mail.body
    clock.shift(24 * 3600)
    assert send_digests() == 0


def test_what_is_found_after_a_days_digest_waits_for_the_next(deliver, clock):
    search = saved(q="lamp", alerts=AlertFrequency.DAILY)
    clock.shift(60)
    lamp()
    clock.move_to(MORNING)
    assert send_digests() == 1
    clock.shift(3600)
    lamp(title="Oak lamp")
    assert send_digests() == 0
    clock.shift(23 * 3600)
    assert send_digests() == 1
    deliver()
    assert "Oak lamp" in mails(search.user)[1].body
    assert "Brass lamp" not in mails(search.user)[1].body


def test_a_weekly_digest_comes_a_week_after_the_last(clock):
    saved(q="lamp", alerts=AlertFrequency.WEEKLY)
    clock.shift(60)
    lamp()
    days = []
    for day in range(15):
        clock.move_to(MORNING + timedelta(days=day))
        if day == 9:
            lamp(title="Oak lamp")
        if send_digests():
            days.append(day)
    assert days == [7, 14]


def test_what_one_looked_at_meanwhile_is_no_news(clock):
    search = saved(q="lamp", alerts=AlertFrequency.DAILY)
    clock.shift(60)
    lamp()
    clock.shift(60)
    look_at_saved_search(user=search.user, saved_search_id=search.pk)
    clock.move_to(MORNING)
    assert send_digests() == 0


def test_what_is_hidden_between_digest_and_mail_is_not_in_the_mail(deliver, clock):
    search = saved(q="lamp", alerts=AlertFrequency.DAILY)
    clock.shift(60)
    first, second = lamp(), lamp(title="Oak lamp")
    clock.move_to(MORNING)
    assert send_digests() == 1
    Product.objects.filter(pk=first.pk).update(hidden_at=MORNING)
    deliver()
    [mail] = mails(search.user)
    assert "Brass lamp" not in mail.body
    assert second.title in mail.body


def test_nobody_else_is_mailed_and_digests_are_written_in_arabic_too(deliver, clock):
    reader = UserFactory(language="ar")
    saved(user=reader, q="lamp", alerts=AlertFrequency.DAILY)
    saved(q="piano", alerts=AlertFrequency.DAILY)
    clock.shift(60)
    lamp()
    clock.move_to(MORNING)
    assert send_digests() == 1
    deliver()
    assert DevMessage.objects.get().to == reader.email


# --- hearts -----------------------------------------------------------------------------------------------------------


def test_is_told_that_a_saved_listing_is_for_sale_again_once_a_week(deliver, clock):
    heart = FavouriteFactory()
    product = heart.product
    for _ in range(2):
        pause_product(seller=product.seller, product_id=product.pk)
        resume_product(seller=product.seller, product_id=product.pk)
        deliver()
    assert told(heart.user, NotificationKind.BACK_ON_SALE).count() == 1
    [mail] = mails(heart.user)
    assert "is for sale again" in mail.subject
    clock.shift(8 * 86400)
    pause_product(seller=product.seller, product_id=product.pk)
    resume_product(seller=product.seller, product_id=product.pk)
    deliver()
    assert told(heart.user, NotificationKind.BACK_ON_SALE).count() == 2


def test_a_heart_tells_of_a_lower_price_and_a_search_for_the_same_does_not(deliver):
    heart = FavouriteFactory(product__title="Brass lamp", product__price_minor=200_00)
    saved(user=heart.user, q="lamp")
    edit_product(seller=heart.product.seller, product_id=heart.product_id, price_minor=150_00)
    deliver()
    assert told(heart.user, NotificationKind.PRICE_DROP).count() == 1
    assert not told(heart.user).exists()
    assert not Find.objects.exists()


def test_news_of_hearts_wait_for_the_digest_where_one_wants_that(deliver, clock):
    heart = FavouriteFactory(product__title="Brass lamp", product__price_minor=200_00)
    change_settings(user=heart.user, kinds={NotificationKind.PRICE_DROP: {"digest": True}})
    edit_product(seller=heart.product.seller, product_id=heart.product_id, price_minor=150_00)
    deliver()
    assert told(heart.user, NotificationKind.PRICE_DROP).count() == 1  # on the list at once
    assert mails(heart.user) == []
    clock.move_to(MORNING)
    assert send_digests() == 1
    deliver()
    [mail] = mails(heart.user)
    assert "“Brass lamp” costs less now" in mail.body
    clock.shift(24 * 3600)
    assert send_digests() == 0


def test_what_was_read_on_the_list_is_not_mailed_again(deliver, clock):
    heart = FavouriteFactory(product__price_minor=200_00)
    change_settings(user=heart.user, kinds={NotificationKind.PRICE_DROP: {"digest": True}})
    edit_product(seller=heart.product.seller, product_id=heart.product_id, price_minor=150_00)
    deliver()
    Notification.objects.update(read_at=MORNING)
    clock.move_to(MORNING)
    assert send_digests() == 0


def test_preferences_offer_the_digest_for_what_can_wait(client):
    user = UserFactory()
    client.force_login(user)
    shown = client.get("/notifications/preferences").content.decode()
    assert 'name="price_drop.digest"' in shown
    assert 'name="new_message.digest"' not in shown
    client.post(
        "/notifications/preferences", {"email_enabled": "on", "price_drop.email": "on", "price_drop.digest": "on"}
    )
    assert user.notification_settings.kinds["price_drop"] == {"email": True, "push": False, "digest": True}


def test_hearts_tell_nothing_of_a_listing_whose_seller_is_out_of_standing(deliver):
    heart = FavouriteFactory(product__price_minor=200_00)
    seller = heart.product.seller
    pause_product(seller=seller, product_id=heart.product_id)
    resume_product(seller=seller, product_id=heart.product_id)
    edit_product(seller=seller, product_id=heart.product_id, price_minor=150_00)
    type(seller).objects.filter(pk=seller.pk).update(suspended_at=MORNING, listings_hidden_at=MORNING)
    deliver()
    assert not Notification.objects.filter(user=heart.user).exists()


def test_a_price_that_was_raised_again_before_the_news_arrived_is_no_drop(deliver):
    heart = FavouriteFactory(product__price_minor=200_00)
    for price in (150_00, 210_00):
        edit_product(seller=heart.product.seller, product_id=heart.product_id, price_minor=price)
    deliver()
    assert not told(heart.user, NotificationKind.PRICE_DROP).exists()


@pytest.mark.parametrize("how", ["hidden", "blocked"])
@pytest.mark.parametrize("when", ["before the digest", "before the mail"])
def test_news_of_hearts_that_one_may_not_see_any_more_are_in_no_digest(deliver, clock, how, when):
    heart = FavouriteFactory(product__title="Brass lamp", product__price_minor=200_00)
    other = FavouriteFactory(user=heart.user, product__title="Oak desk", product__price_minor=200_00)
    change_settings(user=heart.user, kinds={NotificationKind.PRICE_DROP: {"digest": True}})
    for one in (heart, other):
        edit_product(seller=one.product.seller, product_id=one.product_id, price_minor=150_00)
    deliver()

    def part():
        if how == "hidden":
            Product.objects.filter(pk=heart.product_id).update(hidden_at=MORNING)
        else:
            block_person(blocker=heart.user, blocked=heart.product.seller)

    clock.move_to(MORNING)
    if when == "before the digest":
        part()
    assert send_digests() == 1
    if when == "before the mail":
        part()
    deliver()
    [mail] = [one for one in mails(heart.user) if one.subject == "New in what you follow"]
    assert "Oak desk" in mail.body
    assert "Brass lamp" not in mail.body
