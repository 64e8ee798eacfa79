"""Clocks of offers that wait. They stand while the listing is reserved for somebody else, and get exactly that time back."""

from datetime import datetime

from django.db.models import DurationField, ExpressionWrapper, F, Max
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.models import Product
from catalog.selectors import open_holds
from core.events import publish
from offers.events import ClocksRestarted, ClocksStopped
from offers.models import Offer
from offers.states import OfferState


def stop_clocks(product: Product, *, at: datetime | None = None) -> int:
    """Stop the clocks of all that wait on a locked listing, and return how many stood up. `at`: since when they stand (now).

    Publishes ClocksStopped.
    """
    running = Offer.objects.filter(product=product, state=OfferState.PENDING, stopped_at=None)
    stopped = running.update(stopped_at=Greatest(at or timezone.now(), F("created_at")))
    if stopped:
        publish(ClocksStopped(product_id=product.pk))
    return stopped


def restart_clocks(product: Product) -> int:
    """Let the stopped clocks of a locked listing run on, with the time back for which they stood; return how many.

    Publishes ClocksRestarted.
    """
    stopped = Offer.objects.filter(product=product, state=OfferState.PENDING, stopped_at__isnull=False)
    stood = ExpressionWrapper(timezone.now() - F("stopped_at"), output_field=DurationField())
    restarted = stopped.update(expires_at=F("expires_at") + stood, stopped_at=None)
    if restarted:
        publish(ClocksRestarted(product_id=product.pk))
    return restarted


def reserved_since(product: Product) -> datetime:
    """When the hold that left nothing of a reserved listing was taken: the newest of the open ones."""
    return open_holds(product).aggregate(last=Max("taken_at"))["last"] or timezone.now()
