import factory

from payments.models import FeeAmounts, FeeRule


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
