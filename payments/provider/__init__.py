"""The provider that is in use. Only `stripe` below knows whose library carries it out."""

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.ports import Provider
from payments.provider.flows import Destination, Separate
from payments.provider.stripe import Access

FLOWS = {flow.name: flow for flow in (Separate, Destination)}


def provider(funds_flow: str = "") -> Provider:
    """The provider, in the given flow of funds or else in that of the settings.

    Raises:
        ImproperlyConfigured: there is no such flow.
    """
    given = settings.STRIPE
    return _in_use(
        funds_flow or given["funds_flow"],
        Access(
            secret_key=given["secret_key"],
            api_base=given["api_base"],
            timeout=given["timeout"],
            webhook_secrets=tuple(given["webhook_secrets"]),
            connect_webhook_secrets=tuple(given["connect_webhook_secrets"]),
        ),
    )


@lru_cache(maxsize=16)  # a client keeps its connections
def _in_use(funds_flow: str, access: Access) -> Provider:
    if funds_flow not in FLOWS:
        msg = f"STRIPE_FUNDS_FLOW={funds_flow!r}: there is no such flow, only {sorted(FLOWS)}"
        raise ImproperlyConfigured(msg)
    return FLOWS[funds_flow](access)
