from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.actions import announce_ends, renew_product
from catalog.tests.factories import ProductFactory
from notifications.models import DevMessage, Notification
from notifications.states import NotificationKind

pytestmark = pytest.mark.django_db


def test_the_seller_is_told_once_in_time_to_renew(deliver):
    product = ProductFactory(title="Oak desk", expires_at=timezone.now() + timedelta(days=2))
    announce_ends()
    deliver()
    announce_ends()
    deliver()
    told = Notification.objects.get()
    assert (told.user, told.kind, told.url) == (product.seller, NotificationKind.LISTING_EXPIRING, "/me/listings")
    assert DevMessage.objects.get().subject == "“Oak desk” expires soon"


def test_what_was_renewed_before_the_news_arrived_is_not_told(deliver):
    product = ProductFactory(expires_at=timezone.now() + timedelta(days=2))
    announce_ends()
    renew_product(seller=product.seller, product_id=product.pk)
    deliver()
    assert not Notification.objects.exists()


def test_what_is_sold_meanwhile_is_not_told(deliver):
    product = ProductFactory(expires_at=timezone.now() + timedelta(days=2))
    announce_ends()
    product.state = "sold"
    product.save()
    deliver()
    assert not Notification.objects.exists()
