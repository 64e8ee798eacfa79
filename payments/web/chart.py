"""A few bars in SVG. The table beside it says the same to whoever does not see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date
from django.utils.translation import get_language, get_language_bidi

from core.money import Money
from payments.selectors.earnings import Week

WIDTH, HEIGHT = 400, 170
TOP, FOOT = 18, 24
GAP = 0.42  # of a bar's place


@dataclass(frozen=True)
class Bar:
    """One week. `x`, `y`, `width` and `height` are the bar's; `middle` is where its words stand."""

    week: Week
    label: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    top: str


def bars(weeks: Sequence[Week]) -> list[Bar]:
    """As high as what was earned; the latest week stands where reading ends."""
    highest = max((week.earned.minor for week in weeks), default=0) or 1
    place = WIDTH / max(1, len(weeks))
    room = HEIGHT - TOP - FOOT
    mirrored = get_language_bidi()
    drawn = []
    for n, week in enumerate(weeks):
        at = (len(weeks) - 1 - n if mirrored else n) * place
        height = max(2.0, room * week.earned.minor / highest) if week.earned.minor > 0 else 0.0
        drawn.append(
            Bar(
                week=week,
                label=_day(week, weeks[n - 1] if n else None),
                x=round(at + place * GAP / 2, 1),
                y=round(HEIGHT - FOOT - height, 1),
                width=round(place * (1 - GAP), 1),
                height=round(height, 1),
                middle=round(at + place / 2, 1),
                top=short(week.earned),
            )
        )
    return drawn


def _day(week: Week, before: Week | None) -> str:
    """The month stands where it begins: eight names of months do not fit beside each other."""
    same_month = before is not None and before.begins_on.month == week.begins_on.month
    # Arabic has no short names of months: numbers do not run into their neighbours.
    first = "d/M" if get_language_bidi() else "d MMM"
    return format_date(week.begins_on, "d" if same_month else first, locale=_locale())


def short(money: Money) -> str:
    """ "1.2k": for a bar's head, where the whole amount does not fit."""
    if not money.minor:
        return ""
    amount = float(money.amount)
    return f"{amount / 1000:.1f}k".replace(".0k", "k") if amount >= 1000 else f"{amount:.0f}"


def _locale() -> str:
    return "ar@numbers=latn" if (get_language() or "en").startswith("ar") else "en"
