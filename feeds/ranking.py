"""How listings are ranked where neither distance, time nor price alone decides: one formula, for feeds and search.

A listing's score for a question is the weighted mean of terms, each between 0 and 1, over those terms that the question has (without
words there is no `text`, without a place no `distance` and no `newcomer`). So a score is between 0 and 1 too, more of any term never
lowers it, and the same listing asked about at the same moment scores the same, whoever asks. It knows nothing of the reader but the
place that they look from. `docs/ranking.md` says it in words, with the numbers. What a page shows is then spread over sellers: each
further listing of one seller counts for less (`diversified`).

The formula stands here twice, over plain values and as SQL for statements that rank before they cut; a property test holds the two
equal. The weights are rows that staff propose and put in force (`models.RankingWeights`).

Popular is apart, points that fade as the listing ages: log10(1 + views + 5 x favourites) + hours since 1970 / 48. Ten times the points
are worth two days, whoever asks and whenever, so the order moves only when somebody looks or likes. (The shape is Reddit's "hot",
github.com/reddit-archive/reddit r2/r2/lib/db/_sorts.pyx, with our numbers.)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

Row = TypeVar("Row")

FAVOURITE_POINTS = 5  # a favourite says more than a look
HOURS_OF_TENFOLD = 48
POPULAR_WINDOW = 1000  # only so many of the newest compete; older ones would need 10^10 points to enter at our pace

POPULARITY_SQL = (
    f"(log((1 + p.view_count + {FAVOURITE_POINTS} * p.favourite_count)::float8)"
    f" + extract(epoch FROM p.published_at)::float8 / {HOURS_OF_TENFOLD * 3600})"
)

TERMS = ("text", "freshness", "distance", "trust", "engagement", "newcomer")

# Trust: a proven address or number, a checked identity or business, and what buyers said. Few reviews are drawn to PRIOR_STARS, as if
# PRIOR_REVIEWS people had given them, so that one friend's five stars are no reputation and a newcomer is no suspect.
PROVEN, CHECKED, REVIEWED = 0.2, 0.3, 0.5
PRIOR_STARS, PRIOR_REVIEWS = 3.5, 5
SALES_OF_A_BEGINNER = 5  # with so many nobody is a newcomer any more
_MOST_HALVINGS = 60  # 2^-60 is nothing; PostgreSQL refuses powers that underflow


@dataclass(frozen=True)
class Weights:
    """One version of the numbers. Weights are 0 or more, and matter in proportion to each other."""

    version: int = 0
    text: float = 4.0
    freshness: float = 2.0
    distance: float = 3.0
    trust: float = 1.5
    engagement: float = 1.5
    newcomer: float = 0.5
    diversity: float = 0.15  # of its score that a seller's next listing loses, for each one before it
    freshness_half_days: float = 7.0  # after so many days a listing is half as fresh
    distance_half_km: float = 2.0  # so far away it is half as near
    engagement_half: float = 20.0  # points a day (views + 5 x favourites) that are half of all there is to get
    newcomer_days: float = 30.0  # how long somebody who begins to sell is new

    @property
    def values(self) -> dict[str, float]:
        """All numbers by name, without the version."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "version"}

    def of(self, term: str) -> float:
        return float(getattr(self, term))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the formula reads of one listing for one question."""

    age_hours: float  # since it was first for sale
    text: float | None = None  # how well it answers the words, 0 to 1; None where nobody sent any
    metres: float | None = None  # from the reader's place to the middle of its public cell; None without a place
    is_proven: bool = False  # the seller's email or phone
    is_checked: bool = False  # the seller's identity or business
    rating: float | None = None  # the seller's, 1 to 5
    review_count: int = 0
    sales_count: int = 0
    seller_days: float | None = None  # since the seller began to sell; None: never switched it on
    views: int = 0
    favourites: int = 0

    @property
    def points(self) -> int:
        return self.views + FAVOURITE_POINTS * self.favourites


def terms(facts: Facts, weights: Weights) -> dict[str, float]:
    """Each term that the question has, between 0 and 1."""
    age_days = max(0.0, facts.age_hours) / 24
    found = {
        "freshness": _halved(age_days / weights.freshness_half_days),
        "trust": trust(facts),
        "engagement": _engagement(facts, age_days, weights),
    }
    if facts.text is not None:
        found["text"] = min(1.0, max(0.0, facts.text))
    if facts.metres is not None:
        found["distance"] = _halved(max(0.0, facts.metres) / 1000 / weights.distance_half_km)
        found["newcomer"] = _newness(facts, weights) * found["distance"]
    return {term: found[term] for term in TERMS if term in found}


def score(facts: Facts, weights: Weights) -> float:
    """Between 0 and 1: the mean of the terms by their weights."""
    found = terms(facts, weights)
    whole = sum(weights.of(term) for term in found)
    return sum(weights.of(term) * value for term, value in found.items()) / whole if whole else 0.0


def diversified(
    rows: Iterable[Row],
    weights: Weights,
    *,
    score: Callable[[Row], float],
    seller: Callable[[Row], Any],
    key: Callable[[Row], Any],
) -> list[tuple[float, Row]]:
    """The rows of a window, best first, each with what its score is worth here: a seller's second listing, third… counts for less.

    Equal scores: the greater `key` (the id) first. Only the order between sellers changes. Every seller who had a listing among the
    first n has one there still.
    """
    before: dict[Any, int] = {}
    worth: list[tuple[float, Row]] = []
    for row in sorted(rows, key=lambda row: (score(row), key(row)), reverse=True):
        nth = before.get(seller(row), 0)
        before[seller(row)] = nth + 1
        worth.append((score(row) * (1 - weights.diversity) ** min(nth, _MOST_HALVINGS), row))
    return sorted(worth, key=lambda pair: (pair[0], key(pair[1])), reverse=True)


def _halved(times: float) -> float:
    return float(2.0 ** -min(times, _MOST_HALVINGS))


def trust(facts: Facts) -> float:
    """The term `trust`, which no weights turn: between 0 and 1."""
    count = facts.review_count if facts.rating is not None else 0
    stars = ((facts.rating or 0.0) * count + PRIOR_STARS * PRIOR_REVIEWS) / (count + PRIOR_REVIEWS)
    return PROVEN * facts.is_proven + CHECKED * facts.is_checked + REVIEWED * (stars - 1) / 4


def _engagement(facts: Facts, age_days: float, weights: Weights) -> float:
    """Points a day, of all there is to get: p / (p + half), with p = points / (days + 1)."""
    return facts.points / (facts.points + weights.engagement_half * (age_days + 1))


def _newness(facts: Facts, weights: Weights) -> float:
    """How new a seller is, who has proven an address or number at least: fades with the days and with the first sales."""
    if not facts.is_proven or facts.seller_days is None:
        return 0.0
    young = min(1.0, max(0.0, 1 - facts.seller_days / weights.newcomer_days))
    return young * max(0.0, 1 - facts.sales_count / SALES_OF_A_BEGINNER)


# --- the same in SQL -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """What the formula reads of a row, as SQL."""

    published_at: str  # timestamptz
    points: str  # int: views and favourites together
    trust: str  # float8: the term as it stands
    newcomer_since: str  # timestamptz: when a proven seller began to sell; NULL of all others
    sales: str  # int: the seller's


_RATED = "(CASE WHEN s.rating IS NULL THEN 0 ELSE s.review_count END)"
_STARS = f"((coalesce(s.rating, 0)::float8 * {_RATED} + {PRIOR_STARS * PRIOR_REVIEWS}::float8) / ({_RATED} + {PRIOR_REVIEWS}))"
_PROVEN = "(u.email_verified_at IS NOT NULL OR u.phone_verified_at IS NOT NULL)"
_CHECKED = "(u.identity_verified_at IS NOT NULL OR u.business_verified_at IS NOT NULL)"

# A listing `p`, its seller `u` and the seller's standing `s` (LEFT JOIN accounts_sellerstanding).
OF_LISTINGS = Columns(
    published_at="p.published_at",
    points=f"(p.view_count + {FAVOURITE_POINTS} * p.favourite_count)",
    trust=f"({PROVEN}::float8 * {_PROVEN}::int + {CHECKED}::float8 * {_CHECKED}::int + {REVIEWED}::float8 * ({_STARS} - 1) / 4)",
    newcomer_since=f"(CASE WHEN {_PROVEN} THEN u.sells_since END)",
    sales="coalesce(s.sales_count, 0)",
)


def terms_sql(
    weights: Weights, *, now: str, text: str | None = None, metres: str | None = None, of: Columns = OF_LISTINGS
) -> dict[str, str]:
    """Each term as an expression. `now` (timestamptz), `text` (0 to 1) and `metres` are SQL of the caller's, never a reader's words.

    `metres` stands in it twice: a caller who computes it does so in a LATERAL subselect with OFFSET 0, which is carried out once a row.
    """
    # date_part gives a float8 at once; extract would reckon in numeric, many times slower.
    days = f"(greatest(0, date_part('epoch', {now} - {of.published_at})) / 86400)"
    points = f"{of.points}::float8"
    found = {
        "freshness": _halved_sql(f"{days} / {_number(weights.freshness_half_days)}"),
        "trust": of.trust,
        "engagement": f"({points} / ({points} + {_number(weights.engagement_half)} * ({days} + 1)))",
    }
    if text is not None:
        found["text"] = f"least(1, greatest(0, ({text})::float8))"
    if metres is not None:
        found["distance"] = _halved_sql(f"greatest(0, {metres}) / 1000 / {_number(weights.distance_half_km)}")
        since = f"(date_part('epoch', {now} - {of.newcomer_since}) / 86400)"
        young = f"least(1, greatest(0, 1 - {since} / {_number(weights.newcomer_days)}))"  # greatest passes over NULL: 0
        sold = f"greatest(0, 1 - {of.sales}::float8 / {SALES_OF_A_BEGINNER})"
        found["newcomer"] = f"({young} * {sold} * {found['distance']})"
    return {term: found[term] for term in TERMS if term in found}


def score_sql(
    weights: Weights, *, now: str, text: str | None = None, metres: str | None = None, of: Columns = OF_LISTINGS
) -> str:
    """`score` as an expression (float8)."""
    found = terms_sql(weights, now=now, text=text, metres=metres, of=of)
    whole = sum(weights.of(term) for term in found)
    if not whole:
        return "0::float8"
    return f"(({' + '.join(f'{_number(weights.of(t))} * {sql}' for t, sql in found.items())}) / {_number(whole)})"


def diversified_sql(weights: Weights, *, score: str, seller: str, key: str) -> str:
    """What `diversified` orders by, as an expression over the rows of a window, which the caller has cut (float8, never NULL)."""
    nth = f"row_number() OVER (PARTITION BY {seller} ORDER BY {score} DESC, {key} DESC) - 1"
    return f"({score} * power({_number(1 - weights.diversity)}, least({nth}, {_MOST_HALVINGS})::float8))"


def _halved_sql(times: str) -> str:
    return f"power(2::float8, -least({times}, {_MOST_HALVINGS}))"


def _number(value: float) -> str:
    return f"{float(value)!r}::float8"
