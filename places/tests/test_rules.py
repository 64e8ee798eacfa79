import pytest
from django.utils import translation

from places.rules import distance_label, rounded_km


@pytest.mark.parametrize(
    ("metres", "label"),
    [
        (0, "Walking distance"),
        (499.9, "Walking distance"),
        (500, "Same neighbourhood"),
        (1_999, "Same neighbourhood"),
        (2_000, "Nearby"),
        (4_999, "Nearby"),
        (5_000, "5.0 km away"),
        (7_349, "7.3 km away"),
        (12_600, "13 km away"),
    ],
)
def test_labels_a_distance_by_the_thresholds(metres, label):
    assert distance_label(metres) == label


def test_same_building_is_told_and_never_guessed_from_a_short_way():
    assert distance_label(1) != "Same building"
    assert distance_label(150, same_building=True) == "Same building"


@pytest.mark.parametrize(("metres", "km"), [(-1, 0.1), (0, 0.1), (149, 0.1), (251, 0.3), (9_940, 9.9), (10_400, 10.0)])
def test_rounds_kilometres_and_never_says_zero(metres, km):
    assert rounded_km(metres) == km


def test_labels_are_translatable():
    with translation.override("ar"):
        assert distance_label(6_000)
