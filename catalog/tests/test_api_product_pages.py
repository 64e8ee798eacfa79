import pytest
from django.utils import timezone

from accounts.tests.factories import BlockFactory, UserFactory
from catalog.tests.factories import ABU_DHABI, JLT, MARINA_MALL, FavouriteFactory, ProductFactory
from core.testing import counted_queries
from moderation.models import Case, Decision
from moderation.tests.factories import PolicyFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/products"


def test_a_page_tells_the_distance_from_the_cell_and_never_the_place(api):
    product = ProductFactory(building_name="Marina Gate 1")
    page = api.get(f"{BASE}/{product.pk}", {"latitude": JLT.latitude, "longitude": JLT.longitude}).json()
    assert page["place"]["distance_km"] == 0.7
    assert page["place"]["distance_label"] == "Same neighbourhood"
    assert page["own"] is None
    assert page["is_mine"] is False
    assert "Marina Gate" not in str(page)
    assert str(MARINA_MALL.latitude) not in str(page)
    alias = api.get(f"{BASE}/{product.pk}", {"location_lat": JLT.latitude, "location_lng": JLT.longitude}).json()
    assert alias["place"] == page["place"]
    far = api.get(f"{BASE}/{product.pk}", {"latitude": ABU_DHABI.latitude, "longitude": ABU_DHABI.longitude}).json()
    assert far["place"]["distance_label"] == "103 km away"


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"latitude": 25}, "longitude"),
        ({"latitude": 95, "longitude": 55}, "latitude"),
        ({"latitude": "abc", "longitude": 55}, "latitude"),
        ({"radius": 5}, "radius"),
    ],
)
def test_a_page_refuses_wrong_questions(api, query, attr):
    answer = api.get(f"{BASE}/{ProductFactory().pk}", query)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


@pytest.mark.parametrize("signed", [False, True])
def test_a_page_takes_few_queries(api, signed):
    product = ProductFactory(images=5)
    if signed:
        api.force_authenticate(UserFactory())
    with counted_queries() as queries:
        assert api.get(f"{BASE}/{product.pk}").status_code == 200
    assert len(queries) <= 6


def test_ones_own_page_takes_at_most_twelve_queries(signed_in, seller):
    product = ProductFactory(seller=seller, images=5, state="rejected")
    with counted_queries() as queries:
        assert signed_in.get(f"{BASE}/{product.pk}").json()["is_mine"]
    assert len(queries) <= 12


@pytest.mark.parametrize("state", ["draft", "pending_review", "rejected", "paused", "expired", "removed"])
def test_what_is_not_on_show_exists_for_its_seller_only(api, seller, state):
    product = ProductFactory(seller=seller, state=state)
    assert api.get(f"{BASE}/{product.pk}").status_code == 404
    api.force_authenticate(UserFactory())
    assert api.get(f"{BASE}/{product.pk}").json()["code"] == "catalog.product_not_found"
    api.force_authenticate(seller)
    assert api.get(f"{BASE}/{product.pk}").json()["state"] == state


def test_a_hidden_listing_and_one_of_a_blocked_person_are_not_found(api, seller):
    hidden = ProductFactory(seller=seller, hidden_at=timezone.now())
    assert api.get(f"{BASE}/{hidden.pk}").status_code == 404
    reader = UserFactory()
    BlockFactory(blocker=seller, blocked=reader)
    shown = ProductFactory(seller=seller)
    assert api.get(f"{BASE}/{shown.pk}").status_code == 200
    api.force_authenticate(reader)
    assert api.get(f"{BASE}/{shown.pk}").status_code == 404
    api.force_authenticate(seller)
    assert api.get(f"{BASE}/{hidden.pk}").json()["own"]["is_hidden"] is True


def test_a_sold_listing_keeps_its_page(api):
    product = ProductFactory(state="sold", sold_at=timezone.now())
    page = api.get(f"{BASE}/{product.pk}").json()
    assert (page["state"], page["is_available"]) == ("sold", False)


