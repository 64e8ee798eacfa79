"""What people do with a browser, in their own words."""

import re
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from core.geo import LatLng
from core.testing import deliver_everything

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
PATIENCE = 20_000  # milliseconds; a machine that runs everything at once is slow
expect.set_options(timeout=PATIENCE)


class Visitor:
    """One person at one browser. `trouble` collects what a browser complains about, broken policies and failed requests too."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        locale: str = "en-AE",
        screen: dict[str, int] | None = None,
        at: LatLng | None = None,
        scripts: bool = True,
    ) -> None:
        self.trouble: list[str] = []
        how: dict[str, Any] = {"base_url": address, "locale": locale, "viewport": screen or PHONE}
        self.context = browser.new_context(**how, java_script_enabled=scripts, reduced_motion="reduce")
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error on {self.page.url}: {error}"))
        self.page.on("response", self._response)
        if at is not None:
            self.stand(at)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console on {self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.trouble.append(f"{response.status} from {response.url}")

    def forgive(self, words: str) -> None:
        """What a browser complains about while there is no line is no trouble."""
        self.trouble[:] = [line for line in self.trouble if words not in line]

    def stand(self, place: LatLng) -> None:
        """Let the device say that it is here."""
        self.context.grant_permissions(["geolocation"])
        self.context.set_geolocation({"latitude": place.latitude, "longitude": place.longitude})

    # --- pages --------------------------------------------------------------------------------------------------------

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def click(self, selector: str) -> None:
        """Tap the first of these that is on the screen."""
        self.page.locator(selector).locator("visible=true").first.click()

    def fill(self, **typed: str) -> None:
        for name, text in typed.items():
            self.page.locator(f'#main [name="{name}"]').fill(text)

    def send(self) -> None:
        """Press the page's own button."""
        self.page.locator("#main form.form button:not([name])").first.click()

    def answers(self, path: str) -> Any:
        """What an address says in JSON to this browser."""
        return self.context.request.get(path).json()

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def is_at(self, pattern: str) -> None:
        """There, and its scripts have arrived: people tap what works, not what is still loading."""
        expect(self.page).to_have_url(re.compile(pattern))
        self.page.wait_for_load_state("load")

    def waits_for(self, locator: Locator, count: int) -> None:
        """The house goes on with its work until so many are there."""
        for _turn in range(600):  # a minute at least
            deliver_everything()
            if locator.count() == count:
                return
            self.page.wait_for_timeout(100)
        expect(locator).to_have_count(count, timeout=1)

    # --- what people do -----------------------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> None:
        self.open("/login")
        self.fill(identifier=name, password=password)
        self.send()
        self.is_at(r"/$")

    def look_around(self, place: LatLng, *, within_km: int) -> None:
        """Near me, on the first page, from here; and no further than this."""
        self.stand(place)
        self.open("/")
        self.click("details.place summary")
        with self.page.expect_navigation():
            self.click("[data-near-me]")
        self.click("details.place summary")
        with self.page.expect_navigation():
            self.click(f'button[name="radius_km"][value="{within_km}"]')

    def titles(self) -> list[str]:
        return self.page.locator("#results .card h3").all_inner_texts()
