"""Listings around Dubai Marina Mall, ready to look at. Made directly, not by actions: a test of one action starts anywhere."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import (
    Category,
    Favourite,
    Product,
    ProductMedia,
    ProductVariant,
    StockHold,
)
from catalog.states import Condition, FeedType, ProductState
from core.geo import FEED_RESOLUTION, WIDE_RESOLUTION, LatLng
from media.tests.factories import ReadyImageFactory, ReadyVideoFactory

MARINA_MALL = LatLng(latitude=25.0763, longitude=55.1398)
JLT = LatLng(latitude=25.0693, longitude=55.1417)  # across the street
ABU_DHABI = LatLng(latitude=24.4539, longitude=54.3773)  # some 110 km away


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"shelf_{n}")
    name_en = factory.LazyAttribute(lambda o: o.slug.replace("_", " ").title())
    name_ar = factory.LazyAttribute(lambda o: f"رف {o.slug}")
    icon = "shapes"
    color = "#64748B"


class SellerFactory(UserFactory):
    """Somebody who may sell."""

    sells_since = factory.LazyFunction(timezone.now)


class ProductFactory(factory.django.DjangoModelFactory):
    """An active listing with one picture at Dubai Marina Mall (`place=` elsewhere, `images=0` without, `images=3` with more)."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    class Params:
        place = MARINA_MALL

    seller = factory.SubFactory(SellerFactory)
    state = ProductState.ACTIVE
    feed_type = FeedType.COMMUNITY
    title = factory.Sequence(lambda n: f"Oak chair {n}")
    description = "Used for two years, no scratches."
    price_minor = 250_00
    currency = "AED"
    category = factory.SubFactory(CategoryFactory, slug="furniture")
    condition = Condition.GOOD
    location = factory.LazyAttribute(lambda o: o.place.point if o.place else None)
    public_location = factory.LazyAttribute(lambda o: o.place.snapped().point if o.place else None)
    feed_cell = factory.LazyAttribute(lambda o: o.place.snapped().cell(FEED_RESOLUTION) if o.place else None)
    wide_cell = factory.LazyAttribute(lambda o: o.place.snapped().cell(WIDE_RESOLUTION) if o.place else None)
    published_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=60))

    @factory.post_generation
    def images(self: Product, create: bool, count: int | None, **_: Any) -> None:
        if not create:
            return
        for position in range(1 if count is None else count):
            picture = ReadyImageFactory(owner=self.seller, attached_at=timezone.now())
            ProductMedia.objects.create(product=self, asset=picture, position=position)
            self.cover = self.cover or picture
        ProductVariant.objects.create(product=self)
        self.save()


class DraftFactory(ProductFactory):
    """A complete draft: publishing it works."""

    state = ProductState.DRAFT
    published_at = None
    expires_at = None


class DiscoverFactory(ProductFactory):
    """A listing with a video in the discover feed."""

    feed_type = FeedType.DISCOVER
    video = factory.SubFactory(ReadyVideoFactory, owner=factory.SelfAttribute("..seller"))


class FavouriteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Favourite

    user = factory.SubFactory(UserFactory)
    product = factory.SubFactory(ProductFactory)


class HoldFactory(factory.django.DjangoModelFactory):
    """An open hold on a listing's only variant (`product=`)."""

    class Meta:
        model = StockHold

    class Params:
        product = factory.SubFactory(ProductFactory)

    variant = factory.LazyAttribute(lambda o: o.product.variants.get())
    quantity = 1
    reference = factory.Sequence(lambda n: f"order:{n}")
