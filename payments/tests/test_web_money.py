import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import SellerFactory
from core.money import Money
from core.testing import counted_queries
from payments.models import Payout, SellerAccount
from payments.selectors.earnings import Week, weeks_of
from payments.states import PayoutState, Schedule
from payments.tests.money import earned
from payments.web.chart import bars
from payments.web.views import needs_of, ways_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return SellerFactory()


@pytest.fixture
def me(client, seller):
    client.force_login(seller, backend="accounts.backends.IdentifierBackend")
    return client


def words(answer):
    return " ".join(answer.content.decode().split())


def payable(seller, **how):
    return SellerAccount.objects.create(
        user=seller,
        provider_id=f"acct_{seller.pk.hex}",
        payouts_enabled=True,
        transfers_active=True,
        bank_last4="4711",
        **how,
    )


def payout(seller, **how):
    facts = {"amount_minor": 200_00, "currency": "AED", "state": PayoutState.PAID, "paid_at": timezone.now()} | how
    return Payout.objects.create(seller=seller, bank_last4="4711", **facts)


def test_strangers_sign_in_first(client):
    assert client.get("/selling/money")["Location"] == "/login?next=%2Fselling%2Fmoney"


def test_somebody_who_sold_nothing_is_told_how_it_works(me):
    page = words(me.get("/selling/money"))
    assert "Tell us where to pay you" in page
    assert "Nothing was paid out yet" in page
    assert "How your money moves" in page


def test_the_balance_is_explained(me, seller):
    payable(seller)
    page = words(me.get("/selling/money"))
    for part in ("Ready to be paid out", "Still with buyers", "On the way to your bank", "Earned in all"):
        assert part in page
    assert "Tell us where to pay you" not in page


def test_what_the_provider_still_needs_is_said_in_words_once(me, seller):
    SellerAccount.objects.create(
        user=seller,
        provider_id="acct_1",
        requirements=["external_account", "individual.dob.day", "individual.dob.month", "something.new"],
    )
    page = words(me.get("/selling/money"))
    assert page.count("Your date of birth") == 1
    assert "Your bank account (IBAN)" in page
    assert needs_of(SellerAccount.objects.get())[-1] == "something.new"


def test_settings_are_kept(me, seller):
    said = {
        "schedule": "monthly",
        "minimum": "120",
        "legal_name": "Layla Haddad FZE",
        "tax_number": "100123",
        "currency": "AED",
    }
    me.post("/selling/money/settings", said)
    account = SellerAccount.objects.get(pk=seller.pk)
    assert (account.schedule, account.minimum_minor, account.tax_number) == (Schedule.MONTHLY, 120_00, "100123")
    assert 'value="120.00"' in words(me.get("/selling/money"))


def test_settings_that_are_wrong_stand_beside_their_fields(me, seller):
    answer = me.post("/selling/money/settings", {"schedule": "daily", "minimum": "a lot"})
    assert answer.status_code == 422
    assert not SellerAccount.objects.filter(pk=seller.pk).exclude(schedule=Schedule.WEEKLY).exists()


def test_a_minimum_at_which_nobody_is_ever_paid_stands_beside_its_field(me, seller):
    answer = me.post("/selling/money/settings", {"schedule": "weekly", "minimum": "99999999", "currency": "AED"})
    assert answer.status_code == 422
    assert "Choose 10,000 AED at most" in words(answer)
    assert not SellerAccount.objects.filter(pk=seller.pk, minimum_minor__isnull=False).exists()


def test_payouts_are_listed_and_opened_by_their_seller_alone(me, client, seller):
    mine, others = payout(seller), payout(UserFactory())
    page = words(me.get("/selling/money"))
    assert f"/selling/money/payouts/{mine.pk}" in page
    assert str(others.pk) not in page
    assert "In your bank account" in words(me.get(f"/selling/money/payouts/{mine.pk}"))
    assert me.get(f"/selling/money/payouts/{others.pk}").status_code == 404


