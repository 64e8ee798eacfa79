"""Which offers somebody may read, and in what order."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.functions import Cast, Concat

from accounts.models import User
from accounts.selectors import blocked_ids, with_brief
from catalog.models import Product
from catalog.rules import check_owner
from catalog.selectors import may_see
from catalog.states import ProductState
from messaging.models import Message
from offers.errors import OfferNotFound
from offers.models import Offer, OfferTerms
from offers.states import Ending, OfferState, Side
from orders.models import Order
from orders.states import OrderState

CHIPS = 20  # the last offers that a listing's page scrolls through
LIVE = (OfferState.PENDING, OfferState.ACCEPTED)
OPEN = Q(state=OfferState.PENDING) | Q(
    state=OfferState.ACCEPTED, paid_at=None
)  # what is paid is a deal and no haggling

# What no offer shows of the listings beside it.
_UNSHOWN = ("description", "attributes", "tags", "location", "public_location", "building_name")


def with_parts(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Join what `told.offer_shape` reads. `words_hidden`: moderation hid the card that said them. `order_id`: of an accepted one."""
    order = Order.objects.filter(
        ~Q(source_reference=""),
        ~Q(state=OrderState.CANCELLED),
        source_reference=Concat(Value("offer:"), Cast(OuterRef("pk"), CharField())),
    )
    offers = offers.annotate(
        order_id=Case(When(state=OfferState.ACCEPTED, then=Subquery(order.values("pk")[:1])), output_field=UUIDField())
    )
    hidden = Message.objects.filter(reference=OuterRef("pk"), hidden_at__isnull=False)
    unshown = [f"{path}__{name}" for path in ("product", "trade_product") for name in _UNSHOWN]
    joined = offers.select_related("variant", "product__cover", "trade_product__cover").defer(*unshown)
    return with_brief(with_brief(joined.annotate(words_hidden=Exists(hidden)), "buyer"), "seller")


def offer_of(person: User, offer_id: uuid.UUID) -> Offer:
    """One turn, for its parties. Raises OfferNotFound."""
    found = with_parts(Offer.objects.filter(Q(buyer=person) | Q(seller=person), pk=offer_id)).first()
    if found is None:
        raise OfferNotFound
    return found


def offers_of(person: User, *, as_buyer: bool | None = None, state: str | None = None) -> QuerySet[Offer]:
    """A person's negotiations by their newest turn, newest first; turns in one state where it is named. Archived ones are left out.

    A turn that was countered is never the newest, so it is listed only where that state is asked for.
    """
    mine = {True: Q(buyer=person), False: Q(seller=person), None: Q(buyer=person) | Q(seller=person)}[as_buyer]
    found = Offer.objects.filter(mine, archived_at=None)
    found = found.filter(state=state) if state else found.exclude(state=OfferState.COUNTERED)
    return with_parts(found).order_by("-id")


def negotiations_on(product: Product) -> QuerySet[Offer]:
    """The newest turn of every negotiation about a listing, newest first."""
    return with_parts(Offer.objects.filter(product=product).exclude(state=OfferState.COUNTERED)).order_by("-id")


def turns_of(negotiation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Offer]]:
    """All turns of these negotiations, each in its order."""
    found: dict[uuid.UUID, list[Offer]] = {pk: [] for pk in negotiation_ids}
    for offer in with_parts(Offer.objects.filter(negotiation_id__in=found)).order_by("negotiation_id", "turn"):
        found[offer.negotiation_id].append(offer)
    return found


def own_product(owner: User, product_id: uuid.UUID) -> Product:
    """A listing of one's own, to read its offers and terms.

    Raises:
        ProductNotFound, NotYourProduct.
    """
    product = Product.objects.filter(pk=product_id).first() or Product(pk=product_id)
    mine = product.seller_id == owner.pk
    check_owner(product, may_act=mine, may_see=mine or may_see(viewer=owner, product=product))
    return product


def terms_of(product_id: uuid.UUID) -> OfferTerms:
    """How the seller haggles over a listing; the defaults where nothing was ever said."""
    return OfferTerms.objects.filter(pk=product_id).first() or OfferTerms(product_id=product_id)


def live_offer(*, buyer: User, product: Product) -> Offer | None:
    """The turn of a buyer on a listing that waits or was accepted: at most one is there."""
    return Offer.objects.filter(OPEN, buyer=buyer, product=product).first()


def recent_offers(product_id: uuid.UUID, *, viewer: Any) -> list[Offer]:
    """The last offers that buyers made on a listing, newest first, where its seller shows them; nobody with a block in between.

    Those that were withdrawn, or declined by the seller's floor, are not shown.
    """
    if not terms_of(product_id).shows_offers:
        return []
    hidden = Q(state=OfferState.WITHDRAWN) | Q(ending__in=(Ending.FLOOR, Ending.BLOCKED)) | Q(buyer__is_active=False)
    said = Offer.objects.filter(product_id=product_id, made_by=Side.BUYER).exclude(hidden)
    if viewer is not None and viewer.is_authenticated:
        said = said.exclude(buyer_id__in=blocked_ids(viewer))
    return list(said.select_related("buyer").defer("buyer__location").order_by("-id")[:CHIPS])


def waiting_on(product_id: uuid.UUID) -> QuerySet[Offer]:
    return Offer.objects.filter(product_id=product_id, state=OfferState.PENDING)


def live_offers_of(person: User) -> QuerySet[Offer]:
    """What still lives of a person's haggling, on either side."""
    return Offer.objects.filter(OPEN, Q(buyer=person) | Q(seller=person))


def all_offers_of(person: User) -> QuerySet[Offer]:
    """Every turn of every negotiation of a person, old ones included: for their export."""
    return Offer.objects.filter(Q(buyer=person) | Q(seller=person)).select_related("product").order_by("id")


def touched_by(product_id: uuid.UUID) -> QuerySet[Offer]:
    """What lives and needs a listing: the offers for it, and those that offer it in trade."""
    return Offer.objects.filter(OPEN, Q(product_id=product_id) | Q(trade_product_id=product_id)).order_by("pk")


def due_for_payment(*, at: datetime, limit: int) -> list[uuid.UUID]:
    """Accepted offers whose time to pay is over."""
    due = Offer.objects.filter(state=OfferState.ACCEPTED, payment_due_at__lte=at)
    return list(due.order_by("payment_due_at", "id").values_list("pk", flat=True)[:limit])


def forgotten_clocks(*, at: datetime, limit: int = 500) -> list[uuid.UUID]:
    """Reserved listings on which a clock ran out that should have been standing."""
    ran_out = Offer.objects.filter(state=OfferState.PENDING, stopped_at=None, expires_at__lte=at)
    reserved = ran_out.filter(product__state=ProductState.RESERVED)
    return list(reserved.order_by().values_list("product_id", flat=True).distinct()[:limit])


def language_of(person_id: uuid.UUID) -> str:
    """In which language somebody is told what happens."""
    return User.objects.values_list("language", flat=True).get(pk=person_id)
