import pytest

from accounts import proofs
from accounts.models import Challenge, Device, User
from accounts.tests.factories import AddressFactory, DeviceFactory, UserFactory
from core.testing import counted_queries
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me"
HOME = {"label": "Home", "recipient": "Layla", "phone": "0501234567", "street": "Al Marsa 12", "city": "Dubai"}


@pytest.fixture
def user(api):
    person = UserFactory(username="layla", full_name="Layla Haddad")
    api.force_authenticate(person)
    return person


def test_reads_ones_own_account_with_an_etag(api, user):
    answer = api.get(ME)
    assert answer.json()["email"] == user.email
    assert answer.json()["phone"] == str(user.phone)
    again = api.get(ME, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_changes_what_is_given_and_nothing_else(api, user):
    answer = api.patch(ME, {"bio": "Lamps and rugs", "language": "ar"})
    assert answer.status_code == 200
    assert (answer.json()["bio"], answer.json()["language"]) == ("Lamps and rugs", "ar")
    assert answer.json()["full_name"] == "Layla Haddad"


def test_a_stale_copy_changes_nothing(api, user):
    tag = api.get(ME)["ETag"]
    assert api.patch(ME, {"bio": "first"}, headers={"If-Match": tag}).status_code == 200
    stale = api.patch(ME, {"bio": "second"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "core.stale_revision")
    assert api.get(ME).json()["bio"] == "first"


@pytest.mark.parametrize(
    "field",
    [
        "email",
        "phone",
        "is_staff",
        "is_superuser",
        "is_verified",
        "email_verified_at",
        "sells_since",
        "suspended_at",
        "role",
    ],
)
def test_nobody_writes_facts_about_themselves(api, user, field):
    before = User.objects.filter(pk=user.pk).values().get()
    answer = api.patch(ME, {field: "true", "bio": "x"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {"attr": field, "code": "unknown_field", "detail": "Unknown field."}
    assert User.objects.filter(pk=user.pk).values().get() == before


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"username": "x"}, "accounts.not_a_username"),
        ({"username": "admin"}, "accounts.username_reserved"),
        ({"username": "OMAR"}, "accounts.username_taken"),
        ({"bio": "x" * 301}, "core.invalid"),
        ({"language": "fr"}, "core.invalid"),
    ],
)
def test_what_is_not_valid_changes_nothing(api, user, given, code):
    UserFactory(username="omar")
    assert api.patch(ME, given).json()["code"] == code
    user.refresh_from_db()
    assert (user.username, user.bio, user.language, user.revision) == ("layla", "", "en", 1)


def test_location_finds_the_neighborhood_and_stays_private(api, user):
    NeighborhoodFactory(name_en="Dubai Marina", name_ar="دبي مارينا")
    answer = api.put(f"{ME}/location", {"latitude": 25.0763, "longitude": 55.1398, "building_name": "Marina Gate"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["neighborhood"]["name"] == "Dubai Marina"
    assert answer.json()["latitude"] == pytest.approx(25.0763)
    api.force_authenticate(None)
    public = api.get(f"/api/v1/users/{user.pk}").json()
    assert public["neighborhood"] == "Dubai Marina"
    assert "25.07" not in str(public)
    assert "Marina Gate" not in str(public)
    api.force_authenticate(user)
    assert api.delete(f"{ME}/location").status_code == 204
    assert api.get(ME).json()["location"]["latitude"] is None


def test_a_place_that_we_have_no_name_for_is_kept(api, user):
    answer = api.put(f"{ME}/location", {"latitude": 0, "longitude": 0})
    assert answer.json()["neighborhood"] is None


@pytest.mark.parametrize(
    "place", [{"latitude": 91, "longitude": 0}, {"latitude": 1}, {"latitude": "nan", "longitude": 1}]
)
def test_a_place_that_is_none_changes_nothing(api, user, place):
    assert api.put(f"{ME}/location", place).status_code == 400
    user.refresh_from_db()
    assert user.location is None


def test_privacy(api, user):
    assert api.get(f"{ME}/privacy").json()["profile_visibility"] == "everyone"
    answer = api.patch(f"{ME}/privacy", {"profile_visibility": "followers", "show_neighborhood": False})
    assert answer.json()["profile_visibility"] == "followers"
    assert answer.json()["show_last_seen"] is True
    assert api.patch(f"{ME}/privacy", {"profile_visibility": "nobody"}).status_code == 400


def test_selling_is_switched_on_and_off(api):
    person = UserFactory(buyer=True)
    api.force_authenticate(person)
    assert api.post(f"{ME}/seller").json()["role"] == "both"
    assert api.post(f"{ME}/seller").json()["role"] == "both"
    assert api.delete(f"{ME}/seller").json()["role"] == "buyer"


@pytest.mark.parametrize(
    ("made", "code"), [({"unproven": True}, "accounts.not_verified"), ({"suspended": True}, "accounts.suspended")]
)
def test_some_may_not_begin_to_sell(api, made, code):
    person = UserFactory(buyer=True, **made)
    api.force_authenticate(person)
    assert api.post(f"{ME}/seller").json()["code"] == code
    person.refresh_from_db()
    assert person.sells_since is None


def test_the_first_address_is_the_default_and_the_mark_moves(api, user):
    first = api.post(f"{ME}/addresses", HOME | {"place": {"latitude": 25.1, "longitude": 55.1}})
    assert first.status_code == 201, first.content
    assert first.json()["is_default"] is True
    assert first.json()["place"] == {"latitude": 25.1, "longitude": 55.1}
    assert first.json()["phone"] == "+971501234567"
    second = api.post(f"{ME}/addresses", HOME | {"label": "Work", "is_default": True}).json()
    assert [(a["label"], a["is_default"]) for a in api.get(f"{ME}/addresses").json()["results"]] == [
        ("Work", True),
        ("Home", False),
    ]
    api.patch(f"{ME}/addresses/{first.json()['id']}", {"is_default": True})
    assert api.get(f"{ME}/addresses/{second['id']}").json()["is_default"] is False
    assert api.delete(f"{ME}/addresses/{first.json()['id']}").status_code == 204
    assert api.get(f"{ME}/addresses/{second['id']}").json()["is_default"] is True


def test_a_stale_copy_of_an_address_changes_nothing(api, user):
    address = AddressFactory(user=user)
    tag = api.get(f"{ME}/addresses/{address.pk}")["ETag"]
    assert api.patch(f"{ME}/addresses/{address.pk}", {"unit": "1"}, headers={"If-Match": tag}).status_code == 200
    assert api.patch(f"{ME}/addresses/{address.pk}", {"unit": "2"}, headers={"If-Match": tag}).status_code == 412
    address.refresh_from_db()
    assert address.unit == "1"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_others_addresses_are_not_there(api, user, method):
    address = AddressFactory()
    answer = getattr(api, method)(f"{ME}/addresses/{address.pk}", None if method == "get" else {"unit": "1"})
    assert (answer.status_code, answer.json()["code"]) == (404, "accounts.address_not_found")
    address.refresh_from_db()
    assert address.unit == ""


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"label": ""}, "label"),
        ({"phone": "12"}, "phone"),
        ({"country": "ae"}, "country"),
        ({"street": "x" * 201}, "street"),
        ({"place": {"latitude": 1}}, "place.longitude"),
        ({"zip": "1"}, "zip"),
    ],
)
def test_an_address_that_is_not_valid_is_not_kept(api, user, change, attr):
    answer = api.post(f"{ME}/addresses", HOME | change)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr
    assert not user.addresses.exists()


