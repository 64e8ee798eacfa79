import pytest
from django.urls import reverse

from catalog.tests.factories import ProductFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from core.testing import counted_queries
from payments.actions import save_fee_rule
from payments.errors import FeeTableHasNoEnd
from payments.models import FeeRule
from payments.rules import Sale, first_match
from payments.selectors import fee_rules
from payments.tests.factories import FeeAmountsFactory, FeeRuleFactory

pytestmark = pytest.mark.django_db


def form_of(rule, **changes):
    form = {
        "position": rule.position,
        "name": rule.name,
        "channel": rule.channel,
        "category": rule.category_id or "",
        "seller_tier": rule.seller_tier,
        "seller": rule.seller_id or "",
        "percent": rule.percent,
        **({"is_active": "on"} if rule.is_active else {}),
    }
    amounts = list(rule.amounts.order_by("id"))
    form |= {"amounts-TOTAL_FORMS": len(amounts), "amounts-INITIAL_FORMS": len(amounts)}
    for n, row in enumerate(amounts):
        form |= {
            f"amounts-{n}-id": row.pk,
            f"amounts-{n}-rule": rule.pk,
            f"amounts-{n}-currency": row.currency,
            f"amounts-{n}-fixed_minor": row.fixed_minor,
            f"amounts-{n}-minimum_minor": row.minimum_minor,
            f"amounts-{n}-maximum_minor": row.maximum_minor or "",
        }
    return form | changes


def test_finance_changes_a_rule_with_a_preview_and_a_record(client, sign_in):
    staff = sign_in("finance")
    rule = FeeRule.objects.get(name="Neighbourhood")
    url = reverse("admin:payments_feerule_change", args=[rule.pk])
    assert "100 AED" in client.get(url).content.decode()
    answer = client.post(url, form_of(rule, percent="4.50", **{"amounts-0-minimum_minor": 300}))
    assert answer.status_code == 302
    rule.refresh_from_db()
    assert str(rule.percent) == "4.50"
    told = AuditEntry.objects.filter(target_kind="fee_rule", actor_id=staff.pk).order_by("id")
    assert [entry.action for entry in told] == ["payments.fee_rule_changed", "payments.fee_amounts_changed"]
    assert (told[0].before["percent"], told[0].after["percent"]) == ("5.00", "4.50")
    assert (told[1].before["minimum_minor"], told[1].after["minimum_minor"]) == (200, 300)


def test_amounts_of_a_currency_may_be_dropped(client, sign_in):
    sign_in("finance")
    rule = FeeRule.objects.get(name="Neighbourhood")
    url = reverse("admin:payments_feerule_change", args=[rule.pk])
    assert client.post(url, form_of(rule, **{"amounts-2-DELETE": "on"})).status_code == 302
    assert rule.amounts.count() == 2
    assert AuditEntry.objects.filter(action="payments.fee_amounts_dropped").count() == 1


def test_the_table_keeps_its_end(client, sign_in):
    staff = sign_in("finance")
    rule = FeeRule.objects.get(name="Everything else")
    url = reverse("admin:payments_feerule_change", args=[rule.pk])
    form = form_of(rule)
    del form["is_active"]
    answer = client.post(url, form)
    assert answer.status_code == 200
    assert "must fit every sale" in answer.content.decode()
    rule.refresh_from_db()
    assert rule.is_active
    rule.channel = "live"
    with pytest.raises(FeeTableHasNoEnd):
        save_fee_rule(staff=staff, rule=rule)
    rule.refresh_from_db()
    assert rule.channel == ""
    FeeRuleFactory(position=5000)
    assert client.post(url, form).status_code == 302


@pytest.mark.parametrize("group", ["moderator", "support"])
def test_others_neither_read_nor_change_fees(client, sign_in, group):
    staff = sign_in(group)
    rule = FeeRule.objects.first()
    assert client.get(reverse("admin:payments_feerule_changelist")).status_code == 403
    assert client.post(reverse("admin:payments_feerule_change", args=[rule.pk]), form_of(rule)).status_code == 403
    with pytest.raises(NotAllowed):
        save_fee_rule(staff=staff, rule=rule)


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_rules_in_few_queries(client, sign_in, rows):
    sign_in("finance")
    for rule in FeeRuleFactory.create_batch(rows):
        FeeAmountsFactory(rule=rule)
    client.get(reverse("admin:payments_feerule_changelist"))
    with counted_queries() as queries:
        assert client.get(reverse("admin:payments_feerule_changelist")).status_code == 200
    assert len(queries) <= 12


def test_no_rule_is_deleted(client, sign_in):
    sign_in("finance")
    rule = FeeRule.objects.first()
    assert client.post(reverse("admin:payments_feerule_delete", args=[rule.pk]), {"post": "yes"}).status_code == 403


def test_what_if_sells_what_is_for_sale_in_thought_and_changes_nothing(client, sign_in):
    sign_in("finance")
    ProductFactory(price_minor=200_00)
    ProductFactory(price_minor=10_00)  # its smallest fee of AED 2 stays what it is
    rule = first_match(fee_rules(), Sale(channel="community", category_ids=frozenset()))
    url = reverse("admin:payments_feerule_what_if", args=[rule.pk])
    assert client.get(url).status_code == 200
    said = {"percent": "7", "fixed": "0", "minimum": "2", "maximum": "", "is_active": "on"}
    found = client.get(url, said).context["found"]
    assert (found.listings, found.touched) == (2, 1)
    assert (str(found.before), str(found.after)) == ("10.00", "14.00")
    assert found.examples[0].product.price_minor == 200_00
    rule.refresh_from_db()
    assert rule.percent == 5


def test_what_if_says_when_some_sale_would_have_no_fee(client, sign_in):
    sign_in("finance")
    FeeRule.objects.all().delete()
    only = FeeRuleFactory()
    ProductFactory()
    found = client.get(reverse("admin:payments_feerule_what_if", args=[only.pk]), {"percent": "5"}).context["found"]
    assert found.uncovered == 1


def test_what_if_is_not_for_everybody_and_names_what_is_wrong(client, sign_in):
    rule = fee_rules()[0]
    url = reverse("admin:payments_feerule_what_if", args=[rule.pk])
    sign_in("moderator")
    assert client.get(url).status_code == 403
    sign_in("finance")
    answer = client.get(url, {"percent": "140"})
    assert answer.context["found"] is None
    assert answer.context["form"].errors["percent"]
    assert client.get(reverse("admin:payments_feerule_what_if", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("many", [1, 20])
def test_what_if_asks_the_database_little(client, sign_in, many):
    sign_in("finance")
    for _ in range(many):
        ProductFactory()
    url = reverse("admin:payments_feerule_what_if", args=[fee_rules()[0].pk])
    client.get(url, {"percent": "5"})
    with counted_queries() as queries:
        client.get(url, {"percent": "5"})
    assert len(queries) <= 14, [q["sql"][:90] for q in queries]
