"""One owner with one of everything, a stranger, and a moderator: whom the permission table is about."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions import register_device
from accounts.models import DataExport, Session, User
from accounts.states import SessionKind
from accounts.tests.factories import AddressFactory, UserFactory
from catalog.models import Category
from catalog.tests.factories import ProductFactory
from media.tests.factories import ReadyImageFactory
from messaging.tests.factories import ConversationFactory, say
from moderation.actions import report_target
from moderation.models import Policy
from notifications.tests.factories import NotificationFactory
from offers.tests.factories import OfferFactory
from orders.models import Dispute, Meeting
from orders.tests.factories import CartFactory, CartItemFactory, OrderFactory, VoucherFactory
from payments.tests.factories import PayoutFactory
from places.models import Neighborhood
from places.tests.factories import NeighborhoodFactory
from search.actions import remember_search, save_search
from search.selectors import Asked

ROLES = ("anonymous", "stranger", "owner", "moderator")


@dataclass
class World:
    """`ids` fills the parameters of paths by `<first word of the path>.<parameter>`, or by the parameter alone."""

    people: dict[str, User | None]
    ids: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)

    def client(self, role: str) -> APIClient:
        client = APIClient(raise_request_exception=False)
        person = self.people[role]
        if person is not None:
            client.force_authenticate(person)
        return client


def build() -> World:
    call_command("sync_groups", verbosity=0)
    owner, stranger, moderator = UserFactory(username="owner"), UserFactory(), UserFactory(is_staff=True)
    moderator.groups.add(Group.objects.get(name="moderator"))
    hood: Neighborhood = NeighborhoodFactory()
    product = ProductFactory(seller=owner)
    hidden = ProductFactory(seller=owner, hidden_at=timezone.now())
    asset = ReadyImageFactory(owner=owner)
    address = AddressFactory(user=owner)
    device = register_device(user=owner, device_id="phone", platform="ios", push_token="token")
    session = Session.objects.create(user=owner, kind=SessionKind.API, expires_at=timezone.now() + timedelta(days=1))
    export = DataExport.objects.create(user=owner)
    report = report_target(
        reporter=UserFactory(), target_kind="product", target_id=product.pk, reason="scam", description="paid outside"
    )
    note = NotificationFactory(user=owner)
    offer = OfferFactory(product=product)  # to the owner
    order = OrderFactory(cash=True, buyer=owner)
    sold = OrderFactory(confirmed=True, product=ProductFactory(seller=owner))
    voucher = VoucherFactory(shop=owner)
    meeting = Meeting.objects.create(
        order=order, proposed_by="seller", place="By the fountain", starts_at=timezone.now() + timedelta(hours=5)
    )
    dispute = Dispute.objects.create(
        order=OrderFactory(disputed=True, buyer=owner), reason="damaged", text="The leg is broken.", wanted_minor=100
    )
    cart_item = CartItemFactory(cart=CartFactory(user=owner))
    policy = Policy.objects.first()
    category = Category.objects.get(slug="furniture")
    conversation = ConversationFactory(person=owner, said=1)
    message = say(conversation, owner, "Is it still there?")
    ids = {
        "user_id": owner.pk,
        "username": owner.username,
        "asset_id": asset.pk,
        "media.name": "original",
        "address_id": address.pk,
        "device_id": getattr(device, "pk", "phone"),
        "session_id": session.pk,
        "export_id": export.pk,
        "change_id": export.pk,
        "product_id": product.pk,
        "hidden_product": hidden.pk,
        "variant_id": product.variants.first().pk if product.variants.exists() else product.pk,
        "case_id": report.case_id,
        "report_id": report.pk,
        "decision_id": report.pk,
        "notifications.pk": note.pk,
        "neighborhoods.slug": hood.slug,
        "categories.slug": category.slug,
        "slug": category.slug,
        "brands.slug": "apple",
        "conversation_id": conversation.pk,
        "message_id": message.pk,
        "entry_id": getattr(remember_search(user=owner, asked=Asked(q="oak chair")), "pk", None),
        "saved_search_id": save_search(user=owner, asked=Asked(q="oak chair")).pk,
        "offer_id": offer.pk,
        "payouts.payout_id": PayoutFactory(seller=owner).pk,
        "feeds.feed": "community",
        "order_id": order.pk,
        "seller.order_id": sold.pk,
        "checkout_id": order.checkout_id,
        "item_id": cart_item.pk,
        "voucher_id": voucher.pk,
        "meeting_id": meeting.pk,
        "dispute_id": dispute.pk,
        "adapter": "http",
        "invoice_id": order.pk,
    }
    bodies = {
        "decide": {"outcome": "no_action", "revision": 1, "policy_id": str(policy.pk) if policy else None},
        "products.report": {"reason": "scam"},
        "users.report": {"reason": "spam"},
        "messages.{message_id}": {"content": "Is it still for sale?"},
        "messages.reaction": {"emoji": "👍"},
        "conversations.report": {"reason": "harassment"},
        "conversations.messages": {"content": "Is it still there?"},
        "suspend": {"reason": "fraud", "duration_days": 3},
        "cart.{item_id}": {"quantity": 1},
        "seller.decline": {"reason": "x" * 201},
    }
    return World({"anonymous": None, "stranger": stranger, "owner": owner, "moderator": moderator}, ids, bodies)
