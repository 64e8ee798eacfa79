"""Neighbours write to each other and haggle, by the same actions as everybody."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import User
from accounts.rules import is_newcomer
from catalog.models import Product
from core.money import Money
from demo.city import past
from demo.city.plan import BUYER, SELLER, Plan
from demo.people import NEWCOMER, RESIDENT
from demo.talks import HELD, OF_THE_BUYER, WITH_THE_SELLER, Line, Talk, Turn
from demo.talks import SELLER as OF_SELLER
from messaging.actions import mark_read, send_message, start_conversation
from messaging.models import Conversation, Message
from offers.actions import accept_offer, counter_offer, decline_offer, make_offer, withdraw_offer
from offers.models import Offer

BETWEEN = timedelta(minutes=7)
LEAST = 60_00  # minor units: a thing dear enough to haggle over


def let_them_talk(plan: Plan, people: dict[str, User], products: list[Product], anchor: datetime) -> None:
    """Conversations of the demo's two people, and a newcomer's message that waits for a moderator."""
    neighbours = [people[p.username] for p in plan.people if p.part == RESIDENT and not people[p.username].suspended_at]
    neighbours = [person for person in neighbours if person.pk not in (people[SELLER].pk, people[BUYER].pk)]
    mine = _for_sale(p for p in products if p.seller_id == people[SELLER].pk)
    others = _for_sale(p for p in products if p.seller_id in {n.pk for n in neighbours})
    for number, talk in enumerate(WITH_THE_SELLER):
        _talk(talk, mine[number % len(mine)], neighbours[number], anchor)
    for number, talk in enumerate(OF_THE_BUYER):
        _talk(talk, others[number * 3 % len(others)], people[BUYER], anchor)
    new = [people[p.username] for p in plan.people if p.part == NEWCOMER]
    newcomer = next((person for person in new if is_newcomer(person, now=anchor)), None)
    if newcomer is not None:
        about = mine[-1]
        conversation = start_conversation(person=newcomer, other_id=about.seller_id, product_id=about.pk)
        send_message(sender=newcomer, conversation_id=conversation.pk, body=HELD.words, acknowledge_warning=True)


def _for_sale(products: Iterable[Product]) -> list[Product]:
    """What can be haggled over now."""
    found = []
    for product in products:
        product.refresh_from_db()
        if product.is_listed and (product.price_minor or 0) >= LEAST and product.variants.count() == 1:
            found.append(product)
    return found


def _talk(talk: Talk, product: Product, buyer: User, anchor: datetime) -> None:
    seller = product.seller
    conversation = start_conversation(person=buyer, other_id=seller.pk, product_id=product.pk)
    began, moments, offer = anchor - timedelta(hours=talk.hours_ago), {}, None
    for number, said in enumerate(talk.said):
        person = seller if said.who == OF_SELLER else buyer
        mark_read(person=person, conversation_id=conversation.pk)
        if isinstance(said, Line):
            message = send_message(sender=person, conversation_id=conversation.pk, body=said.words)
            moments[message.pk] = {"sent_at": began + number * BETWEEN}
        else:
            offer = _haggle(said, person, product, offer)
    if talk.is_read:
        for person in (buyer, seller):
            mark_read(person=person, conversation_id=conversation.pk)
    past.write_moments(Message, moments)
    past.write_moments(Conversation, {conversation.pk: {"created_at": began}})


def _haggle(turn: Turn, person: User, product: Product, offer: Offer | None) -> Offer:
    if turn.what == "make":
        return make_offer(buyer=person, product_id=product.pk, amount=_worth(product, turn), message=turn.words)
    assert offer is not None  # noqa: S101 - a talk begins with the offer that it answers
    if turn.what == "counter":
        return counter_offer(person=person, offer_id=offer.pk, amount=_worth(product, turn), message=turn.words)
    answer = {"accept": accept_offer, "decline": decline_offer, "withdraw": withdraw_offer}[turn.what]
    return answer(person=person, offer_id=offer.pk)


def _worth(product: Product, turn: Turn) -> Money:
    """Whole dirhams, as people say them."""
    return Money((product.price_minor or 0) * turn.percent // 100 // 100 * 100, product.currency)
