import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone, translation
from redis import Redis

from accounts.actions import register_device
from accounts.models import User
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.realtime import presence
from messaging.actions import mark_read, send_message
from messaging.tests.factories import ConversationFactory, side
from moderation.actions import decide_case
from moderation.models import Case
from moderation.tests.factories import ModeratorFactory, PolicyFactory
from notifications.models import DevMessage, Notification
from notifications.selectors import notifications_of, unread_count
from notifications.states import NotificationKind
from notifications.words import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    layla, omar = UserFactory(full_name="Layla Haddad"), UserFactory(full_name="Omar Khalid")
    return ConversationFactory(person=omar, other=layla, product=ProductFactory(seller=layla, title="Oak chair"))


@pytest.fixture
def omar(talk):
    return talk.started_by


@pytest.fixture
def layla(talk, omar):
    return talk.second if talk.first_id == omar.pk else talk.first


def write(talk, sender, words="Is it still there?"):
    return send_message(sender=sender, conversation_id=talk.pk, body=words)


def test_a_message_is_mailed_to_somebody_who_is_away_and_has_no_app(talk, omar, layla, deliver):
    write(talk, omar)
    deliver()
    mail = DevMessage.objects.get()
    assert (mail.channel, mail.to, mail.subject) == ("email", layla.email, "Omar K. wrote to you")
    assert "Oak chair" in mail.body
    assert f"/messages/{talk.pk}" in mail.body
    assert "still there" not in mail.body


def test_a_message_goes_to_the_app_and_not_by_mail_where_there_is_one(talk, omar, layla, deliver):
    register_device(user=layla, device_id="phone", platform="ios", push_token="token")
    write(talk, omar)
    deliver()
    assert list(DevMessage.objects.values_list("channel", "to")) == [("push", "token")]


def test_messages_are_told_once_until_they_are_read(talk, omar, layla, deliver):
    for words in ("One?", "Two?", "Three?"):
        write(talk, omar, words)
        deliver()
    assert DevMessage.objects.count() == 1
    mark_read(person=layla, conversation_id=talk.pk)
    write(talk, omar, "Four?")
    deliver()
    assert DevMessage.objects.count() == 2


def test_somebody_who_is_connected_is_not_told(talk, omar, layla, deliver):
    house = Redis.from_url(settings.REALTIME_REDIS_URL)
    house.zadd(presence._everybody(), {str(layla.pk): time.time() + 60})
    try:
        write(talk, omar)
        deliver()
    finally:
        house.zrem(presence._everybody(), str(layla.pk))
    assert not Notification.objects.exists()


def test_a_muted_conversation_rings_nobody(talk, omar, layla, deliver):
    one = side(talk, layla)
    one.muted_until = timezone.now() + timedelta(hours=1)
    one.save()
    write(talk, omar)
    deliver()
    assert not Notification.objects.exists()


def test_what_was_read_before_the_news_arrived_is_not_told(talk, omar, layla, deliver):
    write(talk, omar)
    mark_read(person=layla, conversation_id=talk.pk)
    deliver()
    assert not Notification.objects.exists()


def test_messages_are_not_on_the_list_which_the_inbox_would_repeat(talk, omar, layla, deliver):
    write(talk, omar)
    deliver()
    assert Notification.objects.filter(user=layla).count() == 1
    assert not notifications_of(layla).exists()
    assert unread_count(layla) == 0


@pytest.mark.parametrize(
    ("outcome", "kind", "words"),
    [
        ("reject", NotificationKind.MESSAGE_NOT_DELIVERED, "may not move payment elsewhere"),
        ("deliver", NotificationKind.ACCOUNT_NOTICE, "it is delivered now"),
        ("warn", NotificationKind.ACCOUNT_NOTICE, "warning"),
        ("restrict_messaging", NotificationKind.ACCOUNT_NOTICE, "cannot write messages"),
    ],
)
def test_a_sender_learns_what_became_of_a_held_message_and_why(talk, omar, layla, deliver, outcome, kind, words):
    User.objects.filter(pk=omar.pk).update(created_at=timezone.now(), phone_verified_at=None)
    omar.refresh_from_db()
    message = write(talk, omar, "Call 050 123 4567")
    deliver()
    policy = PolicyFactory(reason_en="You may not move payment elsewhere.")
    case = Case.objects.get(target_id=message.pk)
    days = 3 if outcome == "restrict_messaging" else None
    decide_case(
        case_id=case.pk, moderator=ModeratorFactory(), outcome=outcome, policy=policy, revision=1, duration_days=days
    )
    deliver()
    told = notifications_of(omar).get()
    said = words_of(told.kind, told.facts)
    assert told.kind == kind
    assert words in said.body
    assert "050" not in said.title + said.body
    assert not notifications_of(layla).exists()


@pytest.mark.parametrize("kind", [k for k in NotificationKind if k.name.startswith(("NEW_OFFER", "OFFER_"))])
@pytest.mark.parametrize("offer_kind", ["cash", "trade", "mixed"])
def test_words_of_offers_leave_no_gap(kind, offer_kind):
    facts = {
        "title": "Oak chair",
        "name": "Omar K.",
        "amount": "AED 90.00",
        "offer_kind": offer_kind,
        "what": "withdrawn",
    }
    for language in ("en", "ar"):
        with translation.override(language):
            words = words_of(kind, facts)
        assert "Oak chair" in words.title
        assert "{" not in words.title + words.body
