import pytest

from accounts.models import SellerStanding
from accounts.tests.factories import UserFactory
from core.testing import counted_queries
from payments.models import FeeRule
from payments.tests.factories import FeeAmountsFactory, FeeRuleFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/fees/calculate"


@pytest.mark.parametrize(
    ("query", "fee", "rule", "bound"),
    [
        ({"price": "100"}, "5.00", "Neighbourhood", "none"),
        ({"price": "20"}, "2.00", "Neighbourhood", "minimum"),
        ({"price": "100", "feed_type": "discover"}, "15.00", "Discover", "none"),
        ({"price": "20", "feed_type": "discover"}, "5.00", "Discover", "minimum"),
        ({"price": "1000", "feed_type": "discover", "category": "watches"}, "120.00", "Luxury", "none"),
        ({"price": "1000", "category": "luxury"}, "120.00", "Luxury", "none"),
        ({"price": "1000", "feed_type": "live"}, "100.00", "Everything else", "none"),
        ({"price": "20", "currency": "EGP"}, "20.00", "Neighbourhood", "minimum"),
        ({"price": "99.99", "currency": "USD"}, "5.00", "Neighbourhood", "none"),
        ({"price": "33.30"}, "2.00", "Neighbourhood", "minimum"),
        ({"price": "50.10"}, "2.51", "Neighbourhood", "none"),  # 2.505 rounds half up
    ],
)
def test_says_the_fee_and_which_rule_matched(api, query, fee, rule, bound):
    answer = api.get(PATH, query).json()
    assert (answer["fee"], answer["rule"], answer["bound"]) == (fee, rule, bound)
    assert float(answer["payout"]) == pytest.approx(float(answer["price"]) - float(fee))


def test_the_first_rule_that_fits_decides(api):
    FeeAmountsFactory(rule=FeeRuleFactory(position=150, channel="community", name="Summer"), fixed_minor=100)
    answer = api.get(PATH, {"price": "100"}).json()
    assert (answer["rule"], answer["fee"], answer["fixed"]) == ("Summer", "8.50", "1.00")
    assert api.get(PATH, {"price": "100", "category": "bags"}).json()["rule"] == "Luxury"


def test_a_maximum_lowers_the_fee(api):
    FeeAmountsFactory(rule=FeeRuleFactory(), maximum_minor=50_00)
    answer = api.get(PATH, {"price": "10000"}).json()
    assert (answer["fee"], answer["bound"], answer["maximum"]) == ("50.00", "maximum", "50.00")


def test_rules_for_a_tier_or_a_person_count_for_them_alone(api):
    star, vip = UserFactory(), UserFactory()
    SellerStanding.objects.create(user=star, tier="gold")
    FeeRuleFactory(seller_tier="gold", name="Gold")
    FeeRuleFactory(seller=vip, name="Vip")
    for person, rule in ((None, "Neighbourhood"), (UserFactory(), "Neighbourhood"), (star, "Gold"), (vip, "Vip")):
        api.force_authenticate(person)
        assert api.get(PATH, {"price": "100"}).json()["rule"] == rule


def test_rules_that_are_switched_off_do_not_count(api):
    FeeRule.objects.filter(name="Neighbourhood").update(is_active=False)
    assert api.get(PATH, {"price": "100"}).json()["rule"] == "Everything else"
    FeeRule.objects.update(is_active=False)
    answer = api.get(PATH, {"price": "100"})
    assert (answer.status_code, answer.json()["code"]) == (503, "payments.no_fee_rule")


def test_amount_is_another_name_of_price(api):
    assert api.get(PATH, {"amount": "33.30"}).json() == api.get(PATH, {"price": "33.30"}).json()


@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ({}, "price", "required"),
        ({"price": "1", "amount": "1"}, "amount", "exactly_one"),
        ({"amount": "abc"}, "amount", "not_an_amount"),
        ({"price": "abc"}, "price", "not_an_amount"),
        ({"price": "0"}, "price", "payments.amount_must_be_positive"),
        ({"price": "1", "currency": "XXX"}, "currency", "core.unknown_currency"),
        ({"price": "1", "feed_type": "auction"}, "feed_type", "invalid_choice"),
        ({"price": "1", "category": "yachts"}, "category", "catalog.category_unknown"),
        ({"price": "1", "vat": "5"}, "vat", "core.unknown_parameter"),
    ],
)
def test_wrong_questions_are_named(api, query, attr, code):
    answer = api.get(PATH, query)
    assert answer.status_code == 400
    assert [(e["attr"], e["code"]) for e in answer.json()["errors"]] == [(attr, code)]


def test_takes_few_queries(api):
    with counted_queries() as queries:
        api.get(PATH, {"price": "100", "category": "watches"})
    assert len(queries) <= 4
