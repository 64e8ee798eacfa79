from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.money import Money
from payments.actions import (
    cancel_payment,
    freeze_hold,
    note_intent,
    open_payment,
    refund_hold,
    release_hold,
    unfreeze_hold,
)
from payments.errors import (
    AlreadyCaptured,
    HoldFrozen,
    HoldGivenBack,
    HoldNotCaptured,
    HoldNotFound,
    ProviderSaysOtherwise,
)
from payments.models import LedgerTransaction, Payment, PaymentHold, ProviderCommand, SellerAccount
from payments.selectors import hold_for, owed_to, postings_of
from payments.states import CommandKind, HoldState, PaymentState, Postings
from payments.tests.money import aed, answered, asked, balances, captured, lines_of, part, seen

pytestmark = pytest.mark.django_db


def test_asking_for_money_opens_a_payment_with_its_holds_and_orders_an_intent():
    sellers = UserFactory.create_batch(2)
    payment = asked(part(sellers[0], reference="order:a"), part(sellers[1], amount=100_00, commission=5_00))
    assert (payment.state, payment.amount_minor) == (PaymentState.OPEN, 399_00)
    assert list(payment.holds.order_by("pk").values_list("state", "share_minor")) == [
        ("pending", 254_15),
        ("pending", 95_00),
    ]
    command = ProviderCommand.objects.get()
    assert (command.kind, command.subject) == (CommandKind.CREATE_CHARGE, f"payment:{payment.pk}")
    assert command.idempotency_key == f"pi:{payment.pk}:1"
    assert command.params["amount"] == 399_00
    assert balances() == {}


def test_asking_again_is_the_same_payment_and_after_cancelling_the_next_attempt():
    seller, buyer = UserFactory(), UserFactory()
    first = asked(part(seller, reference="order:a"), payer=buyer, reference="checkout:a")
    assert asked(part(seller, reference="order:a"), payer=buyer, reference="checkout:a") == first
    cancel_payment(reference="checkout:a")
    second = asked(part(seller, reference="order:a"), payer=buyer, reference="checkout:a")
    assert second.attempt == 2
    assert hold_for("order:a").payment == second


def test_parts_that_do_not_come_to_the_amount_are_a_bug():
    with pytest.raises(ValueError, match="do not come to"):
        open_payment(payer=UserFactory(), reference="checkout:a", amount=aed(300_00), parts=[part(UserFactory())])
    assert not Payment.objects.exists()


def test_captured_money_is_held_and_posted_once():
    seller = UserFactory()
    payment = asked(part(seller, reference="order:a"))
    for _again in range(3):
        note_intent(payment_id=payment.pk, view=seen(payment, fee=9_67))
    payment.refresh_from_db()
    assert (payment.state, payment.provider_fee_minor) == (PaymentState.CAPTURED, 9_67)
    hold = hold_for("order:a")
    assert (hold.state, hold.available_on) == (HoldState.HELD, payment.available_on)
    assert balances() == {"clearing": 289_33, "expense:provider_fees": 9_67, "hold": -299_00}
    assert lines_of("capture", payment.charge_id) == {"clearing:AED": 299_00, "hold:order:a:AED": -299_00}
    assert LedgerTransaction.objects.count() == 2


def test_the_fee_and_the_day_may_come_later():
    payment = asked(part(UserFactory(), reference="order:a"))
    note_intent(payment_id=payment.pk, view=seen(payment, fee=None))
    assert hold_for("order:a").available_on is None
    assert balances() == {"clearing": 299_00, "hold": -299_00}
    note_intent(payment_id=payment.pk, view=seen(payment, fee=9_67))
    assert hold_for("order:a").available_on is not None
    assert balances() == {"clearing": 289_33, "expense:provider_fees": 9_67, "hold": -299_00}


def test_an_older_look_changes_nothing():
    payment = captured(part(UserFactory(), reference="order:a"))
    for status in ("requires_payment_method", "processing", "canceled"):
        note_intent(payment_id=payment.pk, view=seen(payment, status))
    payment.refresh_from_db()
    assert (payment.state, payment.provider_status) == (PaymentState.CAPTURED, "succeeded")


def test_a_declined_card_leaves_the_payment_open():
    payment = asked(part(UserFactory()))
    note_intent(payment_id=payment.pk, view=seen(payment, "processing"))
    note_intent(payment_id=payment.pk, view=seen(payment, "requires_payment_method", failure="card_declined"))
    payment.refresh_from_db()
    assert (payment.state, payment.failure_code) == (PaymentState.OPEN, "card_declined")
    assert payment.client_secret
    assert balances() == {}


def test_what_the_provider_says_must_fit():
    payment = asked(part(UserFactory()))
    view = seen(payment)
    with pytest.raises(ProviderSaysOtherwise):
        note_intent(payment_id=payment.pk, view=type(view)(**{**view.__dict__, "amount_minor": 1}))
    payment.refresh_from_db()
    assert (payment.state, balances()) == (PaymentState.OPEN, {})


