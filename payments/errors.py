"""What payments refuses."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal


class NoFeeRule(Refusal):
    """The operator's table has no line for this sale; the seeded catch-all was switched off."""

    code = "payments.no_fee_rule"
    status = 503
    detail = _("No fee is set for such a sale yet. Please tell us.")


class FeeTableHasNoEnd(Refusal):
    """Without a rule for everything, some sale would have no fee."""

    code = "payments.fee_table_has_no_end"
    detail = _("One active rule must fit every sale: without channel, category, tier and seller.")


class AmountMustBePositive(Invalid):
    code = "payments.amount_must_be_positive"
    attr = "price"
    detail = _("Send a price above zero.")
