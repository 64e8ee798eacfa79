"""What people are told about listings of their own and those they saved."""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from catalog.events import PriceChanged, ProductExpiresSoon, ProductPublished, ProductSold
from catalog.models import Favourite, Product
from catalog.selectors import products_with_a_page
from core.events import handles
from core.money import Money
from notifications.actions import tell, tell_many
from notifications.states import NotificationKind


def _listing_url(product: Product) -> str:
    return f"/l/{product.pk}"


def _those_who_saved(product: Product) -> list[User]:
    """Who saved it and may still see it. Nobody, where moderation hid it or its seller; blocks are respected in both directions."""
    if not products_with_a_page(None).filter(pk=product.pk).exists():
        return []
    saved = User.objects.filter(Exists(Favourite.objects.filter(product=product, user=OuterRef("pk"))), is_active=True)
    return list(
        saved.exclude(blocks_made__blocked=product.seller_id).exclude(blocks_received__blocker=product.seller_id)
    )


@handles(ProductExpiresSoon)
def tell_seller_that_listing_expires_soon(news: ProductExpiresSoon) -> None:
    product = Product.objects.select_related("seller").get(pk=news.product_id)
    if not product.is_listed or product.expires_at != news.expires_at:
        return  # sold, taken away or renewed meanwhile
    tell(
        user=product.seller,
        kind=NotificationKind.LISTING_EXPIRING,
        facts={"title": product.title, "product_id": str(product.pk)},
        url="/me/listings",
        once_key=f"expiring:{product.pk}:{news.expires_at.isoformat()}",
    )


@handles(ProductSold)
def tell_those_who_saved_it_that_it_is_sold(news: ProductSold) -> None:
    product = Product.objects.get(pk=news.product_id)
    tell_many(
        users=_those_who_saved(product),
        kind=NotificationKind.PRODUCT_SOLD,
        facts={"title": product.title, "product_id": str(product.pk)},
        url=_listing_url(product),
        once_key=f"sold:{product.pk}",
    )


@handles(PriceChanged)
def tell_those_who_saved_it_about_price_drop(news: PriceChanged) -> None:
    product = Product.objects.get(pk=news.product_id)
    if news.new_minor >= news.old_minor or (product.price_minor or 0) > news.new_minor or not product.is_listed:
        return  # dearer, or raised again before the news arrived
    old, new = Money(news.old_minor, product.currency), Money(news.new_minor, product.currency)
    tell_many(
        users=_those_who_saved(product),
        kind=NotificationKind.PRICE_DROP,
        facts={
            "title": product.title,
            "product_id": str(product.pk),
            "old": f"{old} {old.currency}",
            "new": f"{new} {new.currency}",
        },
        url=_listing_url(product),
        once_key=f"price:{product.pk}:{news.new_minor}",
    )


@handles(ProductPublished)
def tell_those_who_saved_it_that_it_is_for_sale_again(news: ProductPublished) -> None:
    """Once a week at most, however often it goes and comes. Who saved it saw it on sale before."""
    product = Product.objects.get(pk=news.product_id)
    if not product.is_listed:
        return
    year, week, _day = timezone.now().isocalendar()
    tell_many(
        users=_those_who_saved(product),
        kind=NotificationKind.BACK_ON_SALE,
        facts={
            "title": product.title,
            "product_id": str(product.pk),
            "price": f"{product.price} {product.currency}",
        },
        url=_listing_url(product),
        once_key=f"back:{product.pk}:{year}-{week}",
    )