def test_calling_a_payment_off_cancels_its_holds_and_tells_the_provider():
    payment = asked(part(UserFactory(), reference="order:a"), reference="checkout:a")
    for _again in range(2):
        assert cancel_payment(reference="checkout:a").state == PaymentState.CANCELLED
    assert hold_for("order:a").state == HoldState.CANCELLED
    assert ProviderCommand.objects.filter(kind=CommandKind.CANCEL_CHARGE).count() == 1
    assert cancel_payment(reference="checkout:none") is None
    assert payment.holds.count() == 1


def test_what_is_paid_is_not_called_off():
    payment = captured(part(UserFactory()), reference="checkout:a")
    with pytest.raises(AlreadyCaptured):
        cancel_payment(reference="checkout:a")
    payment.refresh_from_db()
    assert payment.state == PaymentState.CAPTURED


def test_money_taken_while_it_was_called_off_is_held_all_the_same():
    payment = asked(part(UserFactory(), reference="order:a"), reference="checkout:a")
    cancel_payment(reference="checkout:a")
    note_intent(payment_id=payment.pk, view=seen(payment))
    assert hold_for("order:a").state == HoldState.HELD
    assert balances() == {"clearing": 299_00, "hold": -299_00}


def test_money_taken_for_an_attempt_that_another_replaced_goes_back_by_itself():
    seller, buyer = UserFactory(), UserFactory()
    first = asked(part(seller, reference="order:a"), payer=buyer, reference="checkout:a")
    cancel_payment(reference="checkout:a")
    second = captured(part(seller, reference="order:a"), payer=buyer, reference="checkout:a")
    note_intent(payment_id=first.pk, view=seen(first))
    refund = first.holds.get().refunds.get()
    answered(refund)
    assert hold_for("order:a").payment == second
    assert first.holds.get().state == HoldState.CANCELLED
    assert balances() == {"clearing": 299_00, "hold": -299_00}


def test_a_release_gives_the_seller_their_share_and_us_the_commission():
    seller = UserFactory()
    SellerAccount.objects.create(user=seller, reserve_percent=0)
    captured(part(seller, reference="order:a"))
    for _again in range(2):
        hold = release_hold(reference="order:a", at=timezone.now())
        assert (hold.state, hold.reserve_minor) == (HoldState.RELEASED, 0)
    assert balances() == {"clearing": 299_00, "seller": -254_15, "revenue:commission": -44_85}
    assert owed_to(seller.pk, "AED") == aed(254_15)
    assert [row.kind for row in postings_of("order:a")] == [Postings.RELEASE]


def test_what_the_platform_added_is_its_expense():
    seller = UserFactory()
    captured(part(seller, amount=250_00, subsidy=49_00, commission=44_85, reference="order:a"))
    release_hold(reference="order:a", at=timezone.now())
    assert balances() == {
        "clearing": 250_00,
        "seller": -254_15,
        "revenue:commission": -44_85,
        "expense:vouchers": 49_00,
    }


def test_of_the_first_sales_of_a_new_seller_a_part_is_kept_back(settings):
    seller = UserFactory()
    now = timezone.now()
    reserves = []
    for number in range(settings.PAYMENTS["reserve_sales"] + 1):
        captured(part(seller, reference=f"order:n{number}"))
        hold = release_hold(reference=f"order:n{number}", at=now)
        reserves.append((hold.reserve_minor, hold.reserve_until))
    assert reserves == [(25_42, now + timedelta(days=30))] * 5 + [(0, None)]


def test_only_what_is_held_is_released():
    seller = UserFactory()
    asked(part(seller, reference="order:open"))
    captured(part(seller, reference="order:back"))
    refund_hold(reference="order:back", amount=aed(299_00), reason="gone", requested_by=None, by_staff=False)
    captured(part(seller, reference="order:ice"))
    freeze_hold(reference="order:ice", because="dispute")
    before = balances()
    for reference, refusal in (
        ("order:open", HoldNotCaptured),
        ("order:back", HoldGivenBack),
        ("order:ice", HoldFrozen),
        ("order:none", HoldNotFound),
    ):
        with pytest.raises(refusal):
            release_hold(reference=reference, at=timezone.now())
    assert balances() == before
    assert not PaymentHold.objects.filter(state=HoldState.RELEASED).exists()
    unfreeze_hold(reference="order:ice")
    assert release_hold(reference="order:ice", at=timezone.now()).state == HoldState.RELEASED


def test_currencies_do_not_mix():
    captured(part(UserFactory(), reference="order:a"))
    with pytest.raises(TypeError):
        refund_hold(reference="order:a", amount=Money(100, "EGP"), reason="x", requested_by=None, by_staff=False)
