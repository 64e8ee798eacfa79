"""Everything reads and sends without a script: look, open, report, and see what became of it."""

import pytest
from playwright.sync_api import expect

from accounts.tests.factories import PASSWORD, UserFactory
from catalog.tests.factories import ProductFactory
from core.testing import deliver_everything
from moderation.models import Report

pytestmark = pytest.mark.browser


def test_somebody_without_scripts_reports_a_listing(city, visitor):
    phone = ProductFactory(title="Phone, never locked", images=0)
    reader = UserFactory(username="omar")
    omar = visitor(scripts=False)
    omar.sign_in("omar", PASSWORD)

    assert omar.titles() == ["Phone, never locked"]
    omar.click(f'.card a[href="/l/{phone.pk}"]')
    omar.click(f'a[href="/report/product/{phone.pk}"]')
    omar.click('label.choice:has(input[value="scam"])')
    omar.click("details.more-words summary")
    omar.fill(description="The same words stand under ten other phones.")
    omar.click("#main form button.danger")

    report = Report.objects.get()
    omar.is_at(f"/me/reports/{report.pk}$")
    deliver_everything()
    omar.click('#main a[href="/me/reports"]')
    expect(omar.find("#main .rows")).to_contain_text("Phone, never locked")
    assert (report.reporter, report.reason, report.case.target_id) == (reader, "scam", phone.pk)
