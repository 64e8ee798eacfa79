"""What the city's past had to tell: a newcomer's own accounts were told, the rest was heard long ago; nothing waits."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from catalog.models import Favourite
from core.context import Trace, current
from core.deliveries import carry_out
from core.models import Delivery, DeliveryState
from demo.city import past
from demo.city.logins import LOGINS
from moderation.models import Decision
from notifications.actions import record_sent
from notifications.models import Send
from offers.models import Offer
from search.actions import count_words, index_everything

MARK = "demo-city"  # the request id of all events of the building, also of one that broke off


@contextmanager
def marked() -> Iterator[None]:
    """Events in here bear the mark."""
    token = current.set(Trace(request_id=MARK))
    try:
        yield
    finally:
        current.reset(token)


def of_the_building(*, is_heard: bool = True) -> QuerySet[Delivery]:
    """What waits to be heard of what the building did; `is_heard` False: but nobody is to be told. Not what comes at the end
    (`close`): mail counts as sent, and search reads everything.
    """
    ours = Delivery.objects.filter(event__request_id=MARK, state=DeliveryState.PENDING)
    ours = ours.exclude(Q(handler__startswith="search.") | Q(handler__startswith="notifications.send_"))
    return ours if is_heard else ours.exclude(handler__startswith="notifications.")


def settle() -> None:
    """Tell those whose lists a newcomer can open, and leave nothing for the relay."""
    ours = Delivery.objects.filter(event__request_id=MARK, state=DeliveryState.PENDING)
    readers = set(User.objects.filter(username__in=[login.username for login in LOGINS]).values_list("pk", flat=True))
    read_first = ours.filter(event__name__in=("messaging.message_held", "messaging.message_flagged"))
    for delivery_id in list(read_first.order_by("pk").values_list("pk", flat=True)):
        carry_out(delivery_id)  # they open the cases that the demo's moderator finds
    told = ours.filter(_about(readers), handler__startswith="notifications.")
    for delivery_id in list(told.order_by("pk").values_list("pk", flat=True)):
        carry_out(delivery_id)
    past.delivered(ours)


def close() -> None:
    """All mail was sent, and search knows what stands now: what the events that nobody heard would have done."""
    past.delivered(Delivery.objects.filter(event__request_id=MARK, state=DeliveryState.PENDING))
    for send in Send.objects.filter(notification__user__is_active=True).exclude(state="sent"):
        record_sent(send=send)
    index_everything(progress=lambda _done, _whole: None)
    count_words()


def _about(readers: Collection[UUID]) -> Q:
    """News of which one of them hears."""
    decided = Decision.objects.filter(Q(case__author__in=readers) | Q(case__reports__reporter__in=readers))
    saved = Favourite.objects.filter(user__in=readers)
    haggled = Offer.objects.filter(Q(buyer__in=readers) | Q(seller__in=readers))
    return (
        Q(event__payload__offer_id__in=_texts(haggled.values_list("pk", flat=True)))
        | Q(event__payload__followed_id__in=_texts(readers))
        | Q(event__payload__decision_id__in=_texts(decided.values_list("pk", flat=True)))
        | Q(event__payload__product_id__in=_texts(saved.values_list("product_id", flat=True)))
    )


def _texts(keys: Collection[UUID]) -> list[str]:
    return sorted({str(key) for key in keys})
