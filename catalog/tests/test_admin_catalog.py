import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.actions import save_brand, save_category, save_question
from catalog.models import Brand, Category, CategoryAttribute, ProductRevision
from catalog.tests.factories import DiscoverFactory, ProductFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.testing import counted_queries

pytestmark = pytest.mark.django_db
LIST = "admin:catalog_product_changelist"


def titles(page) -> set[str]:
    return {product.title for product in page.context["cl"].result_list}


@pytest.mark.parametrize("rows", [1, 20])
def test_a_moderator_lists_listings_in_few_queries(client, sign_in, rows):
    sign_in("moderator")
    ProductFactory.create_batch(rows)
    client.get(reverse(LIST))
    with counted_queries() as queries:
        page = client.get(reverse(LIST))
    assert page.status_code == 200
    assert len(page.context["cl"].result_list) == rows
    assert len(queries) <= 12


def test_finds_by_title_seller_id_and_filters(client, sign_in):
    sign_in("moderator")
    chair = ProductFactory(title="Oak chair", seller__username="layla")
    lamp = ProductFactory(title="Lamp", state="sold", hidden_at=timezone.now())
    url = reverse(LIST)
    assert titles(client.get(url, {"q": "oak"})) == {"Oak chair"}
    assert titles(client.get(url, {"q": "@LAYLA"})) == {"Oak chair"}
    assert titles(client.get(url, {"q": str(lamp.pk)})) == {"Lamp"}
    assert titles(client.get(url, {"q": str(chair.seller_id)})) == {"Oak chair"}
    assert titles(client.get(url, {"hidden": "yes"})) == {"Lamp"}
    assert titles(client.get(url, {"hidden": "no"})) == {"Oak chair"}
    assert titles(client.get(url, {"state__exact": "sold"})) == {"Lamp"}
    assert titles(client.get(url, {"seller__id__exact": str(chair.seller_id)})) == {"Oak chair"}


def test_a_spatial_lookup_from_the_query_string_is_refused(client, sign_in):
    sign_in("moderator")
    assert client.get(reverse(LIST), {"location__within": "/etc/passwd"}).status_code in (302, 400)


def test_a_listing_is_shown_and_cannot_be_changed(client, sign_in):
    sign_in("moderator")
    product = DiscoverFactory(
        title="Oak <b>chair", building_name="Marina Gate", attributes={"material": "wood"}, hidden_at=timezone.now()
    )
    ProductRevision.objects.create(product=product, number=2, content={"title": "New words"})
    url = reverse("admin:catalog_product_change", args=[product.pk])
    html = client.get(url).content.decode()
    assert "Oak &lt;b&gt;chair" in html
    assert "New words" in html
    assert "Marina Gate" not in html
    assert "25.0763" not in html
    assert "Read the exact place" not in html
    assert client.post(url, {"title": "Changed"}).status_code == 403
    product.refresh_from_db()
    assert product.title == "Oak <b>chair"


def test_the_exact_place_needs_the_permission_and_a_reason(client, sign_in):
    product = ProductFactory(building_name="Marina Gate")
    url = reverse("admin:catalog_product_exact_place", args=[product.pk])
    sign_in("moderator")
    assert client.get(url).status_code == 403
    assert client.post(url, {"reason": "curious"}).status_code == 403
    staff = sign_in("admin")
    assert "Marina Gate" not in client.get(url).content.decode()
    assert "Marina Gate" not in client.post(url, {"reason": ""}).content.decode()
    assert not AuditEntry.objects.filter(action="catalog.exact_place_read").exists()
    assert "Marina Gate" in client.post(url, {"reason": "A court asks."}).content.decode()
    entry = AuditEntry.objects.get(action="catalog.exact_place_read")
    assert (entry.actor_id, entry.reason, entry.target_id) == (staff.pk, "A court asks.", str(product.pk))


def inline(category, **rows):
    questions = list(category.own_attributes.order_by("position"))
    form = {"own_attributes-TOTAL_FORMS": len(questions) + len(rows), "own_attributes-INITIAL_FORMS": len(questions)}
    for n, q in enumerate(questions):
        form |= {
            f"own_attributes-{n}-id": q.pk,
            f"own_attributes-{n}-key": q.key,
            f"own_attributes-{n}-name_en": q.name_en,
            f"own_attributes-{n}-name_ar": q.name_ar,
            f"own_attributes-{n}-kind": q.kind,
            f"own_attributes-{n}-lines": "\n".join(
                f"{c['value']} | {c['name_en']} | {c['name_ar']}" for c in q.choices
            ),
            f"own_attributes-{n}-unit": q.unit,
            f"own_attributes-{n}-minimum": q.minimum or "",
            f"own_attributes-{n}-maximum": q.maximum or "",
            f"own_attributes-{n}-position": q.position,
            **({f"own_attributes-{n}-is_required": "on"} if q.is_required else {}),
            **({f"own_attributes-{n}-is_filter": "on"} if q.is_filter else {}),
        }
    for n, (key, row) in enumerate(rows.items(), start=len(questions)):
        form |= {f"own_attributes-{n}-{name}": value for name, value in ({"key": key} | row).items()}
    return form