def test_a_payout_that_failed_says_what_to_do(me, seller):
    failed = payout(seller, state=PayoutState.FAILED, paid_at=None, failed_at=timezone.now())
    assert "The bank sent it back" in words(me.get(f"/selling/money/payouts/{failed.pk}"))


def test_the_page_costs_the_same_queries_with_1_and_with_20_payouts(me, seller):
    payout(seller)
    me.get("/selling/money")
    with counted_queries() as one:
        me.get("/selling/money")
    for _n in range(19):
        payout(seller)
    with counted_queries() as twenty:
        page = me.get("/selling/money")
    assert len(twenty) == len(one)
    assert "Older" in words(page)


def test_the_fee_stands_there_before_anybody_decides():
    [instant, plain] = ways_out(Money(1_000_00, "AED"), takes_instant=True)
    assert [str(line["money"]) for line in instant["lines"]] == ["1000.00", "20.00", "980.00"]
    assert [str(line["money"]) for line in plain["lines"]] == ["1000.00", "1000.00"]
    assert ways_out(Money(0, "AED"), takes_instant=True) == []


def test_a_payout_that_is_refused_says_why(me, seller):
    payable(seller)
    answer = me.post("/selling/money/payout", {"method": "standard", "currency": "AED"})
    assert answer.status_code == 422
    assert not Payout.objects.exists()


def test_weeks_are_counted_in_the_markets_own_time(me, seller):
    earned(seller, 299_00, commission=44_85)
    weeks = weeks_of(seller, "AED", now=timezone.now(), weeks=8)
    assert [week.earned.minor for week in weeks[:-1]] == [0] * 7
    assert str(weeks[-1].earned) == "254.15"
    page = words(me.get("/selling/money"))
    assert '<svg class="chart"' in page
    assert "The same in numbers" in page


def test_bars_are_as_high_as_what_was_earned():
    days = [Week(timezone.now().date(), Money(minor, "AED"), Money(0, "AED")) for minor in (0, 50_00, 100_00)]
    drawn = bars(days)
    assert drawn[2].height > drawn[1].height > drawn[0].height
    assert [bar.top for bar in drawn] == ["", "50", "100"]


class TestOnboarding:
    def test_it_leads_to_the_provider_and_back(self, me, seller, stripe_sim):
        there = me.post("/selling/money/onboarding")
        assert there["Location"].startswith(stripe_sim.url)
        account = SellerAccount.objects.get(pk=seller.pk)
        stripe_sim.control.ask("POST", f"accounts/{account.provider_id}", {"outcome": "complete"})
        page = words(me.get("/selling/money/onboarding/back"))
        assert "All set" in page

    def test_the_page_lets_its_form_be_sent_on(self, me, stripe_sim):
        page = me.get("/selling/money/onboarding")
        assert f"form-action 'self' {stripe_sim.url}" in page["Content-Security-Policy"]

    def test_a_provider_that_does_not_answer_is_said(self, me, stripe_sim):
        stripe_sim.control.fault("drop_connection_after", path_prefix="/v1/", times=50)
        answer = me.post("/selling/money/onboarding", follow=True)
        stripe_sim.control.clear_faults()
        assert "payment service is not answering" in words(answer)


def test_where_nothing_can_be_paid_out_the_page_says_so(me, seller):
    payable(seller)
    page = words(me.get("/selling/money/payout"))
    assert "There is nothing to be paid out now" in page
    assert 'name="method"' not in page


def test_after_a_bank_sent_money_back_no_day_is_promised(me, seller):
    payable(seller, bank_refused_at=timezone.now())
    page = words(me.get("/selling/money"))
    assert "Your bank sent a payout back" in page
    assert "It waits for a bank account that takes it" in page
    assert "When you are paid" in page
    assert page.count("Check it") == 1
    assert "Next payout" not in page
    SellerAccount.objects.filter(pk=seller.pk).update(bank_refused_at=None)
    assert "Next payout" in words(me.get("/selling/money"))
