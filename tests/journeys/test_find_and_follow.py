"""Somebody looks for a thing, narrows it down, follows the search and hears of the next one."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, UserFactory
from catalog.actions import pause_product, resume_product
from catalog.tests.factories import MARINA_MALL, ProductFactory
from core.testing import deliver_everything
from search.actions import index_products
from search.models import SavedSearch
from tests.journeys.people import DESK

pytestmark = pytest.mark.browser


def listed(*titles, **given):
    products = [ProductFactory(title=title, **{"images": 0} | given) for title in titles]
    index_products([product.pk for product in products])
    return products


def test_finds_by_suggestion_narrows_down_and_follows_the_search(city, visitor):
    listed("Grand piano", price_minor=9_000_00)
    listed("Piano stool", price_minor=200_00, condition="new")
    listed("Oak table")
    UserFactory(username="omar")
    omar = visitor(at=MARINA_MALL)
    omar.sign_in("omar", PASSWORD)

    # Suggestions by keyboard alone.
    box = omar.find("form.find input[name=q]")
    expect(box).to_have_attribute("role", "combobox")
    box.click()
    box.press_sequentially("pian", delay=20)
    option = omar.find(
        "#find-options [role=option]",
    ).filter(has_text="Grand piano")
    expect(option).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Escape")
    expect(option).to_be_hidden()
    box.fill("piano")
    box.press("Enter")
    omar.is_at(r"/search\?q=piano$")
    assert sorted(omar.titles()) == ["Grand piano", "Piano stool"]

    # The drawer of filters, and a chip for what it did.
    omar.click("button.filters-open")
    omar.find(
        "#filters label.check",
    ).filter(has_text="New").first.click()
    omar.click("#filters .filters-foot button")
    omar.is_at(r"condition=new")
    assert omar.titles() == ["Piano stool"]
    omar.click(".asked-chips a.chip.on")
    expect(omar.find("#results .card")).to_have_count(2)

    # Why, and back.
    omar.click(".card a.why")
    omar.sees("Your words")
    omar.page.go_back()

    # Follow it.
    omar.click(".save-search summary")
    omar.find('#main [name="name"]').locator("visible=true").fill("A piano for the hall")
    omar.find(".save-search label.check").filter(has_text="At once").click()
    omar.click(".save-search form .button.wide")
    omar.sees("You follow this search")
    omar.open("/searches")
    omar.sees("A piano for the hall")
    assert SavedSearch.objects.get().alerts == "at_once"

    # Somebody puts up the next one.
    (upright,) = listed("Upright piano", images=1)
    pause_product(seller=upright.seller, product_id=upright.pk)
    resume_product(seller=upright.seller, product_id=upright.pk)
    deliver_everything()
    omar.open("/notifications")
    omar.sees("Found: “Upright piano”")
    omar.open("/searches")
    omar.sees("1 new")

    # Deleted by mistake.
    omar.click(".saved-tools .danger-text")
    omar.sees("is deleted")
    omar.click(".notice button")
    omar.sees("A piano for the hall")
    assert omar.trouble == []


def test_chooses_a_suggestion_with_the_arrows_at_a_desk(city, visitor):
    listed("Grand piano", "Oak table")
    omar = visitor(screen=DESK)
    omar.open("/categories")
    box = omar.find("form.find input[name=q]")
    box.click()
    box.press_sequentially("grand pi", delay=20)
    expect(omar.find("#find-options [role=option]").first).to_be_visible()
    box.press("ArrowDown")
    expect(omar.find('#find-options [aria-selected="true"]')).to_have_text("Grand piano")
    box.press("Enter")
    omar.is_at(r"/search\?q=Grand%20piano$")
    assert omar.titles() == ["Grand piano"]
    assert omar.trouble == []


def test_searches_without_scripts(city, visitor):
    listed("Grand piano", "Piano stool")
    omar = visitor(scripts=False, locale="ar-AE")
    omar.open("/?lang=ar")
    omar.find("form.find input[name=q]").fill("piano")
    omar.find("form.find input[name=q]").press("Enter")
    omar.is_at(r"/search\?q=piano$")
    assert sorted(omar.titles()) == ["Grand piano", "Piano stool"]
    expect(omar.find("html")).to_have_attribute("dir", "rtl")