def shelf_form(category, **changes):
    return {
        "name_en": category.name_en,
        "name_ar": category.name_ar,
        "parent": category.parent_id or "",
        "icon": category.icon,
        "color": category.color,
        "position": category.position,
        "is_active": "on",
    } | changes


def test_the_admin_group_changes_a_shelf_and_its_questions(client, sign_in):
    staff = sign_in("admin")
    shelf = Category.objects.get(slug="books")
    url = reverse("admin:catalog_category_change", args=[shelf.pk])
    signed = {"name_en": "Signed by", "name_ar": "موقع من", "kind": "choice", "position": 90, "is_filter": "on"}
    form = shelf_form(shelf, name_en="Books") | inline(
        shelf, signed_by=signed | {"lines": "author | The author | المؤلف"}
    )
    answer = client.post(url, form)
    assert answer.status_code == 302, (
        answer.context["adminform"].errors or answer.context["inline_admin_formsets"][0].formset.errors
    )
    shelf.refresh_from_db()
    assert (shelf.name_en, shelf.slug) == ("Books", "books")
    made = CategoryAttribute.objects.get(category=shelf, key="signed_by")
    assert made.choices == [{"value": "author", "name_en": "The author", "name_ar": "المؤلف"}]
    told = AuditEntry.objects.filter(actor_id=staff.pk).order_by("id")
    assert [entry.action for entry in told] == ["catalog.category_changed", "catalog.categoryattribute_added"]
    assert (told[0].before, told[0].after) == ({"name_en": "Books & Media"}, {"name_en": "Books"})


@pytest.mark.parametrize(
    "row",
    [{"kind": "choice", "lines": ""}, {"kind": "text", "lines": "a | b | c"}, {"kind": "choice", "lines": "only one"}],
)
def test_a_question_that_makes_no_sense_is_refused(client, sign_in, row):
    sign_in("admin")
    shelf = Category.objects.get(slug="other")
    url = reverse("admin:catalog_category_change", args=[shelf.pk])
    words = {"name_en": "Odd", "name_ar": "غريب", "position": 90}
    answer = client.post(url, shelf_form(shelf) | inline(shelf, odd=words | row))
    assert answer.status_code == 200
    assert not CategoryAttribute.objects.filter(key="odd").exists()


def test_a_colour_is_a_colour(client, sign_in):
    sign_in("admin")
    shelf = Category.objects.get(slug="other")
    url = reverse("admin:catalog_category_change", args=[shelf.pk])
    assert client.post(url, shelf_form(shelf, color="red;x:1") | inline(shelf)).status_code == 200
    shelf.refresh_from_db()
    assert shelf.color == "#64748B"


def test_moderators_read_shelves_and_change_none(client, sign_in):
    staff = sign_in("moderator")
    shelf = Category.objects.get(slug="books")
    url = reverse("admin:catalog_category_change", args=[shelf.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, shelf_form(shelf, name_en="X") | inline(shelf)).status_code == 403
    with pytest.raises(NotAllowed):
        save_category(staff=staff, category=shelf)
    with pytest.raises(NotAllowed):
        save_brand(staff=staff, brand=Brand.objects.first())
    with pytest.raises(NotAllowed):
        save_question(staff=staff, question=CategoryAttribute.objects.first())
    assert client.get(reverse("admin:catalog_brand_changelist")).status_code == 403
    shelf.refresh_from_db()
    assert shelf.name_en == "Books & Media"


def test_the_admin_group_adds_a_brand_and_deletes_nothing(client, sign_in):
    sign_in("admin")
    form = {"slug": "aesop", "name_en": "Aesop", "name_ar": "إيسوب", "is_active": "on"}
    assert client.post(reverse("admin:catalog_brand_add"), form).status_code == 302
    brand = Brand.objects.get(slug="aesop")
    assert AuditEntry.objects.get(action="catalog.brand_added").target_id == str(brand.pk)
    assert client.post(reverse("admin:catalog_brand_delete", args=[brand.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:catalog_category_changelist")).status_code == 200
