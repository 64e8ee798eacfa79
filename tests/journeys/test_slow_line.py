"""A line so slow that people are quicker than our scripts."""

import pytest

from accounts.tests.factories import PASSWORD, UserFactory
from media.tests.pictures import as_bytes, drawn
from tests.journeys.people import PHONE

pytestmark = pytest.mark.browser


def test_pictures_chosen_before_the_scripts_arrive_are_sent_all_the_same(city, visitor, tmp_path):
    UserFactory(username="layla")
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(as_bytes(drawn(640, 480), "JPEG"))
    layla = visitor(locale="en-AE", screen=PHONE)
    layla.sign_in("layla", PASSWORD)
    held: list = []
    layla.page.route("**/js/upload*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    layla.page.goto("/sell", wait_until="commit")
    layla.find('input[type="file"][accept*="heic"]').first.set_input_files(photo)
    assert held, "the script was there already"
    held.pop().continue_()
    layla.waits_for(layla.find('input[name="image_ids"]:not([disabled])'), 1)
