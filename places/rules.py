"""How far is far: distances as strangers may see them.

Pure decisions; all lengths in metres unless a name says otherwise.
"""

from bisect import bisect_right
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

WALKING_M = 500  # thresholds of docs/coverage.md "get_distance_label": 0.1, 0.5, 2 and 5 km
SAME_NEIGHBOURHOOD_M = 2_000
NEARBY_M = 5_000
FURTHER = 3  # how many of these thresholds lie below what is told in kilometres
SMALLEST_KM = 0.1


def rounded_km(metres: float) -> float:
    """Kilometres as strangers see them: steps of 0.1 km below 10 km, whole kilometres beyond, never less than 0.1.

    The metres must already be measured from the snapped cell (`core.geo.LatLng.snapped`): rounding alone hides nothing
    from somebody who asks from many places.
    """
    km = max(0.0, metres) / 1000
    return max(SMALLEST_KM, round(km, 1) if km < 10 else float(round(km)))


def distance_label(metres: float, *, same_building: bool = False, language: str | None = None) -> str:
    """Say a distance in the reader's language.

    Below 0.5 km it is a walk, below 2 km the same neighbourhood, below 5 km nearby, beyond that the rounded
    kilometres. "Same building" is never guessed from a short distance: the caller passes `same_building` when both
    people opted into one verified building. `language` is the active one, from a caller who has looked it up.
    """
    if same_building:
        return _("Same building")
    step = bisect_right((WALKING_M, SAME_NEIGHBOURHOOD_M, NEARBY_M), metres)
    return _words(language or get_language(), step, rounded_km(metres) if step == FURTHER else 0.0)


@lru_cache(maxsize=1024)  # a page asks for twenty
def _words(_language: str | None, step: int, km: float) -> str:
    if step == FURTHER:
        return _("{km} km away").format(km=f"{km:.1f}" if km < 10 else f"{km:.0f}")
    return (_("Walking distance"), _("Same neighbourhood"), _("Nearby"))[step]
