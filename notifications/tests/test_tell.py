import threading

import pytest
from django.db import connection

from accounts.actions import change_password, end_all_sessions, open_session, register_device, revoke_session
from accounts.tests.factories import PASSWORD, UserFactory
from core.deliveries import carry_out
from core.models import Delivery, DeliveryState
from notifications.actions import change_settings, tell
from notifications.errors import UnknownKind
from notifications.models import DevMessage, Notification, NotificationSettings, Send
from notifications.selectors import notifications_about
from notifications.states import NotificationKind, SendState
from notifications.words import words_of

pytestmark = pytest.mark.django_db
FACTS = {"title": "Velvet chair", "reason_en": "Counterfeit goods.", "reason_ar": "سلعة مقلدة."}


def reject(user, key=""):
    return tell(user=user, kind=NotificationKind.LISTING_NOT_APPROVED, facts=FACTS, url="/l/1", once_key=key)


def test_puts_it_on_the_list_and_mails_it(deliver):
    user = UserFactory()
    reject(user)
    deliver()
    mail = DevMessage.objects.get()
    assert (mail.channel, mail.to, mail.subject) == ("email", user.email, "“Velvet chair” was not approved")
    assert "Counterfeit goods." in mail.body
    assert "/unsubscribe/" in mail.body
    assert Send.objects.get().state == SendState.SENT


def test_mails_in_the_language_of_the_person(deliver):
    reject(UserFactory(language="ar"))
    deliver()
    assert "سلعة مقلدة." in DevMessage.objects.get().body


def test_pushes_to_every_device_with_a_token(deliver):
    user = UserFactory(email=None, email_verified_at=None)
    for name in ("phone", "tablet"):
        register_device(user=user, device_id=name, platform="ios", push_token=f"token-{name}")
    reject(user)
    deliver()
    assert sorted(DevMessage.objects.values_list("channel", "to")) == [
        ("push", "token-phone"),
        ("push", "token-tablet"),
    ]


def test_an_address_that_is_not_proven_gets_no_mail(deliver):
    reject(UserFactory(email_verified_at=None))
    deliver()
    assert not DevMessage.objects.exists()
    assert Notification.objects.count() == 1


def test_tells_the_same_once(deliver):
    user = UserFactory()
    assert reject(user, "decision:1") is not None
    assert reject(user, "decision:1") is None
    deliver()
    assert DevMessage.objects.count() == Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_tells_the_same_once_when_told_by_many_at_once():
    user = UserFactory()

    def work():
        reject(user, "decision:1")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert Notification.objects.count() == Send.objects.count() == 1


def test_a_switched_off_kind_stays_on_the_list_only(deliver):
    user = UserFactory()
    change_settings(user=user, kinds={NotificationKind.LISTING_NOT_APPROVED: {"email": False}})
    reject(user)
    deliver()
    assert not DevMessage.objects.exists()
    assert Notification.objects.count() == 1


def test_security_is_mailed_whatever_the_settings_say(deliver):
    user = UserFactory()
    change_settings(user=user, email_enabled=False, push_enabled=False)
    tell(user=user, kind=NotificationKind.SECURITY, facts={"what": "password_changed"})
    deliver()
    mail = DevMessage.objects.get()
    assert "Your password was changed" in mail.body
    assert "/unsubscribe/" not in mail.body


def test_an_unknown_kind_is_refused_and_changes_nothing():
    user = UserFactory()
    with pytest.raises(UnknownKind):
        change_settings(user=user, email_enabled=False, kinds={"gossip": True})
    assert not NotificationSettings.objects.filter(email_enabled=False).exists()


def test_a_provider_that_fails_is_asked_again_and_the_others_are_not(settings):
    settings.PUSH_BACKEND = "notifications.tests.fakes.BrokenPush"
    user = UserFactory()
    register_device(user=user, device_id="phone", platform="ios", push_token="token")
    reject(user)
    delivery = Delivery.objects.get(handler__startswith="notifications.")
    carry_out(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING
    settings.PUSH_BACKEND = "notifications.channels.DevOutboxPush"
    carry_out(delivery.pk)
    assert sorted(DevMessage.objects.values_list("channel", flat=True)) == ["email", "push"]
    assert set(Send.objects.values_list("state", flat=True)) == {SendState.SENT}


@pytest.mark.parametrize("kind", NotificationKind.values)
@pytest.mark.parametrize("facts", [{}, FACTS, {"title": "{0.__class__}", "name": "<script>"}])
def test_every_kind_has_words_even_for_old_rows(kind, facts):
    words = words_of(kind, facts)
    assert words.title
    assert "{title}" not in words.title


@pytest.mark.parametrize("how", ["one", "everywhere", "password"])
def test_a_phone_on_which_nobody_is_signed_in_any_more_is_not_pushed_to(deliver, how):
    user = UserFactory(email=None, email_verified_at=None)
    here = open_session(user=user, kind="api", device_id="tablet").session
    lost = open_session(user=user, kind="api", device_id="phone").session
    for name in ("phone", "tablet"):
        register_device(user=user, device_id=name, platform="ios", push_token=f"token-{name}")
    if how == "one":
        revoke_session(user=user, session_id=lost.pk)
    elif how == "everywhere":
        end_all_sessions(user=user, because="signed_out_everywhere")
    else:
        change_password(user=user, old_password=PASSWORD, new_password="another palm grove", session_id=here.pk)
        DevMessage.objects.all().delete()
    reject(user)
    deliver()
    pushed = set(DevMessage.objects.values_list("to", flat=True))
    assert pushed == (set() if how == "everywhere" else {"token-tablet"})


def test_whom_news_are_about_is_found_by_an_index():
    person, other = UserFactory(), UserFactory()
    for about in (person, other):
        tell(user=other, kind="new_follower", facts={"name": "Layla", "user_id": str(about.pk)})
    tell(user=other, kind="price_drop", facts={"title": "Sofa"})
    assert [note.facts["user_id"] for note in notifications_about(person)] == [str(person.pk)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "notifications_about" in notifications_about(person).explain()
