from datetime import timedelta

import pytest
from django.utils import timezone

from core.testing import deliver_everything
from messaging.models import Message
from messaging.tests.factories import ConversationFactory
from orders.actions import dispatch_order, propose_meeting
from orders.tests.dealing import held

pytestmark = pytest.mark.django_db


def said() -> list[str]:
    deliver_everything()
    return list(Message.objects.filter(kind="system").order_by("seq").values_list("facts__notice", flat=True))


def test_who_talks_about_it_reads_what_becomes_of_it():
    order = held(ship=True)
    product = order.items.get().product
    ConversationFactory(person=order.buyer, other=order.seller, product=product)
    dispatch_order(seller=order.seller, order_id=order.pk, carrier="own courier")
    assert said() == ["order_confirmed", "order_dispatched"]
    assert Message.objects.filter(kind="system").first().facts["code"] == order.code


def test_nobody_reads_where_they_meet():
    order = held()
    ConversationFactory(person=order.buyer, other=order.seller, product=order.items.get().product)
    propose_meeting(
        person=order.buyer, order_id=order.pk, starts_at=timezone.now() + timedelta(hours=2), place="Tower 7"
    )
    assert said()[-1] == "meeting_proposed"
    assert "Tower 7" not in str(Message.objects.values_list("facts", flat=True))


def test_who_never_talked_is_not_made_to():
    held()
    assert said() == []
