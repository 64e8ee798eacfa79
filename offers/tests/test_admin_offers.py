import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.urls import reverse

from core.models import AuditEntry
from moderation import actions as moderation
from moderation.tests.factories import ModeratorFactory
from offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/offers/offer/"
REASON = "Complaint by mail, ticket 4711"


@pytest.fixture
def desk(client, db):
    moderation.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    person = ModeratorFactory(may=())
    person.groups.add(Group.objects.get(name="moderator"))
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return client


@pytest.fixture
def offer():
    return OfferFactory()


def page(offer):
    return reverse("admin:offers_offer_change", args=[offer.pk])


def test_asks_why_and_writes_down_what_is_opened(desk, offer):
    title = offer.product.title
    assert title not in desk.get(f"{LIST}?q={offer.buyer.username}").content.decode()
    assert title not in desk.get(page(offer)).content.decode()
    answer = desk.post(f"{LIST}reason/", {"reason": REASON, "next": page(offer)})
    assert answer.url == page(offer)
    body = desk.get(page(offer)).content.decode()
    assert title in body
    assert offer.get_state_display() in body
    entry = AuditEntry.objects.get(action="offers.offer_read")
    assert (entry.target_id, entry.reason) == (str(offer.pk), REASON)
    assert reverse("admin:messaging_conversation_change", args=[offer.conversation_id]) in body


def test_the_reason_opens_the_conversation_too(desk, offer):
    desk.post(f"{LIST}reason/", {"reason": REASON, "next": LIST})
    answer = desk.get(reverse("admin:messaging_conversation_change", args=[offer.conversation_id]))
    assert answer.templates[0].name == "admin/messaging/conversation.html"


def test_finds_by_people_and_numbers_only(desk, offer):
    desk.post(f"{LIST}reason/", {"reason": REASON, "next": LIST})
    title = offer.product.title
    assert title not in desk.get(LIST).content.decode()
    for words in (offer.buyer.username, offer.seller.username, offer.pk, offer.product_id, offer.conversation_id):
        assert title in desk.get(LIST, {"q": words}).content.decode(), words
    assert title not in desk.get(LIST, {"q": title}).content.decode().replace(f'value="{title}"', "")


def test_nothing_can_be_changed(desk, offer):
    desk.post(f"{LIST}reason/", {"reason": REASON, "next": LIST})
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(reverse("admin:offers_offer_delete", args=[offer.pk]), {"post": "yes"}).status_code == 403
    desk.post(page(offer), {"state": "accepted"})
    before = offer.state
    offer.refresh_from_db()
    assert offer.state == before


def test_support_finds_a_shut_door(client, offer):
    moderation.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    person = ModeratorFactory(may=())
    person.groups.add(Group.objects.get(name="support"))
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    assert client.get(LIST).status_code == client.get(page(offer)).status_code == 403


def test_the_list_asks_no_more_for_more_rows(desk, offer, django_assert_max_num_queries):
    desk.post(f"{LIST}reason/", {"reason": REASON, "next": LIST})
    for more in (0, 19):
        for _ in range(more):
            OfferFactory(buyer=offer.buyer)
        with django_assert_max_num_queries(14):
            desk.get(f"{LIST}?q={offer.buyer.username}")