def test_twenty_addresses_are_enough(api, user):
    AddressFactory.create_batch(20, user=user)
    assert api.post(f"{ME}/addresses", HOME).json()["code"] == "accounts.too_many_addresses"
    assert user.addresses.count() == 20


def test_a_device_is_registered_once_and_its_token_moves_with_it(api, user):
    other = DeviceFactory(push_token="abc")
    given = {"device_id": "d-1", "platform": "ios", "push_token": "abc", "name": "Layla's phone"}
    assert api.post(f"{ME}/devices", given).status_code == 201
    again = api.post(f"{ME}/devices", given | {"name": "New name"}).json()
    assert again["name"] == "New name"
    assert "abc" not in str(again)
    assert user.devices.count() == 1
    other.refresh_from_db()
    assert other.push_token == ""
    assert [d["device_id"] for d in api.get(f"{ME}/devices").json()["results"]] == ["d-1"]
    assert api.delete(f"{ME}/devices/{other.device_id}").json()["code"] == "accounts.device_not_found"
    assert api.delete(f"{ME}/devices/d-1").status_code == 204
    assert list(Device.objects.all()) == [other]


def test_twenty_devices_are_enough(api, user):
    DeviceFactory.create_batch(20, user=user)
    refused = api.post(f"{ME}/devices", {"device_id": "one-more", "platform": "ios"})
    assert refused.json()["code"] == "accounts.too_many_devices"
    assert user.devices.count() == 20


def test_changes_the_email_from_both_sides(api, user):
    old = user.email
    asked = api.post(f"{ME}/email", {"email": "New@Example.com"})
    assert asked.status_code == 202, asked.content
    change = asked.json()
    assert (change["needs_old"], change["needs_new"]) == (True, True)
    path = f"{ME}/identifier-changes/{change['id']}/confirm"
    for side, purpose in (("old", "change_old"), ("new", "change_new")):
        code = proofs.code_of(Challenge.objects.get(purpose=purpose).pk)
        done = api.post(path, {"side": side, "code": code})
        assert done.status_code == 200
    assert done.json()["done_at"]
    assert api.get(ME).json()["email"] == "new@example.com" != old


def test_a_confirmation_code_replaces_a_missing_password(api):
    person = UserFactory(codes_only=True, phone=None, phone_verified_at=None)
    api.force_authenticate(person)
    refused = api.post(f"{ME}/phone", {"phone": "0509999999"})
    assert refused.json()["code"] == "accounts.confirmation_required"
    assert api.post(f"{ME}/confirmation-code").status_code == 202
    code = proofs.code_of(Challenge.objects.get(purpose="confirm").pk)
    assert api.post(f"{ME}/phone", {"phone": "0509999999", "code": code}).status_code == 202


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_cost_the_same_for_one_as_for_twenty(api, user, rows):
    area = NeighborhoodFactory()
    AddressFactory.create_batch(rows, user=user, neighborhood=area)
    DeviceFactory.create_batch(rows, user=user)
    with counted_queries() as queries:
        assert len(api.get(f"{ME}/addresses").json()["results"]) == rows
        assert len(api.get(f"{ME}/devices").json()["results"]) == rows
        assert api.get(f"{ME}/exports").status_code == 200
    assert len(queries) == 3


def test_retrying_with_a_key_adds_one_address(api, user):
    for _n in range(2):
        assert api.post(f"{ME}/addresses", HOME, headers={"Idempotency-Key": "k1"}).status_code == 201
    assert user.addresses.count() == 1
