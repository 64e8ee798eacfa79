import pytest

from accounts.tests.factories import UserFactory
from core.testing import counted_queries
from notifications.models import DevMessage, NotificationSettings
from notifications.rules import unsubscribe_token
from notifications.tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client):
    user = UserFactory()
    client.force_login(user, backend="accounts.backends.IdentifierBackend")
    return user


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_for_one_and_for_twenty(client, me, rows):
    NotificationFactory.create_batch(rows, user=me)
    client.get("/notifications")
    with counted_queries() as queries:
        page = client.get("/notifications")
    assert "Omar K. follows you" in page.content.decode()
    assert len(queries) <= 7


def test_older_ones_follow(client, me):
    NotificationFactory.create_batch(31, user=me)
    first = client.get("/notifications")
    more = first.context["more"]
    assert more
    assert len(client.get(f"/notifications?before={more}").context["items"]) == 1


def test_opening_one_marks_it_read_and_goes_there(client, me):
    notification = NotificationFactory(user=me)
    answer = client.post(f"/notifications/{notification.pk}/open")
    assert (answer.status_code, answer["Location"]) == (302, "/u/omar")
    notification.refresh_from_db()
    assert notification.read_at


def test_anothers_is_not_there(client, me):
    assert client.post(f"/notifications/{NotificationFactory().pk}/open").status_code == 404


def test_preferences_are_kept(client, me):
    client.post("/notifications/preferences", {"email_enabled": "on", "price_drop.push": "on"})
    chosen = NotificationSettings.objects.get(user=me)
    assert (chosen.email_enabled, chosen.push_enabled) == (True, False)
    assert chosen.kinds["price_drop"] == {"email": False, "push": True, "digest": False}
    assert client.get("/notifications/preferences").status_code == 200


def test_the_link_in_a_mail_stops_mails_of_its_kind_without_signing_in(client):
    user = UserFactory()
    link = f"/unsubscribe/{unsubscribe_token(user.pk, 'price_drop')}"
    assert client.get(link).status_code == 200
    assert not NotificationSettings.objects.exists()
    client.post(link)
    assert NotificationSettings.objects.get(user=user).kinds == {"price_drop": {"email": False}}


def test_a_damaged_link_changes_nothing(client):
    answer = client.post("/unsubscribe/nonsense")
    assert "not one of ours" in answer.content.decode()
    assert not NotificationSettings.objects.exists()


def test_the_development_outbox_shows_what_would_have_been_sent(client):
    DevMessage.objects.create(channel="sms", to="+971501234567", body="123456 is your code")
    assert "123456 is your code" in client.get("/dev/outbox/").content.decode()
    assert client.get("/dev/outbox.json").json()["results"][0]["to"] == "+971501234567"


def test_there_is_no_outbox_in_production(client, settings):
    settings.DEV_OUTBOX = False
    assert client.get("/dev/outbox/").status_code == client.get("/dev/outbox.json").status_code == 404
