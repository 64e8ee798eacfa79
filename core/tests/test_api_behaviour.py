import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.test import APIClient

from core.errors import Refusal
from core.models import AuditEntry, IdempotencyRecord
from core.rest.query import read_query
from core.rest.serializers import LatLngIn, StrictSerializer
from core.rest.views import SoukView

held = threading.Event()
entered = threading.Event()


class CannotNow(Refusal):
    code = "core.test_cannot_now"
    status = 422
    detail = "Only {count} left."


class ThingIn(StrictSerializer):
    name = serializers.CharField(max_length=5)
    place = LatLngIn(required=False)


class Things(SoukView):
    permission_classes = (AllowAny,)

    def get(self, request):
        return Response(read_query(ThingIn, request))

    def post(self, request):
        body = ThingIn(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            entry = AuditEntry.objects.create(action="made", target_kind="thing", target_id=body.validated_data["name"])
            if body.validated_data["name"] == "full":
                raise CannotNow(count=0)
            if body.validated_data["name"] == "wait":
                entered.set()
                held.wait(5)
        return Response({"id": entry.pk, "token": uuid.uuid4().hex}, status=201)


class Payments(Things):
    keyed = frozenset({"post"})


class Nothing(SoukView):
    permission_classes = (AllowAny,)

    def get(self, request):
        return Response({"ok": True})


urlpatterns = [
    path("nothing", Nothing.as_view()),
    path("things", Things.as_view()),
    path("payments", Payments.as_view()),
]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


def post(api, name, key=None, path="/things"):
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(path, {"name": name}, headers=headers)


def test_the_same_key_gives_the_same_answer_and_does_the_work_once(api):
    first, second = post(api, "chair", "k1"), post(api, "chair", "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.count() == 1


def test_the_same_key_with_another_body_is_refused_and_changes_nothing(api):
    post(api, "chair", "k1")
    answer = post(api, "table", "k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "core.idempotency_mismatch")
    assert AuditEntry.objects.count() == 1


def test_a_refusal_is_kept_too_and_leaves_nothing_else(api):
    first, second = post(api, "full", "k1"), post(api, "full", "k1")
    assert (first.status_code, second.status_code) == (422, 422)
    assert first.json()["code"] == second.json()["code"] == "core.test_cannot_now"
    assert second.headers["Content-Type"] == "application/problem+json"
    assert not AuditEntry.objects.exists()
    assert IdempotencyRecord.objects.count() == 1


def test_the_same_key_while_the_first_is_carried_out_is_refused(api):
    entered.clear()
    held.clear()
    answers = []

    def first():
        answers.append(post(APIClient(), "wait", "k1").status_code)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(5)
    meanwhile = post(api, "wait", "k1")
    held.set()
    thread.join()
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "core.idempotency_in_flight")
    assert answers == [201]
    assert post(api, "wait", "k1").headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("path_", "key", "code"),
    [("/payments", None, "core.idempotency_key_required"), ("/things", "x" * 256, "core.invalid_idempotency_key")],
)
def test_a_missing_or_impossible_key_is_refused(api, path_, key, code):
    answer = post(api, "chair", key, path_)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not AuditEntry.objects.exists()


def test_a_problem_has_everything_that_rfc_9457_asks_for(api):
    answer = api.post("/things", {"name": "full"}, headers={"X-Request-ID": "abc-1"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"] == "abc-1"
    body = answer.json()
    assert body["type"].endswith("core.test_cannot_now")
    assert (body["status"], body["detail"], body["facts"], body["request_id"]) == (
        422,
        "Only 0 left.",
        {"count": 0},
        "abc-1",
    )


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "name", "required"),
        ({"name": "a", "colour": "red"}, "colour", "unknown_field"),
        ({"name": "chairs"}, "name", "max_length"),
        ({"name": "a", "place": {"latitude": 91, "longitude": 0}}, "place.latitude", "max_value"),
    ],
)
def test_each_wrong_field_is_named_with_its_code(api, body, attr, code):
    answer = api.post("/things", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "core.invalid")
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]


@pytest.mark.parametrize(
    ("query", "code"), [("colour=red", "core.unknown_parameter"), ("page=2", "core.page_not_supported")]
)
def test_an_unknown_parameter_is_named(api, query, code):
    answer = api.get(f"/things?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["attr"] == query.split("=")[0]


def test_a_view_that_reads_no_parameter_refuses_all(api):
    answer = api.get("/nothing?colour=red")
    assert (answer.status_code, answer.json()["code"]) == (400, "core.unknown_parameter")
    assert api.get("/nothing").json() == {"ok": True}


def test_broken_json_is_told(api):
    answer = api.post("/things", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "core.not_json")


def test_arabic_readers_get_arabic_headers(api):
    assert api.get("/things?name=a", headers={"Accept-Language": "ar"}).headers["Content-Language"] == "ar"


@override_settings(RATE_LIMITS_ENABLED=True, RATE_LIMITS={"anonymous": "2/m", "user": "2/m"})
def test_too_many_requests_are_told_when_to_come_back(api):
    answers = [api.get("/things?name=a") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "core.rate_limited"
