from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.models import AuditEntry
from core.testing import counted_queries
from messaging.actions import report_conversation, send_message
from messaging.models import Message, MessageRevision
from messaging.states import MessageKind
from messaging.tests.factories import ConversationFactory, other_of, say
from moderation import actions as moderation
from moderation.tests.factories import ModeratorFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/messaging/conversation/"
REASON = "Complaint by mail, ticket 4711"


@pytest.fixture
def moderator(db):
    """What they may do comes from the group alone."""
    moderation.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    person = ModeratorFactory(username="mariam", may=())
    person.groups.add(Group.objects.get(name="moderator"))
    return person


@pytest.fixture
def desk(client, moderator):
    client.force_login(moderator, backend="accounts.backends.IdentifierBackend")
    return client


@pytest.fixture
def talk():
    khalid, hana = UserFactory(username="khalid"), UserFactory(username="hana")
    return ConversationFactory(person=khalid, other=hana, product=ProductFactory(seller=hana, title="Oak desk"), said=3)


def page(talk):
    return reverse("admin:messaging_conversation_change", args=[talk.pk])


def give_reason(desk, wanted=LIST, reason=REASON):
    return desk.post(f"{LIST}reason/", {"reason": reason, "next": wanted})


def written(action):
    return list(AuditEntry.objects.filter(action=action).order_by("id").values_list("target_id", "reason"))


def test_asks_why_before_it_shows_anything(desk, talk):
    for url in (LIST, f"{LIST}?q=khalid", page(talk)):
        answer = desk.get(url)
        assert answer.templates[0].name == "admin/reason.html"
        assert "khalid" not in answer.content.decode().replace(f"{LIST}?q=khalid", "")
        assert "Words 1" not in answer.content.decode()
    assert not AuditEntry.objects.filter(action__startswith="messaging.").exists()


def test_a_reason_opens_what_was_wanted_and_everything_is_written_down(desk, talk, moderator):
    answer = give_reason(desk, wanted=page(talk))
    assert (answer.status_code, answer.url) == (302, page(talk))
    body = desk.get(page(talk)).content.decode()
    assert all(f"Words {n}" in body for n in (1, 2, 3))
    desk.get(page(talk))
    assert written("messaging.reading_reason_given") == [(str(moderator.pk), REASON)]
    assert written("messaging.conversation_read") == [(str(talk.pk), REASON)] * 2
    desk.get(f"{LIST}?q=khalid")
    assert written("messaging.conversation_searched") == [("khalid", REASON)]


def test_a_short_reason_is_none_and_another_site_is_no_place_to_go(desk, talk):
    answer = give_reason(desk, reason="because         x")
    assert answer.status_code == 200
    assert "at least 15 characters" in answer.content.decode()
    assert not AuditEntry.objects.filter(action__startswith="messaging.").exists()
    assert give_reason(desk, wanted="https://evil.example/").url == "/admin/"


def test_a_reason_holds_for_a_quarter_of_an_hour_and_for_one_person(desk, client, talk, moderator):
    give_reason(desk)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert "Words 1" in desk.get(page(talk)).content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert "Words 1" not in desk.get(page(talk)).content.decode()
    other = ModeratorFactory(may=())
    other.groups.add(Group.objects.get(name="moderator"))
    client.force_login(other, backend="accounts.backends.IdentifierBackend")
    assert "Words 1" not in client.get(page(talk)).content.decode()


def test_shows_nothing_that_was_not_searched_for(desk, talk):
    give_reason(desk)
    assert "@khalid" not in desk.get(LIST).content.decode()
    for words in (
        "khalid",
        "@HANA",
        "khalid hana",
        talk.pk,
        talk.product_id,
        f"khalid {talk.product_id}",
        talk.first_id,
    ):
        assert "Oak desk" in desk.get(LIST, {"q": words}).content.decode(), words
    for words in ("khal", "khalid omar", "' OR 1=1", UserFactory().pk):
        assert "Oak desk" not in desk.get(LIST, {"q": words}).content.decode(), words


def test_the_back_door_of_choosers_is_shut_too(desk, talk):
    asked = {"app_label": "messaging", "model_name": "message", "field_name": "conversation", "term": "khalid"}
    assert str(talk.pk) not in desk.get("/admin/autocomplete/", asked).content.decode()


