"""Two neighbours talk: one writes English on a phone, the other reads Arabic at a desk. Nothing is lost and nothing comes twice."""

from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, expect

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.models import Product
from catalog.tests.factories import ProductFactory
from media.tests.pictures import as_bytes, drawn
from messaging.models import Conversation, Message
from messaging.tests import factories
from messaging.tests.factories import ConversationFactory
from tests.journeys.front import Front
from tests.journeys.people import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser

NO_LINE = "ERR_INTERNET_DISCONNECTED"


@pytest.fixture
def desk() -> Product:
    layla = UserFactory(username="layla", full_name="Layla Haddad", language="ar")
    return ProductFactory(seller=layla, title="مكتب من خشب الجوز", images=0)


@pytest.fixture
def buyer() -> User:
    return UserFactory(username="omar", full_name="Omar Khan")


@pytest.fixture
def talk(desk, buyer) -> Conversation:
    return ConversationFactory(person=buyer, other=desk.seller, product=desk)


@pytest.fixture
def omar(visitor, desk, buyer) -> Visitor:
    somebody = visitor(locale="en-AE", screen=PHONE)
    somebody.sign_in("omar", PASSWORD)
    return somebody


@pytest.fixture
def layla(visitor, desk) -> Visitor:
    somebody = visitor(locale="ar-AE", screen=DESK)
    with translation.override("ar"):
        somebody.sign_in("layla", PASSWORD)
    return somebody


def bubble(somebody: Visitor, words: str) -> Locator:
    return somebody.find("#room .lines .msg").filter(has=somebody.find("[data-words]").filter(has_text=words))


def say(somebody: Visitor, words: str) -> None:
    somebody.find("#words").fill(words)
    somebody.click("#composer .send")


def is_connected(somebody: Visitor) -> None:
    """Frames come by now: the counts' module has its socket."""
    somebody.page.wait_for_function("() => import('/static/js/realtime.js').then((line) => line.status() === 'open')")


def both_at(omar: Visitor, layla: Visitor, talk: Conversation) -> None:
    for somebody in (omar, layla):
        somebody.open(f"/messages/{talk.pk}")
        is_connected(somebody)


def test_from_the_first_words_to_a_picture(omar, layla, desk, tmp_path):
    layla.open("/")
    is_connected(layla)
    begin(omar, desk)
    notice_and_open(layla)
    talk_live(omar, layla)
    send_a_picture(omar, layla, tmp_path / "IMG_1.jpg")
    assert [message.kind for message in Message.objects.order_by("seq")] == ["text", "text", "image"]
    assert omar.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def begin(omar: Visitor, desk: Product) -> None:
    omar.open(f"/l/{desk.pk}")
    omar.click("a.message")
    omar.is_at("/messages/new")
    omar.fill(body="Hello! Is it still there?")
    omar.click("#first-words .button.wide")
    omar.is_at(r"/messages/[0-9a-f-]{36}$")
    expect(bubble(omar, "Is it still there?")).to_have_attribute("data-status", "delivered")


def notice_and_open(layla: Visitor) -> None:
    expect(layla.find('.top-tools [data-count="messages"]')).to_have_text("1")
    layla.click('.top-tools a[href="/messages"]')
    layla.click(".talk-row.unread a")
    layla.is_at(r"/messages/[0-9a-f-]{36}$")
    expect(layla.find("html")).to_have_attribute("dir", "rtl")
    expect(bubble(layla, "Is it still there?")).to_be_visible()
    expect(layla.find('.top-tools [data-count="messages"]')).to_be_hidden()


def talk_live(omar: Visitor, layla: Visitor) -> None:
    is_connected(omar)
    is_connected(layla)
    expect(bubble(omar, "Is it still there?")).to_have_attribute("data-status", "read")
    layla.find("#words").press_sequentially("نعم، تفضل")
    expect(omar.find("#typing")).to_be_visible()
    layla.find("#words").press("Enter")
    expect(bubble(omar, "نعم، تفضل")).to_be_visible()
    expect(omar.find("#typing")).to_be_hidden()
    expect(bubble(layla, "نعم، تفضل")).to_have_attribute("data-status", "read")
    expect(layla.find("#waiting .msg")).to_have_count(0)


def send_a_picture(omar: Visitor, layla: Visitor, photo: Path) -> None:
    photo.write_bytes(as_bytes(drawn(1600, 1200), "JPEG"))
    omar.find('#composer input[type="file"]').set_input_files(photo)
    omar.waits_for(omar.find('#composer [name="image_ids"]:not([disabled])'), 1)
    omar.click("#composer .send")
    for somebody in (omar, layla):
        picture = somebody.find("#room .lines .shots picture img")
        expect(picture).to_have_count(1)
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("one => one.naturalWidth") > 200
    expect(omar.find("#composer .upload")).to_have_count(0)
    layla.click("#room [data-enlarge]")
    expect(layla.find("#enlarged")).to_be_visible()


