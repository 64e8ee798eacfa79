import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.testing import counted_queries
from payments.actions import charge_cash_commission, refund_hold, run_due_payouts
from payments.models import Payout, SellerAccount
from payments.tests.factories import PayoutFactory
from payments.tests.money import aed, banked, captured, earned, part, seller_ready, transferred

pytestmark = pytest.mark.django_db
PATH = "/api/v1/payouts"
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def seller(api):
    person = seller_ready(takes_instant=True)
    api.force_authenticate(person)
    return person


def table(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_balance_as_the_specification_names_it(api, seller):
    earned(seller)
    captured(part(seller))
    answer = api.get(f"{PATH}/balance").json()
    assert answer | {"next_payout_date": None} == {
        "available_balance": "254.15",
        "pending_balance": "254.15",
        "reserved_balance": "0.00",
        "on_the_way": "0.00",
        "debt": "0.00",
        "total_earnings": "254.15",
        "currency": "AED",
        "next_payout_date": None,
        "payout_schedule": "weekly",
        "instant_fee": "5.08",
        "instant_net": "249.07",
    }
    assert answer["next_payout_date"] > timezone.now().date().isoformat()
    assert api.get(f"{PATH}/balance", {"currency": "egp"}).json()["available_balance"] == "0.00"
    assert api.get(f"{PATH}/balance", {"currency": "XXX"}).status_code == 400


def test_who_never_sold_has_a_balance_too(api):
    api.force_authenticate(UserFactory())
    answer = api.get(f"{PATH}/balance").json()
    assert (answer["available_balance"], answer["next_payout_date"]) == ("0.00", None)
    assert not SellerAccount.objects.exists()


def test_asking_to_be_paid(api, seller):
    reference = earned(seller, reference="order:01912d5e-7c3a-7b1e-9f00-2a4b6c8d0e1f")
    first = api.post(f"{PATH}/request", {"method": "instant"}, headers=KEY)
    again = api.post(f"{PATH}/request", {"method": "instant"}, headers=KEY)
    assert (first.status_code, again.json()) == (201, first.json())
    body = first.json()
    assert (body["amount"], body["fee"], body["net"], body["status"]) == ("254.15", "5.08", "249.07", "pending")
    assert (body["transaction_count"], body["platform_fee_total"]) == (1, "44.85")
    assert body["transactions"] == [
        {
            "transaction_id": reference.partition(":")[2],
            "amount": "299.00",
            "commission": "44.85",
            "refunded": "0.00",
            "share": "254.15",
            "released_at": body["transactions"][0]["released_at"],
        }
    ]
    assert api.get(first["Location"]).json() == body
    assert Payout.objects.count() == 1


def test_refusals_have_their_codes(api, seller):
    def code(body, key):
        return api.post(f"{PATH}/request", body, headers={"Idempotency-Key": key}).json()["code"]

    assert api.post(f"{PATH}/request", {}).json()["code"] == "core.idempotency_key_required"
    assert code({}, "a") == "payments.not_enough_to_pay_out"
    earned(seller, 51_00, commission=0)
    assert code({}, "b") == "payments.payout_too_small"
    seller.seller_account.takes_instant = False
    seller.seller_account.save()
    assert code({}, "c") == "payments.instant_not_offered"
    assert not Payout.objects.exists()


def test_the_list_by_state_and_day(api, seller):
    days = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    for day, state in zip(days, ("paid", "failed", "processing"), strict=True):
        PayoutFactory(seller=seller, created_at=day, state=state)
    PayoutFactory()

    def states(**query):
        return [one["status"] for one in api.get(PATH, query).json()["results"]]

    assert states() == ["processing", "failed", "paid"]
    assert states(status="failed") == ["failed"]
    assert states(start_date="2026-11-02") == ["processing", "failed"]
    assert states(end_date="2026-11-02") == ["failed", "paid"]
    assert api.get(PATH, {"page": 2}).status_code == 400
    assert api.get(PATH, {"status": "lost"}).status_code == 400


def test_the_list_costs_the_same_with_1_and_20_payouts(api, seller):
    PayoutFactory(seller=seller)
    counts = []
    for more in (0, 19):
        for _number in range(more):
            PayoutFactory(seller=seller)
        with counted_queries() as queries:
            assert len(api.get(PATH).json()["results"]) == more + 1
        counts.append(len(queries))
    assert counts[0] == counts[1] == 1


def test_a_payout_costs_the_same_with_1_and_20_sales(api, seller):
    counts = []
    for sales in (1, 20):
        for _number in range(sales):
            earned(seller)
        run_due_payouts(at=timezone.now())
        payout = Payout.objects.order_by("-pk")[0]
        with counted_queries() as queries:
            assert len(api.get(f"{PATH}/{payout.pk}").json()["transactions"]) == sales
        counts.append(len(queries))
        banked(transferred(payout))
        Payout.objects.update(period="")
    assert counts[0] == counts[1]


def test_a_failed_payout_says_why_and_what_came_of_it(api, seller):
    earned(seller)
    run_due_payouts(at=timezone.now())
    banked(transferred(Payout.objects.get()), "failed", failure="account_closed")
    assert api.get(PATH).json()["results"][0]["failure_reason"] == "account_closed"


def test_another_sellers_payout_is_not_found(api, seller):
    assert api.get(f"{PATH}/{PayoutFactory().pk}").json()["code"] == "payments.payout_not_found"


def test_settings(api, seller):
    answer = api.get(f"{PATH}/settings").json()
    assert (answer["payout_schedule"], answer["minimum_payout_amount"]) == ("weekly", "50.00")
    changed = api.patch(
        f"{PATH}/settings",
        {"payout_schedule": "monthly", "minimum_payout_amount": "100", "tax_number": "100123456700003"},
    ).json()
    assert changed == answer | {
        "payout_schedule": "monthly",
        "minimum_payout_amount": "100.00",
        "tax_number": "100123456700003",
    }
    assert api.patch(f"{PATH}/settings", {"minimum_payout_amount": "10"}).json()["minimum_payout_amount"] == "50.00"
    before = api.get(f"{PATH}/settings").json()
    for wrong in (
        {"payout_schedule": "daily"},
        {"minimum_payout_amount": "-1"},
        {"minimum_payout_amount": "1.001"},
        {"tax_number": "12"},
        {"frozen_at": None},
    ):
        assert api.patch(f"{PATH}/settings", wrong).status_code == 400
    assert api.get(f"{PATH}/settings").json() == before


@pytest.mark.parametrize("amount", ["10000.01", "99999999"])
def test_a_minimum_at_which_nobody_is_ever_paid_is_refused_and_nothing_changes(api, seller, amount):
    assert api.patch(f"{PATH}/settings", {"minimum_payout_amount": "10000"}).status_code == 200
    before = api.get(f"{PATH}/settings").json()
    answer = api.patch(f"{PATH}/settings", {"minimum_payout_amount": amount, "payout_schedule": "monthly"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "payments.minimum_payout_too_high"
    assert answer.json()["errors"][0]["attr"] == "minimum_payout_amount"
    assert "10,000 AED" in answer.json()["detail"]
    assert api.get(f"{PATH}/settings").json() == before


def test_the_statement_tells_every_movement_with_the_balance_after_it(api, seller):
    with time_machine.travel(datetime(2026, 10, 31, 10, tzinfo=UTC), tick=False):
        earned(seller, reference="order:old")
    with time_machine.travel(datetime(2026, 11, 5, 10, tzinfo=UTC), tick=False):
        earned(seller, reference="order:new")
        refund_hold(reference="order:new", amount=aed(100_00), reason="x", requested_by=None, by_staff=False)
    rows = table(api.get(f"{PATH}/statement"))
    assert [(row["kind"], row["reference"], row["amount"], row["balance"]) for row in rows] == [
        ("release", "order:old", "254.15", "254.15"),
        ("release", "order:new", "254.15", "508.30"),
        ("refund_ordered", "order:new", "-85.00", "423.30"),
    ]
    assert rows[0]["date"] == "2026-10-31T10:00:00Z"
    november = table(api.get(f"{PATH}/statement", {"start_date": "2026-11-01", "end_date": "2026-11-30"}))
    assert november == rows[1:]
    assert table(api.get(f"{PATH}/statement", {"end_date": "2026-10-31"})) == rows[:1]
    assert table(api.get(f"{PATH}/statement", {"currency": "EGP"})) == []


def test_the_statement_of_many_movements_is_read_in_one_query(api, seller):
    for _number in range(20):
        earned(seller)
    with counted_queries() as queries:
        assert len(table(api.get(f"{PATH}/statement"))) == 20
    assert len(queries) == 1


def test_the_commission_of_a_month_with_the_tax_in_it(api, seller):
    other = seller_ready()
    with time_machine.travel(datetime(2026, 11, 5, 10, tzinfo=UTC), tick=False):
        earned(seller, reference="order:a")
        earned(other)
        refund_hold(reference="order:a", amount=aed(100_00), reason="x", requested_by=None, by_staff=False)
        charge_cash_commission(seller=seller, reference="order:cash", commission=aed(10_00))
    with time_machine.travel(datetime(2026, 11, 30, 20, 1, tzinfo=UTC), tick=False):  # December in Dubai
        earned(seller)
    answer = api.get(f"{PATH}/commission", {"month": "2026-11"}).json()
    assert {name: answer[name] for name in ("charged", "returned", "total", "vat", "net", "vat_percent")} == {
        "charged": "54.85", "returned": "15.00", "total": "39.85", "vat": "1.90", "net": "37.95", "vat_percent": "5",
    }  # fmt: skip
    assert [(line["kind"], line["commission"]) for line in answer["lines"]] == [
        ("release", "44.85"), ("refund_ordered", "-15.00"), ("cash_commission", "10.00"),
    ]  # fmt: skip
    rows = table(api.get(f"{PATH}/commission", {"month": "2026-11", "file": "csv"}))
    assert [(row["commission"], row["vat"]) for row in rows] == [
        ("44.85", "2.14"),
        ("-15.00", "-0.71"),
        ("10.00", "0.48"),
    ]
    for wrong in ({}, {"month": "2026-13"}, {"month": "november"}):
        assert api.get(f"{PATH}/commission", wrong).status_code == 400


def test_nobody_is_asked_to_sign_in_for_nothing(api):
    for path in ("", "/balance", "/settings", "/statement", "/commission?month=2026-11"):
        assert api.get(PATH + path).status_code == 401
