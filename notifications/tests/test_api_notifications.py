import pytest

from accounts.models import Device
from accounts.tests.factories import UserFactory
from core.testing import counted_queries
from notifications.models import Notification
from notifications.tests.factories import NotificationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(api):
    user = UserFactory()
    api.force_authenticate(user)
    return user


def test_lists_the_newest_first_in_the_readers_language(api, me):
    NotificationFactory(user=me, facts={"name": "Ali"})
    NotificationFactory(user=me, facts={"name": "Omar"})
    NotificationFactory()
    body = api.get("/api/v1/notifications").json()
    assert [n["title"] for n in body["results"]] == ["Omar follows you", "Ali follows you"]
    assert (body["next"], body["previous"]) == (None, None)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_for_one_and_for_twenty(api, me, rows):
    NotificationFactory.create_batch(rows, user=me)
    with counted_queries() as queries:
        api.get("/api/v1/notifications")
    assert len(queries) == 1


def test_unread_and_kind_filters(api, me):
    read = NotificationFactory(user=me)
    api.patch(f"/api/v1/notifications/{read.pk}/read")
    NotificationFactory(user=me, kind="price_drop")
    assert len(api.get("/api/v1/notifications?unread_only=true").json()["results"]) == 1
    assert len(api.get("/api/v1/notifications?type=new_follower").json()["results"]) == 1
    assert api.get("/api/v1/notifications/unread-count").json() == {"count": 1}


@pytest.mark.parametrize("query", ["type=gossip", "unread_only=perhaps", "colour=red", "page=2", "cursor=nonsense"])
def test_a_wrong_query_is_told(api, me, query):
    answer = api.get(f"/api/v1/notifications?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == query.split("=")[0]


@pytest.mark.parametrize(("method", "suffix"), [("patch", "/read"), ("delete", "")])
def test_anothers_notification_is_not_there(api, me, method, suffix):
    theirs = NotificationFactory()
    answer = getattr(api, method)(f"/api/v1/notifications/{theirs.pk}{suffix}")
    assert (answer.status_code, answer.json()["code"]) == (404, "notifications.no_such_notification")
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_reads_all_and_deletes_one(api, me):
    first, _ = NotificationFactory.create_batch(2, user=me)
    assert api.patch("/api/v1/notifications/read-all").json() == {"read": 2}
    assert api.delete(f"/api/v1/notifications/{first.pk}").status_code == 204
    assert Notification.objects.count() == 1


def test_settings_are_changed_one_by_one(api, me):
    answer = api.patch(
        "/api/v1/notifications/settings", {"email_enabled": False, "notification_types": {"price_drop": False}}
    )
    assert answer.status_code == 200
    body = api.get("/api/v1/notifications/settings").json()
    assert (body["email_enabled"], body["push_enabled"]) == (False, True)
    assert (body["notification_types"]["price_drop"], body["notification_types"]["new_follower"]) == (False, True)


def test_an_unknown_kind_in_settings_is_named(api, me):
    answer = api.patch("/api/v1/notifications/settings", {"notification_types": {"gossip": True}})
    assert (answer.status_code, answer.json()["code"]) == (400, "notifications.unknown_kind")


def test_a_device_is_registered_once_and_forgotten(api, me):
    body = {"fcm_token": "t1", "platform": "ios", "device_id": "d1"}
    for token in ("t1", "t2"):
        assert api.post("/api/v1/notifications/register-device", {**body, "fcm_token": token}).status_code == 204
    assert list(Device.objects.values_list("push_token", flat=True)) == ["t2"]
    assert api.delete("/api/v1/notifications/unregister-device", {"device_id": "d1"}).status_code == 204
    assert not Device.objects.exists()


def test_strangers_are_asked_who_they_are(api):
    assert api.get("/api/v1/notifications").status_code == 401


def test_registering_for_push_keeps_the_name_that_its_owner_gave_the_device(api, me):
    api.post("/api/v1/users/me/devices", {"device_id": "d1", "platform": "ios", "name": "My phone"})
    api.post("/api/v1/notifications/register-device", {"device_id": "d1", "platform": "ios", "fcm_token": "t1"})
    assert [(d.name, d.push_token) for d in me.devices.all()] == [("My phone", "t1")]