def test_what_is_written_without_a_line_arrives_when_it_is_back(omar, layla, talk):
    both_at(omar, layla, talk)
    say(omar, "Before the tunnel")
    expect(bubble(layla, "Before the tunnel")).to_be_visible()

    omar.context.set_offline(True)
    say(omar, "In the tunnel")
    say(omar, "Still in it")
    expect(omar.find("#waiting .msg")).to_have_count(2)
    say(layla, "هل أنت هناك؟")
    expect(layla.find("#waiting .msg")).to_have_count(0)
    omar.context.set_offline(False)
    omar.forgive(NO_LINE)

    for words in ("In the tunnel", "Still in it"):
        expect(bubble(layla, words)).to_have_count(1)
        expect(bubble(omar, words)).to_have_attribute("data-status", "read")
    expect(bubble(omar, "هل أنت هناك؟")).to_have_count(1)
    expect(omar.find("#waiting .msg")).to_have_count(0)
    heard = list(Message.objects.order_by("seq").values_list("body", flat=True))
    assert sorted(heard) == sorted(["Before the tunnel", "هل أنت هناك؟", "In the tunnel", "Still in it"])
    assert heard.index("In the tunnel") < heard.index("Still in it")
    for somebody in (omar, layla):
        assert said_to(somebody) == heard


def test_a_page_left_while_words_wait_sends_them_when_it_is_opened_again(omar, talk):
    omar.open(f"/messages/{talk.pk}")
    is_connected(omar)
    omar.context.set_offline(True)
    say(omar, "Do not forget me")
    expect(omar.find("#waiting .msg")).to_have_count(1)
    omar.context.set_offline(False)
    omar.page.evaluate("() => 0")
    omar.page.reload()
    omar.forgive(NO_LINE)
    expect(bubble(omar, "Do not forget me")).to_have_count(1)
    expect(omar.find("#waiting .msg")).to_have_count(0)
    assert Message.objects.count() == 1


def test_a_line_that_broke_heals_by_itself(omar, layla, talk, front: Front):
    both_at(omar, layla, talk)
    say(omar, "One")
    expect(bubble(layla, "One")).to_be_visible()
    front.hang_up()
    say(omar, "Two")
    expect(bubble(layla, "Two")).to_have_count(1)
    say(layla, "Three")
    expect(bubble(omar, "Three")).to_have_count(1)
    assert said_to(omar) == said_to(layla) == ["One", "Two", "Three"]


def test_a_page_that_slept_notices_that_its_line_is_dead_and_catches_up(omar, talk, desk, front: Front):
    omar.page.clock.install()
    omar.open(f"/messages/{talk.pk}")
    is_connected(omar)
    front.fall_silent()
    for number in range(3):
        factories.say(talk, desk.seller, f"While you slept {number}")
    omar.page.clock.fast_forward("03:00:00")
    omar.page.clock.run_for(20_000)
    expect(bubble(omar, "While you slept")).to_have_count(3)
    say(omar, "Good morning")
    expect(bubble(omar, "Good morning")).to_have_attribute("data-status", "sent")


def test_changes_reach_the_other_while_they_look(omar, layla, talk):
    both_at(omar, layla, talk)
    say(omar, "Can we meet at sx?")
    expect(bubble(layla, "at sx?")).to_be_visible()
    choose(omar, "at sx?", '[data-do="edit"]')
    expect(omar.find("#words")).to_have_value("Can we meet at sx?")
    say(omar, "Can we meet at six?")
    expect(bubble(layla, "at six?")).to_have_count(1)
    choose(layla, "at six?", '[data-emoji="👍"]')
    expect(bubble(omar, "at six?").locator(".reactions")).to_contain_text("👍")
    choose(layla, "at six?", '[data-do="reply"]')
    say(layla, "تمام")
    expect(bubble(omar, "تمام").locator(".quote")).to_contain_text("at six?")
    omar.page.once("dialog", lambda question: question.accept())
    choose(omar, "at six?", '[data-do="unsend"]')
    expect(layla.find("#room .lines .msg.gone")).to_have_count(1)
    expect(layla.find("#room")).not_to_contain_text("Can we meet")


def test_whoever_leads_away_is_asked_first(omar, talk):
    omar.open(f"/messages/{talk.pk}")
    is_connected(omar)
    say(omar, "Write to me at omar@example.com")
    expect(omar.find("#warned")).to_be_visible()
    omar.click('#warned [value="change"]')
    expect(omar.find("#words")).to_have_value("Write to me at omar@example.com")
    assert not Message.objects.exists()
    omar.click("#composer .send")
    omar.click('#warned [value="send"]')
    expect(bubble(omar, "omar@example.com")).to_have_attribute("data-status", "sent")
    omar.forgive("409")  # where the socket was too slow, the warning came over HTTP


def test_somebody_without_scripts_answers(visitor, talk, buyer):
    with translation.override("en"):
        omar = visitor(scripts=False)
        omar.sign_in("omar", PASSWORD)
        omar.open(f"/messages/{talk.pk}")
        say(omar, "Hello from a text browser")
        omar.is_at(f"/messages/{talk.pk}$")
        expect(bubble(omar, "Hello from a text browser")).to_have_count(1)
        omar.click(".room-menu summary")
        omar.click(f'form[action="/messages/{talk.pk}/archive"] button')
        omar.is_at("/messages$")
        omar.click('a[href="/messages?show=archived"]')
        expect(omar.find(".talk-row")).to_have_count(1)
        omar.sees(gettext("Archived"))


def said_to(somebody: Visitor) -> list[str]:
    return somebody.find("#room .lines .msg [data-words]").all_inner_texts()


def choose(somebody: Visitor, words: str, item: str) -> None:
    message = bubble(somebody, words)
    message.locator("[data-menu]").focus()
    message.locator("[data-menu]").press("Enter")
    somebody.click(f"#message-menu {item}")
