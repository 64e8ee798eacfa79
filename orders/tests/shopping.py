"""People who buy, for tests: what a provider would say of their payments is noted without asking one."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.tests.factories import AddressFactory, UserFactory
from catalog.models import Product, ProductVariant, StockHold
from catalog.tests.factories import ProductFactory
from core.models import OutboxEvent
from core.money import Money
from orders.actions import confirm_paid_checkout, open_checkout
from orders.models import Checkout, Order, OrderEvent, OrderItem, VoucherUse
from orders.quotes import Wanted
from payments.actions import note_intent
from payments.models import Payment, PaymentHold, ProviderCommand
from payments.tests.money import seen


def aed(minor: int) -> Money:
    return Money(minor, "AED")


def wanted(*products: Product, quantity: int = 1) -> list[Wanted]:
    return [Wanted(variant_id=product.variants.get().pk, quantity=quantity) for product in products]


def bought(*products: Product, buyer: User | None = None, **said: Any) -> Checkout:
    """An open checkout of these things, by card."""
    return open_checkout(buyer=buyer or UserFactory(), lines=wanted(*(products or (ProductFactory(images=0),))), **said)


@transaction.atomic
def captured(checkout: Checkout) -> Payment:
    """The provider took the money; orders have not heard of it yet."""
    payment = Payment.objects.get(pk=checkout.payment_id)
    return note_intent(payment_id=payment.pk, view=seen(payment))


def paid(checkout: Checkout) -> Checkout:
    """The buyer paid, and the orders are confirmed."""
    done = confirm_paid_checkout(payment_id=captured(checkout).pk)
    assert done is not None
    return done


def the_order(checkout: Checkout) -> Order:
    return checkout.orders.get()


def home_of(buyer: User) -> Any:
    return AddressFactory(user=buyer)


def stocked(count: int, *, price_minor: int = 100_00, **fields: Any) -> Product:
    """A shop's listing with so many pieces."""
    product = ProductFactory(images=0, price_minor=price_minor, **fields)
    ProductVariant.objects.filter(product=product).update(stock=count)
    return product


def news(prefix: str = "orders.") -> Sequence[str]:
    return list(OutboxEvent.objects.filter(name__startswith=prefix).order_by("id").values_list("name", flat=True))


WRITTEN = (
    Checkout,
    Order,
    OrderItem,
    OrderEvent,
    StockHold,
    VoucherUse,
    Payment,
    PaymentHold,
    ProviderCommand,
    OutboxEvent,
)


def everything() -> dict[str, int]:
    """How many rows there are of what a purchase writes: a refusal changes none of it."""
    return {table.__name__: table.objects.count() for table in WRITTEN}
