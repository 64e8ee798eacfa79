"""What people are told about messages and offers while they are not looking."""

import uuid

from django.utils import timezone

from accounts.models import User
from core.events import handles
from core.realtime.presence import online
from messaging.events import MessageSent
from messaging.models import Participation
from messaging.states import MessageKind
from notifications.actions import tell
from notifications.states import NotificationKind
from offers.events import OfferAccepted, OfferDeclined, OfferExpired, OfferMade, OfferSuperseded, OfferWithdrawn
from offers.models import Offer
from offers.states import Ending, Side


@handles(MessageSent)
def tell_recipient_about_message(news: MessageSent) -> None:
    """Once until they have read, and only to somebody who is not connected: others see it arrive. Cards have words of their own."""
    if news.kind in (MessageKind.OFFER, MessageKind.SYSTEM):
        return
    side = Participation.objects.select_related("person", "other", "conversation__product").get(
        conversation_id=news.conversation_id, person_id=news.recipient_id
    )
    now = timezone.now()
    if side.unread_count == 0 or (side.muted_until and side.muted_until > now) or online([side.person_id]):
        return
    product = side.conversation.product
    tell(
        user=side.person,
        kind=NotificationKind.NEW_MESSAGE,
        facts={
            "name": side.other.display_name,
            "title": product.title if product else "",
            "user_id": str(side.other_id),
            "conversation_id": str(side.conversation_id),
        },
        url=f"/messages/{side.conversation_id}",
        once_key=f"unread:{side.conversation_id}:{side.read_seq}",
    )


@handles(OfferMade)
def tell_the_other_side_about_offer(news: OfferMade) -> None:
    offer = _offer(news.offer_id)
    if not offer.is_waiting:
        return  # answered by the seller's own terms in the same moment: that is told instead
    seller_made_it = offer.made_by == Side.SELLER
    kind = NotificationKind.OFFER_COUNTERED if offer.turn > 1 else NotificationKind.NEW_OFFER
    _tell(offer.buyer if seller_made_it else offer.seller, kind, offer)


@handles(OfferAccepted)
def tell_both_that_offer_was_accepted(news: OfferAccepted) -> None:
    """Whoever made it learns the answer; the buyer, whoever it was, learns until when to pay."""
    offer = _offer(news.offer_id)
    _tell(offer.buyer, NotificationKind.OFFER_ACCEPTED, offer, what="pay_until")
    _tell(offer.seller, NotificationKind.OFFER_ACCEPTED, offer, what="wait_for_payment")


@handles(OfferDeclined)
def tell_maker_that_offer_was_declined(news: OfferDeclined) -> None:
    offer = _offer(news.offer_id)
    what = "below_floor" if offer.ending == Ending.FLOOR else ""
    _tell(_maker(offer), NotificationKind.OFFER_DECLINED, offer, what=what)


@handles(OfferWithdrawn)
def tell_the_other_side_that_offer_is_gone(news: OfferWithdrawn) -> None:
    offer = _offer(news.offer_id)
    _tell(
        offer.seller if offer.made_by == Side.BUYER else offer.buyer,
        NotificationKind.OFFER_ENDED,
        offer,
        what="withdrawn",
    )


@handles(OfferExpired)
def tell_both_that_offer_ended_with_time(news: OfferExpired) -> None:
    offer = _offer(news.offer_id)
    if offer.ending == Ending.NOT_PAID:
        _tell(offer.seller, NotificationKind.OFFER_ENDED, offer, what="not_paid")
        _tell(offer.buyer, NotificationKind.OFFER_ENDED, offer, what="not_paid")
        return
    if offer.ending == Ending.CALLED_OFF:
        return  # of the order that was cancelled both are told
    _tell(_maker(offer), NotificationKind.OFFER_ENDED, offer, what="nobody_answered")


@handles(OfferSuperseded)
def tell_maker_that_offer_was_overtaken(news: OfferSuperseded) -> None:
    offer = _offer(news.offer_id)
    _tell(
        offer.buyer,
        NotificationKind.OFFER_ENDED,
        offer,
        what="sold_to_another" if offer.ending == Ending.SOLD else "unlisted",
    )


def _offer(offer_id: uuid.UUID) -> Offer:
    return Offer.objects.select_related("buyer", "seller", "product").get(pk=offer_id)


def _maker(offer: Offer) -> User:
    return offer.buyer if offer.made_by == Side.BUYER else offer.seller


def _tell(user: User, kind: str, offer: Offer, *, what: str = "") -> None:
    amount, other = offer.amount, offer.seller if user.pk == offer.buyer_id else offer.buyer
    tell(
        user=user,
        kind=kind,
        facts={
            "title": offer.product.title,
            "product_id": str(offer.product_id),
            "offer_id": str(offer.pk),
            "name": other.display_name,
            "user_id": str(other.pk),
            "amount": f"{amount.currency} {amount}" if amount else "",
            "offer_kind": offer.kind,
            "until": offer.payment_due_at.isoformat() if offer.payment_due_at else "",
            "what": what,
        },
        url=f"/messages/{offer.conversation_id}",
        once_key=f"{kind}:{what}:{offer.pk}",
    )
