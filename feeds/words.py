"""Why somebody sees a listing, said so that they can check it: every number here stands on the listing or its seller's page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _

from feeds.ranking import Facts, Weights, terms
from places.rules import rounded_km

# From so much of a score on, it is called so.
_MOST, _MUCH, _SOME, _LITTLE = 0.5, 0.25, 0.1, 0.005
_TERM_TO_MENTION = 0.1  # what gave less is not among the reasons of the one sentence
_CLOSE_MATCH, _MATCH = 0.66, 0.33


@dataclass(frozen=True)
class Reason:
    """One term of a listing's place in a list."""

    term: str
    name: str
    says: str
    share: float  # of its score, 0 to 1
    share_words: str

    @property
    def percent(self) -> int:
        return round(self.share * 100)


def explain(facts: Facts, weights: Weights) -> list[Reason]:
    """Each term that the question has, with its share of the listing's score, the greatest first."""
    given = {term: weights.of(term) * value for term, value in terms(facts, weights).items()}
    whole = sum(given.values())
    reasons = []
    for term, points in given.items():
        share = points / whole if whole else 0.0
        reasons.append(Reason(term, _NAMES[term](), _SAYS[term](facts, weights), round(share, 3), share_words(share)))
    return sorted(reasons, key=lambda reason: -reason.share)


def in_one_sentence(reasons: list[Reason]) -> str:
    """What counts above all, and then."""
    mentioned = [_BECAUSE[r.term]() for r in reasons if r.share >= _TERM_TO_MENTION and r.term in _BECAUSE]
    if not mentioned:
        return _("Nothing in particular speaks for it: it stands here because little else does.")
    if len(mentioned) == 1:
        return _("Because {reason}.").format(reason=mentioned[0])
    return _("Above all because {first}, then because {second}.").format(first=mentioned[0], second=mentioned[1])


def share_words(share: float) -> str:
    if share >= _MOST:
        return _("most of its score")
    if share >= _MUCH:
        return _("much of its score")
    if share >= _SOME:
        return _("some of its score")
    return _("a little of its score") if share >= _LITTLE else _("nothing")


def fair_play() -> list[str]:
    """What no list of terms says about the order."""
    return [
        _("Each further listing of the same seller counts for less, so that one shop does not fill the page."),
        _("Nothing about you counts but the place that you look from. Nobody can pay to stand higher."),
    ]


def how_long_ago(hours: float) -> str:
    locale = "ar" if (get_language() or "en").startswith("ar") else "en"
    return str(format_timedelta(-timedelta(hours=hours), add_direction=True, threshold=0.9, locale=locale))


def how_far(metres: float) -> str:
    km = rounded_km(metres)
    return _("{km} km").format(km=f"{km:.1f}" if km < 10 else f"{km:.0f}")


def _text(facts: Facts, weights: Weights) -> str:
    match = facts.text or 0.0
    if match >= _CLOSE_MATCH:
        return _("It fits the words that you searched for closely.")
    return _("It fits the words that you searched for.") if match >= _MATCH else _("It fits some of your words.")


def _freshness(facts: Facts, weights: Weights) -> str:
    return _("It was put up {ago}. After {days} days a listing counts half as new.").format(
        ago=how_long_ago(facts.age_hours), days=_plain(weights.freshness_half_days)
    )


def _distance(facts: Facts, weights: Weights) -> str:
    return _("It is about {far} from where you look. At {half} a listing counts half as near.").format(
        far=how_far(facts.metres or 0.0), half=how_far(weights.distance_half_km * 1000)
    )


def _trust(facts: Facts, weights: Weights) -> str:
    said = []
    if facts.is_checked:
        said.append(_("We checked who its seller is."))
    elif facts.is_proven:
        said.append(_("Its seller has proven an email address or phone number."))
    else:
        said.append(_("Its seller has not proven an email address or phone number yet."))
    if facts.rating is not None and facts.review_count:
        reviews = ngettext("{n} review", "{n} reviews", facts.review_count).format(n=facts.review_count)
        said.append(
            _("Buyers gave {stars} of 5 stars ({reviews}).").format(stars=f"{facts.rating:.1f}", reviews=reviews)
        )
    else:
        said.append(_("No buyer has rated them yet, which counts neither for nor against them."))
    return " ".join(said)


def _engagement(facts: Facts, weights: Weights) -> str:
    looks = ngettext("{n} view", "{n} views", facts.views).format(n=facts.views)
    saved = npgettext("a reason", "saved once", "saved {n} times", facts.favourites).format(n=facts.favourites)
    return _("{looks}, {saved}, for the time that it has been on show.").format(looks=looks, saved=saved)


def _newcomer(facts: Facts, weights: Weights) -> str:
    if terms(facts, weights).get("newcomer", 0.0) > 0:
        return _("Its seller is new here, and not far from you: that helps a little in the first weeks.")
    return _("This helps sellers near you in their first weeks. This seller is not new any more, or not near.")


def _plain(number: float) -> str:
    return f"{number:g}"


_NAMES: dict[str, Callable[[], str]] = {
    "text": lambda: _("Your words"),
    "freshness": lambda: _("How new it is"),
    "distance": lambda: _("How near it is"),
    "trust": lambda: _("Its seller’s good name"),
    "engagement": lambda: _("How much people look at it"),
    "newcomer": lambda: _("A hand for new sellers"),
    "price": lambda: _("Its price"),
    "following": lambda: _("You follow its seller"),
}
_BECAUSE: dict[str, Callable[[], str]] = {
    "text": lambda: _("it fits your words"),
    "freshness": lambda: _("it is new"),
    "distance": lambda: _("it is near you"),
    "trust": lambda: _("its seller has a good name"),
    "engagement": lambda: _("many people look at it"),
    "newcomer": lambda: _("its seller is new nearby"),
}
_SAYS: dict[str, Callable[[Facts, Weights], str]] = {
    "text": _text,
    "freshness": _freshness,
    "distance": _distance,
    "trust": _trust,
    "engagement": _engagement,
    "newcomer": _newcomer,
}


def only(term: str, says: str) -> Reason:
    """Where a list is sorted by one thing, that is all there is to say."""
    return Reason(term, _NAMES[term](), says, 1.0, _("all that counts in this order"))
