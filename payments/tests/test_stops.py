import pytest
from django.utils import timezone

from accounts.ports import erasure_blockers
from accounts.tests.factories import UserFactory
from core.errors import WrongState
from payments.actions import (
    approve_refund,
    give_up_command,
    order_command,
    order_manual_payout,
    refund_hold,
    release_hold,
    retry_command,
)
from payments.errors import OwnMoney
from payments.models import Payout, ProviderCommand, Refund, SellerAccount
from payments.states import CommandKind, CommandState, RefundState
from payments.tests.money import aed, captured, part, staff_with

pytestmark = pytest.mark.django_db
ORDER = "order:a"


def asked(by, amount):
    return refund_hold(reference=ORDER, amount=aed(amount), reason="gone", requested_by=by, by_staff=True)


def test_staff_give_nothing_back_to_or_from_themselves():
    colleague = staff_with("approve_refund", "add_payout")
    captured(part(colleague, amount=900_00, reference=ORDER))
    with pytest.raises(OwnMoney):
        asked(colleague, 1_00)
    assert not Refund.objects.exists()
    refund = asked(staff_with("approve_refund"), 600_00)
    with pytest.raises(OwnMoney):
        approve_refund(staff=colleague, refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == RefundState.AWAITING_APPROVAL
    with pytest.raises(OwnMoney):
        order_manual_payout(staff=colleague, seller=colleague, amount=aed(1_00), note="mine")
    assert not Payout.objects.exists()


def test_many_small_refunds_are_a_large_one():
    captured(part(UserFactory(), amount=900_00, reference=ORDER))
    colleague = staff_with("approve_refund")
    assert asked(colleague, 499_00).state == RefundState.REQUESTED
    assert asked(colleague, 1_00).state == RefundState.AWAITING_APPROVAL


@pytest.mark.parametrize("verb", [retry_command, give_up_command])
def test_only_a_parked_command_is_a_persons_matter(verb):
    colleague = staff_with("change_providercommand")
    command = order_command(
        kind=CommandKind.CREATE_CUSTOMER, subject=f"user:{colleague.pk}", params={}, idempotency_key="k"
    )
    ProviderCommand.objects.filter(pk=command.pk).update(state=CommandState.SENT)
    with pytest.raises(WrongState):
        verb(staff=colleague, command_id=command.pk, reason="It takes so long.")
    command.refresh_from_db()
    assert command.state == CommandState.SENT


def test_nobody_with_money_here_is_erased():
    seller = UserFactory()
    SellerAccount.objects.create(user=seller, reserve_percent=0)
    assert erasure_blockers(seller) == []
    captured(part(seller, reference=ORDER))
    assert len(erasure_blockers(seller)) == 1
    release_hold(reference=ORDER, at=timezone.now())
    assert len(erasure_blockers(seller)) == 1
