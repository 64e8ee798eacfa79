"""Money as integer minor units and a currency code. No float ever touches an amount."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from core.currencies import EXPONENTS
from core.errors import Invalid

MAX_MINOR = 10**13  # far above any price, far below bigint


class NotAnAmount(Invalid):
    code = "core.not_an_amount"
    detail = _("“{value}” is not an amount in {currency}.")


class UnknownCurrency(Invalid):
    code = "core.unknown_currency"
    attr = "currency"
    detail = _("We do not trade in “{currency}”.")


@dataclass(frozen=True, order=False)
class Money:
    """An amount in minor units (fils, piastres, cents) of one currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str | Decimal | int, currency: str, *, attr: str | None = None) -> "Money":
        """Read a decimal amount such as "299.00", which stood in the field `attr`. Raises NotAnAmount, UnknownCurrency."""
        exponent = _exponent(currency)
        try:
            minor = Decimal(str(amount)).scaleb(exponent)
        except InvalidOperation:
            raise NotAnAmount(attr=attr, value=amount, currency=currency) from None
        if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > MAX_MINOR:
            raise NotAnAmount(attr=attr, value=amount, currency=currency)
        return cls(int(minor), currency)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-_exponent(self.currency))

    def __str__(self) -> str:
        """The decimal string used at every door: "299.00"."""
        return f"{self.amount:.{_exponent(self.currency)}f}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def percent(self, percent: Decimal) -> "Money":
        """This share of the amount, rounded half up once to the minor unit."""
        share = (Decimal(self.minor) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return Money(int(share), self.currency)

    def contained(self, percent: Decimal) -> "Money":
        """The tax of this percent that is contained in the amount, rounded half up: 5 % of 105.00 is 5.00."""
        tax = (Decimal(self.minor) * percent / (100 + percent)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return Money(int(tax), self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            msg = f"{self.currency} and {other.currency} do not mix"
            raise TypeError(msg)
        return other


def _exponent(currency: str) -> int:
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None