def test_only_who_may_read_conversations(client, talk):
    moderation.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    for groups in ((), ("support",), ("finance",), ("verifier",)):
        person = ModeratorFactory(may=())
        person.groups.set(Group.objects.filter(name__in=groups))
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
        for url in (LIST, page(talk)):
            assert client.get(url).status_code == 403
        assert give_reason(client).status_code == 403
    assert not AuditEntry.objects.filter(action__startswith="messaging.").exists()


def test_nothing_can_be_changed(desk, talk):
    give_reason(desk)
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(reverse("admin:messaging_conversation_delete", args=[talk.pk]), {"post": "yes"}).status_code == 403
    assert desk.get(reverse("admin:messaging_conversation_history", args=[talk.pk])).status_code == 403
    before = list(Message.objects.values())
    desk.post(page(talk), {"disappear_after": "1"})
    assert list(Message.objects.values()) == before


def test_shows_held_words_marks_originals_and_no_place(desk, talk):
    khalid, hana = talk.started_by, other_of(talk, talk.started_by)
    khalid.created_at, khalid.phone_verified_at = timezone.now(), None
    khalid.save()
    send_message(sender=khalid, conversation_id=talk.pk, body="Call 050 123 4567")
    edited = say(talk, hana, "<i>fine</i>")
    MessageRevision.objects.create(message=edited, body="you bitch")
    say(talk, hana, kind=MessageKind.LOCATION, facts={"latitude": 25.07631, "longitude": 55.13981, "label": "Gate 4"})
    give_reason(desk)
    body = desk.get(page(talk)).content.decode()
    assert '<mark title="phone number">050 123 4567</mark>' in body
    assert "waits for a moderator" in body
    assert '<mark title="abuse">bitch</mark>' in body
    assert "&lt;i&gt;fine&lt;/i&gt;" in body
    assert "Gate 4" in body
    assert "25.07" not in body


def test_pages_back_through_a_long_conversation(desk):
    talk = ConversationFactory(said=60)
    give_reason(desk)
    newest = desk.get(page(talk)).content.decode()
    assert "Words 60" in newest
    assert "Words 10" not in newest
    assert "?before=11" in newest
    older = desk.get(f"{page(talk)}?before=11").content.decode()
    assert "Words 10" in older
    assert "Words 11" not in older
    assert desk.get(f"{page(talk)}?before=x").status_code == 200


def test_leads_to_people_listing_cases_and_offers(desk, talk):
    report = report_conversation(reporter=talk.started_by, conversation_id=talk.pk, reason="scam")
    give_reason(desk)
    body = desk.get(page(talk)).content.decode()
    assert report.case.number in body
    assert reverse("admin:accounts_user_change", args=[talk.first_id]) in body
    assert reverse("admin:catalog_product_change", args=[talk.product_id]) in body
    assert f"/admin/offers/offer/?q={talk.pk}" in body
    person = desk.get(reverse("admin:accounts_user_change", args=[talk.first_id])).content.decode()
    assert f"{LIST}?q={talk.first_id}" in person
    case = desk.get(reverse("admin:moderation_case_change", args=[report.case_id])).content.decode()
    assert page(talk) in case


def test_a_page_asks_no_more_for_more_messages(desk, talk):
    give_reason(desk)
    desk.get(page(talk))  # what is kept from one request to the next is kept
    asked = []
    for count in (1, 20):
        url = page(ConversationFactory(said=count))
        with counted_queries() as queries:
            desk.get(url)
        asked.append(len(queries))
    assert asked[0] == asked[1] < 32


def test_the_list_asks_no_more_for_more_rows(desk, talk):
    give_reason(desk)
    desk.get(f"{LIST}?q=khalid")
    asked = []
    for more in (0, 19):
        for _ in range(more):
            ConversationFactory(person=talk.started_by, product=ProductFactory())
        with counted_queries() as queries:
            desk.get(f"{LIST}?q=khalid")
        asked.append(len(queries))
    assert asked[0] == asked[1] < 16


def test_the_first_page_counts_what_waits(desk, talk, deliver):
    khalid = talk.started_by
    khalid.created_at, khalid.phone_verified_at = timezone.now(), None
    khalid.save()
    send_message(sender=khalid, conversation_id=talk.pk, body="Call 050 123 4567")
    report_conversation(reporter=khalid, conversation_id=talk.pk, reason="scam")
    deliver()
    panels = {str(panel.title): panel for panel in desk.get("/admin/").context["panels"]}
    assert [(str(f.label), f.value) for f in panels["Messages"].figures] == [("Held", 1), ("Reported conversations", 1)]
    for figure in panels["Messages"].figures:
        assert desk.get(figure.url).status_code == 200
