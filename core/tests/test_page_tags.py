from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from core.money import Money

ASSET = {
    "placeholder": "data:image/webp;base64,AAAA",
    "variants": [
        {"format": kind, "width": width, "height": width * 5 // 4, "key": f"p/{kind}-{width}"}
        for kind in ("jpeg", "avif", "webp")
        for width in (1280, 320, 640)
    ],
}


def render(source, **context):
    return Template("{% load souk %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("minor", "words"), [(65000, "650"), (295000, "2,950"), (1250, "12.50"), (100000099, "1,000,000.99"), (0, "0")]
)
def test_price_drops_empty_decimals_and_groups_thousands(minor, words):
    assert f">{words} <small>AED</small>" in render("{% price money %}", money=Money(minor, "AED"))


def test_price_keeps_latin_digits_and_names_the_currency_in_arabic():
    with translation.override("ar"):
        assert "2,950 <small>د.إ.</small>" in render("{% price money %}", money=Money(295000, "AED"))


def test_picture_offers_the_best_format_first_and_blurs_until_it_comes():
    html = render("{% picture asset title %}", asset=ASSET, title="A <chair>")
    assert html.index('image/avif"') < html.index('image/webp"') < html.index("p/jpeg-640")
    assert "p/avif-320 320w" in html
    assert 'class="lqip" src="data:image/webp' in html
    assert "A &lt;chair&gt;" in html
    assert "style=" not in html


def test_picture_without_variants_is_an_icon_in_its_colour():
    html = render("{% picture asset icon_name='armchair' color='#B0672A' %}", asset=None)
    assert "#armchair" in html
    assert 'color="#B0672A"' in html


def test_picture_takes_no_placeholder_from_elsewhere():
    html = render("{% picture asset %}", asset=ASSET | {"placeholder": "https://elsewhere.example/x.png"})
    assert "elsewhere" not in html


def test_ago_speaks_the_readers_language():
    with time_machine.travel("2026-11-03T10:00:00Z", tick=False):
        moment = timezone.now() - timedelta(hours=3)
        assert "3 hours ago" in render("{{ moment|ago }}", moment=moment)
        with translation.override("ar"):
            assert "قبل 3 ساعات" in render("{{ moment|ago }}", moment=moment)


def test_day_is_the_date_where_the_market_is():
    assert "4 November 2026" in render("{{ moment|day }}", moment=datetime(2026, 11, 3, 21, 0, tzinfo=UTC))


@pytest.mark.parametrize(("name", "letters"), [("Layla Haddad", "LH"), ("omar", "O"), ("", ""), ("ليلى حداد", "لح")])
def test_initials(name, letters):
    assert render("{{ name|initials }}", name=name) == letters