def test_words_come_in_the_readers_language(api):
    product = ProductFactory(attributes={"material": "wood", "needs_assembly": True})
    page = api.get(f"{BASE}/{product.pk}", headers={"Accept-Language": "ar"}).json()
    assert page["category"]["name"] == "أثاث"
    assert page["attributes"][0] == {"key": "material", "name": "الخامة", "value": "wood", "label": "خشب", "unit": ""}


def test_ones_favourites_come_last_saved_first(signed_in, seller):
    older, newer = ProductFactory(title="older"), ProductFactory(title="newer")
    FavouriteFactory(user=seller, product=newer)
    FavouriteFactory(product=newer)
    FavouriteFactory(user=seller, product=older)
    FavouriteFactory(user=seller, product=ProductFactory(state="removed"))
    FavouriteFactory(user=seller, product=ProductFactory(title="sold", state="sold"))
    page = signed_in.get("/api/v1/users/me/favourites", {"per_page": 2}).json()
    assert [card["title"] for card in page["results"]] == ["sold", "older"]
    rest = signed_in.get(page["next"]).json()
    assert [card["title"] for card in rest["results"]] == ["newer"]
    assert rest["next"] is None


def test_ones_own_listings_by_state(signed_in, seller):
    for state in ("draft", "active", "sold", "removed"):
        ProductFactory(seller=seller, state=state, title=state)
    ProductFactory()
    path = "/api/v1/users/me/products"
    assert [c["title"] for c in signed_in.get(path).json()["results"]] == ["sold", "active", "draft"]
    chosen = signed_in.get(path, {"state": ["draft", "removed"]}).json()["results"]
    assert [c["title"] for c in chosen] == ["removed", "draft"]
    assert signed_in.get(path, {"state": "lost"}).json()["errors"][0]["attr"] == "state"


def test_a_persons_listings_are_those_on_show(api, seller):
    ProductFactory(seller=seller, title="shown")
    ProductFactory(seller=seller, state="paused")
    ProductFactory()
    path = f"/api/v1/users/{seller.pk}/products"
    assert [c["title"] for c in api.get(path).json()["results"]] == ["shown"]
    reader = UserFactory()
    BlockFactory(blocker=reader, blocked=seller)
    api.force_authenticate(reader)
    assert api.get(path).status_code == 404


@pytest.mark.usefixtures("premoderation_off")
def test_the_history_of_prices(signed_in, seller):
    product = ProductFactory(seller=seller)
    signed_in.patch(f"{BASE}/{product.pk}", {"price": "300"})
    signed_in.patch(f"{BASE}/{product.pk}", {"price": "280.50"})
    history = signed_in.get(f"{BASE}/{product.pk}/price-history").json()["results"]
    assert [(c["old_price"], c["new_price"]) for c in history] == [("300.00", "280.50"), ("250.00", "300.00")]


def test_the_owner_reads_why_it_was_sent_back(signed_in, seller):
    product = ProductFactory(seller=seller, state="rejected")
    case = Case.objects.create(
        number="C-1",
        kind="review",
        target_kind="product",
        target_id=product.pk,
        author=seller,
        title="x",
        due_at=timezone.now(),
    )
    Decision.objects.create(
        case=case,
        outcome="reject",
        policy=PolicyFactory(),
        target_revision=1,
        reason_en="The photos are not yours.",
        reason_ar="الصور ليست لك.",
        private_note="stock photos",
    )
    own = signed_in.get(f"{BASE}/{product.pk}").json()["own"]
    assert own["reason"]["text"] == "The photos are not yours."
    assert "stock photos" not in str(own)


@pytest.mark.parametrize("rows", [1, 20])
@pytest.mark.parametrize(
    "path", ["/api/v1/products", "/api/v1/categories/furniture/products", "person", "own", "saved"]
)
def test_lists_take_as_many_queries_for_one_as_for_twenty(api, seller, rows, path):
    for product in ProductFactory.create_batch(rows, seller=seller):
        FavouriteFactory(user=seller, product=product)
    paths = {
        "person": f"/api/v1/users/{seller.pk}/products",
        "own": "/api/v1/users/me/products",
        "saved": "/api/v1/users/me/favourites",
    }
    api.force_authenticate(seller)
    with counted_queries() as queries:
        answer = api.get(paths.get(path, path))
    assert len(answer.json()["results"]) == rows
    assert len(queries) <= 3
