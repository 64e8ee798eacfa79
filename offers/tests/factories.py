"""Offers on a listing at Dubai Marina Mall for AED 250, made directly: a test of one action starts anywhere."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.ids import uuid7
from messaging.models import Conversation, Participation
from offers.models import Offer, OfferTerms
from offers.states import OfferKind, OfferState, Side


class ConversationFactory(factory.django.DjangoModelFactory):
    """Between `buyer` and the seller of `product`."""

    class Meta:
        model = Conversation
        django_get_or_create = ("first", "second", "product")
        skip_postgeneration_save = True

    class Params:
        buyer = factory.SubFactory(UserFactory)

    product = factory.SubFactory(ProductFactory)
    first = factory.LazyAttribute(lambda o: min(o.buyer, o.product.seller, key=lambda person: person.pk))
    second = factory.LazyAttribute(lambda o: max(o.buyer, o.product.seller, key=lambda person: person.pk))
    started_by = factory.SelfAttribute("buyer")

    @factory.post_generation
    def sides(self: Conversation, create: bool, _extracted: Any, **_: Any) -> None:
        if create:
            for person, other in ((self.first, self.second), (self.second, self.first)):
                Participation.objects.get_or_create(conversation=self, person=person, other=other)


class OfferFactory(factory.django.DjangoModelFactory):
    """A buyer's first offer of AED 200 that waits (`accepted=True`: one that waits for its payment, without its hold)."""

    class Meta:
        model = Offer

    class Params:
        accepted = factory.Trait(
            state=OfferState.ACCEPTED,
            responded_at=factory.LazyFunction(timezone.now),
            payment_due_at=factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24)),
        )

    id = factory.LazyFunction(uuid7)
    product = factory.SubFactory(ProductFactory)
    variant = factory.LazyAttribute(lambda o: o.product.variants.first())
    buyer = factory.SubFactory(UserFactory)
    seller = factory.SelfAttribute("product.seller")
    conversation = factory.SubFactory(
        ConversationFactory, product=factory.SelfAttribute("..product"), buyer=factory.SelfAttribute("..buyer")
    )
    negotiation_id = factory.SelfAttribute("id")
    made_by = Side.BUYER
    kind = OfferKind.CASH
    amount_minor = 200_00
    currency = "AED"
    asked_minor = 250_00
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))


class TermsFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OfferTerms

    product = factory.SubFactory(ProductFactory)
