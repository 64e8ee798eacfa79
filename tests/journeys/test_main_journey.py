"""The main job from end to end, as people do it: look around, join, sell, be moderated, be found next door."""

import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.utils import translation
from django.utils.translation import gettext
from PIL import Image
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, UserFactory
from catalog.models import Product
from catalog.tests.factories import MARINA_MALL, ProductFactory
from core.geo import LatLng
from core.testing import deliver_everything
from media.tests.pictures import as_bytes, drawn, telltale_exif
from tests.journeys.people import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

ACROSS_THE_STREET = LatLng(25.0777, 55.1412)
SIXTY_KM_AWAY = LatLng(24.66, 54.76)  # on the coast towards Abu Dhabi
FURTHER_OFF = LatLng(25.0934, 55.1561)  # some 2.5 km along the shore
PLACE = ("25.0763", "55.1398")
LANGUAGES = [
    pytest.param("en", "ltr", PHONE, id="english-on-a-phone"),
    pytest.param("ar", "rtl", DESK, id="arabic-at-a-desk"),
]
TITLE = {"en": "Rattan lounge chair", "ar": "كرسي خيزران مريح"}
OF_NEWS = '#main form[action$="/open"] button'


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photographs as a phone makes them, with the place inside."""
    paths = []
    for number, (width, height) in enumerate(((1600, 1200), (1200, 1600))):
        path = tmp_path / f"IMG_{number}.jpg"
        path.write_bytes(as_bytes(drawn(width, height), "JPEG", quality=88, exif=telltale_exif()))
        paths.append(path)
    return paths


@pytest.mark.parametrize(("language", "direction", "screen"), LANGUAGES)
def test_from_a_newcomers_chair_to_a_neighbours_feed(city, visitor, photos, language, direction, screen):
    ProductFactory(title="Walnut desk", place=FURTHER_OFF, images=0)
    ProductFactory(title="Far sofa", place=SIXTY_KM_AWAY, images=0)
    moderator = UserFactory(username="mariam", staff=True, language=language)
    moderator.groups.add(Group.objects.get(name="moderator"))
    title = TITLE[language]
    with translation.override(language):
        how = {"locale": f"{language}-AE", "screen": screen}
        newcomer = visitor(**how, at=MARINA_MALL)
        look_what_is_for_sale(newcomer, direction)
        join(newcomer)
        put_a_chair_up_for_sale(newcomer, title, photos)
        chair = Product.objects.get(title=title)
        see_it_in_review(newcomer, title)
        nobody_else_finds(visitor(**how), chair)
        approve(visitor(**how), title, direction)
        see_it_for_sale(newcomer, title)
        neighbour = visitor(**how)
        find_it_next_door(neighbour, chair)
        look_at_it(neighbour, chair)
        find_it_no_more(neighbour, title)


def look_what_is_for_sale(newcomer: Visitor, direction: str) -> None:
    newcomer.open("/")
    expect(newcomer.find("html")).to_have_attribute("dir", direction)
    assert newcomer.titles() == ["Walnut desk"]
    assert newcomer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def join(newcomer: Visitor) -> None:
    newcomer.click('a[href="/sell"]')
    newcomer.is_at("/login")
    newcomer.click('#main a[href^="/join"]')
    newcomer.fill(username="layla", full_name="Layla Haddad", email="layla@example.com", password=PASSWORD)
    newcomer.send()
    newcomer.is_at("/me/verify/email")
    deliver_everything()
    sent = newcomer.answers("/dev/outbox.json")["results"]
    code = re.search(r"\b\d{6}\b", next(mail["body"] for mail in sent if mail["to"] == "layla@example.com"))
    assert code is not None
    newcomer.fill(code=code[0])
    newcomer.send()
    newcomer.is_at("/sell$")


def put_a_chair_up_for_sale(newcomer: Visitor, title: str, photos: list[Path]) -> None:
    newcomer.find('input[type="file"][accept*="heic"]').first.set_input_files(photos)
    newcomer.waits_for(newcomer.find('input[name="image_ids"]:not([disabled])'), 2)
    newcomer.click('.shelf-choice:has(input[value="furniture"])')
    newcomer.click('.pill:has(input[value="good"])')
    newcomer.fill(title=title, description="Two years old, from a home without cats.", price="450")
    newcomer.click("#near-me")
    expect(newcomer.find('[name="neighborhood"]')).to_have_value("dubai-marina")
    assert newcomer.find('[name="latitude"]').input_value() == "25.076300"
    newcomer.click('button[name="then"][value="publish"]')


def see_it_in_review(newcomer: Visitor, title: str) -> None:
    newcomer.is_at(r"/me/listings\?shown=review")
    newcomer.sees(gettext("Sent. A moderator reads it first, usually within a few hours. We tell you."))
    expect(newcomer.find(".mine-row")).to_contain_text(title)
    newcomer.click(".mine-row h2 a")
    newcomer.sees(gettext("A moderator looks at it first"))


def nobody_else_finds(stranger: Visitor, chair: Product) -> None:
    stranger.look_around(ACROSS_THE_STREET, within_km=5)
    assert chair.title not in stranger.titles()
    assert stranger.context.request.get(f"/l/{chair.pk}").status == 404


def approve(moderator: Visitor, title: str, direction: str) -> None:
    moderator.open("/admin/")
    moderator.page.locator('[name="username"], [name="identifier"]').fill("mariam")
    moderator.page.locator('[name="password"]').fill(PASSWORD)
    moderator.page.locator('[name="password"]').press("Enter")
    moderator.is_at(r"/admin/$")
    expect(moderator.find("html")).to_have_attribute("dir", direction)
    moderator.click('.day-panel a.tile[href*="/moderation/case/"]')
    moderator.click("#result_list a.subject")
    expect(moderator.find(".case-head h1")).to_contain_text(title)
    expect(moderator.find(".evidence picture")).to_have_count(2)
    keep_the_secret(moderator)
    moderator.page.keyboard.press("c")
    expect(moderator.find("[data-hold][data-url]")).to_be_visible()
    moderator.page.keyboard.press("a")
    moderator.page.keyboard.press("Control+Enter")
    moderator.is_at(r"/moderation/case/(\?.*)?$")
    deliver_everything()


def see_it_for_sale(newcomer: Visitor, title: str) -> None:
    newcomer.open("/")
    expect(newcomer.find('a[href="/notifications"] .count')).to_have_text("1")
    newcomer.open("/notifications")
    expect(newcomer.find(OF_NEWS)).to_contain_text(title)
    newcomer.click(OF_NEWS)
    newcomer.is_at("/l/")
    expect(newcomer.find("h1").locator("visible=true")).to_have_text(title)
    newcomer.open("/me/listings")
    expect(newcomer.find(".mine-row")).to_contain_text(title)


def find_it_next_door(neighbour: Visitor, chair: Product) -> None:
    neighbour.look_around(ACROSS_THE_STREET, within_km=5)
    assert neighbour.titles() == [chair.title, "Walnut desk"]
    keep_the_secret(neighbour)
    neighbour.open("/?view=map")
    expect(neighbour.find(".map-pin").first).to_be_visible()
    keep_the_secret(neighbour)


def look_at_it(neighbour: Visitor, chair: Product) -> None:
    neighbour.open("/")
    neighbour.click(f'.card a[href="/l/{chair.pk}"]')
    expect(neighbour.find("h1").locator("visible=true")).to_have_text(chair.title)
    neighbour.sees("450")
    keep_the_secret(neighbour)
    address = neighbour.find("[data-gallery] picture img").first.evaluate("image => image.currentSrc")
    picture = Image.open(io.BytesIO(neighbour.context.request.get(address).body()))
    assert max(picture.size) > 200
    assert not picture.getexif()


def find_it_no_more(neighbour: Visitor, title: str) -> None:
    neighbour.look_around(SIXTY_KM_AWAY, within_km=50)
    assert neighbour.titles() == ["Far sofa"]


def keep_the_secret(somebody: Visitor) -> None:
    page = somebody.page.content()
    assert not [digits for digits in PLACE if digits in page]
