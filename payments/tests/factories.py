import factory

from accounts.tests.factories import UserFactory
from payments.models import FeeAmounts, FeeRule, Payout


class FeeRuleFactory(factory.django.DjangoModelFactory):
    """A rule that fits everything, before the seeded ones; no amounts."""

    class Meta:
        model = FeeRule

    position = factory.Sequence(lambda n: n + 1)
    name = factory.Sequence(lambda n: f"Rule {n}")
    percent = "7.50"


class FeeAmountsFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FeeAmounts

    rule = factory.SubFactory(FeeRuleFactory)
    currency = "AED"


class PayoutFactory(factory.django.DjangoModelFactory):
    """One that arrived; nothing was posted for it."""

    class Meta:
        model = Payout

    seller = factory.SubFactory(UserFactory)
    amount_minor = 254_15
    currency = "AED"
    state = "paid"
