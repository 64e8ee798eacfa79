"""What search shows as the feeds do: a map, and why a listing stands where it does."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from core.amounts import amount_words
from core.money import Money
from places.selectors import Standpoint


class RankingTermOut(serializers.Serializer):
    """One term of the formula: what it says of this listing, and how much of the listing's score it is."""

    term = serializers.CharField(
        help_text="`text`, `freshness`, `distance`, `trust`, `engagement`, `newcomer`; `price` or `following` where only that counts."
    )
    name = serializers.CharField()
    says = serializers.CharField()
    share = serializers.FloatField(help_text="0 to 1; all shares together are 1, or 0 where nothing speaks for it.")
    share_words = serializers.CharField()


def map_facts(cards: list[dict[str, Any]], place: Standpoint) -> dict[str, Any]:
    """What `static/js/map.js` draws: prices at the middle of their coarse cells, never a listing's own place. Those of one cell share a
    pin. Gives each card the `spot` that it stands at."""
    spots: dict[str, list[dict[str, Any]]] = {}
    for card in cards:
        card["spot"] = f"{card['place']['latitude']:.5f},{card['place']['longitude']:.5f}"
        spots.setdefault(card["spot"], []).append(card)
    return {
        "centre": [place.at.latitude, place.at.longitude],
        "radius_m": place.radius_km * 1000,
        "here": place.slug,
        "districts_url": f"{reverse('neighborhood-outlines')}?city={place.city}" if place.city else "",
        "tile_url": settings.MAP_TILE_URL,
        "spots": [
            {"key": key, "at": [here[0]["place"]["latitude"], here[0]["place"]["longitude"]], **_words(here)}
            for key, here in spots.items()
        ],
    }


def _words(here: list[dict[str, Any]]) -> dict[str, Any]:
    cheapest = min((Money.parse(card["price"], card["currency"]) for card in here), key=lambda price: price.minor)
    return {
        "count": len(here),
        "minor": cheapest.minor,
        "words": amount_words(cheapest),
        "title": ", ".join(card["title"] for card in here[:3]),
    }
