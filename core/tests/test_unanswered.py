import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, override_settings
from django.urls import path

from config import urls

pytestmark = pytest.mark.django_db


def breaks(request):
    raise ZeroDivisionError


def suspects(request):
    raise SuspiciousOperation


urlpatterns = [
    path("api/v1/breaks", breaks),
    path("api/v1/suspects", suspects),
    path("breaks", breaks),
    *urls.urlpatterns,
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@pytest.fixture
def caller():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["nowhere", "products/no-id", "products/", "users/%00"])
def test_an_address_of_the_api_that_does_not_exist_is_a_problem(caller, address):
    answer = caller.get(f"/api/v1/{address}", headers={"x-request-id": "abc"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    body = answer.json()
    assert (body["code"], body["status"], body["request_id"]) == ("core.not_found", 404, "abc")


@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
@pytest.mark.parametrize(
    ("address", "status", "code"), [("breaks", 500, "core.failed"), ("suspects", 400, "core.invalid")]
)
def test_what_django_ends_by_itself_is_a_problem_too(caller, address, status, code):
    answer = caller.post(f"/api/v1/{address}", headers={"accept-language": "ar"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code


@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
@pytest.mark.parametrize(("address", "status"), [("/nowhere", 404), ("/breaks", 500)])
def test_people_get_a_page(caller, address, status):
    answer = caller.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
