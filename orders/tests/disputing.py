"""Disputes, brought to where a test begins."""

from datetime import timedelta

import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.tests.factories import UserFactory
from orders.actions import answer_dispute, decide_dispute, open_dispute
from orders.models import Dispute
from orders.tests.dealing import delivered
from payments.models import Refund


def clerk():
    """One of our staff who decides disputes."""
    person = UserFactory(staff=True)
    person.user_permissions.add(Permission.objects.get(codename="decide_dispute"))
    return person


def opened(order=None, **said) -> Dispute:
    order = order or delivered()
    said = {"reason": "damaged", "text": "The leg is broken.", **said}
    return open_dispute(buyer=order.buyer, order_id=order.pk, **said)


def reviewed(**said) -> Dispute:
    dispute = opened(**said)
    return answer_dispute(seller=dispute.order.seller, dispute_id=dispute.pk, answer="refuses")


def decided(outcome="full", **said) -> Dispute:
    dispute = reviewed()
    return decide_dispute(staff=clerk(), dispute_id=dispute.pk, outcome=outcome, words="We looked at it.", **said)


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span), tick=False)


def sum_back(order) -> int:
    return sum(Refund.objects.filter(hold__reference=f"order:{order.pk}").values_list("amount_minor", flat=True))
