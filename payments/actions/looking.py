"""From an event to the thing it is about: look at it, and say what is to be written down."""

import uuid
from collections.abc import Callable
from functools import partial

from django.utils import timezone

from payments.actions.chargebacks import note_dispute, note_fraud_warning
from payments.actions.onboarding import note_deauthorized
from payments.actions.payout_results import note_bank_payout, note_transfer
from payments.actions.results import note_intent, note_refund
from payments.actions.syncing import note_newer_account
from payments.models import Payment, Payout, ProviderCommand, ProviderEvent, Refund, SellerAccount
from payments.provider import provider

Note = Callable[[], object]


def look_for(event: ProviderEvent) -> Note | None:
    """Ask the provider about what `event` concerns; what then to do within a transaction. None: it is nothing of ours."""
    look = LOOKS.get(event.type)
    return look(event) if look else None


def _ordered(metadata: object, kind: str) -> uuid.UUID | None:
    """Whose command made a thing: its answer may not be written down yet when the bell rings."""
    said = metadata if isinstance(metadata, dict) else {}
    try:
        command_id = uuid.UUID(str(said.get("command", "")))
    except ValueError:
        return None
    subject = ProviderCommand.objects.filter(pk=command_id).values_list("subject", flat=True).first() or ""
    known, _, subject_id = subject.partition(":")
    return uuid.UUID(subject_id) if known == kind else None


def _intent(intent_id: str) -> Note | None:
    known = Payment.objects.filter(provider_id=intent_id).first()
    view = provider(known.funds_flow if known else "").intent(intent_id)
    payment_id = known.pk if known else _ordered(view.metadata, "payment")
    return partial(note_intent, payment_id=payment_id, view=view) if payment_id else None


def _look_at_intent(event: ProviderEvent) -> Note | None:
    return _intent(event.object_id)


def _look_at_charge(event: ProviderEvent) -> Note | None:
    intent = event.payload.get("payment_intent", "")
    return _intent(intent) if intent else None


def _look_at_refund(event: ProviderEvent) -> Note | None:
    view = provider().refund_view(event.object_id)
    known = Refund.objects.filter(provider_id=view.id).values_list("pk", flat=True).first()
    refund_id = known or _ordered(view.metadata, "refund")
    return partial(note_refund, refund_id=refund_id, view=view) if refund_id else None


def _look_at_transfer(event: ProviderEvent) -> Note | None:
    view = provider().transfer(event.object_id)
    known = Payout.objects.filter(transfer_id=view.id).values_list("pk", flat=True).first()
    payout_id = known or _ordered(view.metadata, "payout")
    return partial(note_transfer, payout_id=payout_id, view=view) if payout_id else None


def _look_at_payout(event: ProviderEvent) -> Note | None:
    """Of a seller's account; the platform's own payouts to its bank are no seller's."""
    if not event.account:
        return None
    view = provider().payout(event.object_id, account=event.account)
    payout_id = (
        Payout.objects.filter(provider_id=view.id, seller__seller_account__provider_id=event.account)
        .values_list("pk", flat=True)
        .first()
    ) or _ordered(view.metadata, "payout")
    return partial(note_bank_payout, payout_id=payout_id, view=view) if payout_id else None


def _look_at_account(event: ProviderEvent) -> Note | None:
    seller = SellerAccount.objects.filter(provider_id=event.account).first() if event.account else None
    if seller is None:
        return None
    looked_at = timezone.now()
    return partial(note_newer_account, user_id=seller.pk, view=provider().account(event.account), looked_at=looked_at)


def _look_at_deauthorized(event: ProviderEvent) -> Note | None:
    seller = SellerAccount.objects.filter(provider_id=event.account).first() if event.account else None
    return partial(note_deauthorized, user_id=seller.pk) if seller else None


def _look_at_dispute(event: ProviderEvent) -> Note | None:
    view = provider().dispute(event.object_id)
    is_ours = Payment.objects.filter(charge_id=view.charge_id).exists() or (
        bool(view.intent_id) and Payment.objects.filter(provider_id=view.intent_id).exists()
    )
    return partial(note_dispute, view=view) if is_ours else None


def _look_at_fraud_warning(event: ProviderEvent) -> Note | None:
    payment = Payment.objects.filter(charge_id=event.payload.get("charge", "-")).first()
    return partial(note_fraud_warning, payment_id=payment.pk) if payment else None


def _nothing_to_look_at(_event: ProviderEvent) -> Note | None:
    return lambda: None


LOOKS: dict[str, Callable[[ProviderEvent], Note | None]] = {
    **{
        f"payment_intent.{what}": _look_at_intent
        for what in ("succeeded", "payment_failed", "canceled", "processing", "requires_action")
    },
    **{f"charge.{what}": _look_at_charge for what in ("succeeded", "updated", "refunded", "expired")},
    **{f"refund.{what}": _look_at_refund for what in ("created", "updated", "failed")},
    **{
        f"charge.dispute.{what}": _look_at_dispute
        for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
    },
    "radar.early_fraud_warning.created": _look_at_fraud_warning,
    **{f"transfer.{what}": _look_at_transfer for what in ("created", "updated", "reversed")},
    **{f"payout.{what}": _look_at_payout for what in ("created", "updated", "paid", "failed", "canceled")},
    "account.updated": _look_at_account,
    "capability.updated": _look_at_account,
    **{f"account.external_account.{what}": _look_at_account for what in ("created", "updated", "deleted")},
    "account.application.deauthorized": _look_at_deauthorized,
    "balance.available": _nothing_to_look_at,
}
