"""What moderators decide about listings. Called by our moderation target, which holds the product's lock.

Each returns its inverse: a JSON-able note of what `restore_product` puts back when the decision is undone.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import errors
from catalog.actions.locks import lock_product
from catalog.actions.publishing import announce, put_on_show
from catalog.actions.writing import as_json, from_json, plain_facts, write
from catalog.events import ProductEdited, ProductRejected, ProductUnlisted
from catalog.models import Product, ProductRevision
from catalog.selectors import open_holds, pending_revision, ready_assets
from catalog.states import PRODUCT_MOVES, REVISION_MOVES, ProductState, RevisionState
from core.events import publish
from core.states import move

Inverse = dict[str, Any]


@transaction.atomic
def approve_product(*, product_id: uuid.UUID) -> Inverse:
    """Put what waits on show: the listing itself, or the pending edit of one. Counts as an approval by a person.

    One that an earlier decision hid shows again: its seller has mended it, and a person has looked.
    Publishes ProductPublished, or ProductEdited (and PriceChanged).

    Raises:
        NothingToDecide: nothing of it waits.
    """
    product = lock_product(product_id)
    waiting, now = pending_revision(product), timezone.now()
    facts_before = {"approved_before": _iso(product.approved_by_person_at), "hidden_before": _iso(product.hidden_at)}
    if product.state != ProductState.PENDING_REVIEW and waiting is None:
        raise errors.NothingToDecide
    product.approved_by_person_at, product.hidden_at = now, None
    product.save(update_fields=["approved_by_person_at", "hidden_at", "updated_at"])
    if product.state == ProductState.PENDING_REVIEW:
        put_on_show(product, at=now)
        return {"did": "approved", **facts_before}
    assert waiting is not None  # noqa: S101 - checked above
    edit = from_json(waiting.content)
    before = {name: value for name, value in plain_facts(product).items() if name in edit}
    write(product, edit)
    move(waiting, RevisionState.APPROVED, REVISION_MOVES, decided_at=now)
    publish(ProductEdited(product_id=product.pk, revision=product.revision))
    if facts_before["hidden_before"]:
        announce(product)
    return {
        "did": "approved_revision",
        "revision_id": str(waiting.pk),
        "before": as_json(before),
        **facts_before,
    }


@transaction.atomic
def reject_product(*, product_id: uuid.UUID) -> Inverse:
    """Refuse what waits: a new listing goes back to its seller, a pending edit is dropped and the approved text stays.

    Publishes ProductRejected.

    Raises:
        NothingToDecide: nothing of it waits.
    """
    product = lock_product(product_id)
    waiting = pending_revision(product)
    if product.state == ProductState.PENDING_REVIEW:
        move(product, ProductState.REJECTED, PRODUCT_MOVES)
        inverse: Inverse = {"did": "rejected"}
    elif waiting:
        move(waiting, RevisionState.REJECTED, REVISION_MOVES, decided_at=timezone.now())
        inverse = {"did": "rejected_revision", "revision_id": str(waiting.pk)}
    else:
        raise errors.NothingToDecide
    publish(ProductRejected(product_id=product.pk))
    return inverse


@transaction.atomic
def take_down_product(*, product_id: uuid.UUID) -> Inverse:
    """Remove a listing by a moderator's decision. Publishes ProductUnlisted.

    Raises:
        HasOpenHold: somebody is buying it; hide it instead.
        WrongState: it is sold or removed already.
    """
    product = lock_product(product_id)
    if open_holds(product).exists():
        raise errors.HasOpenHold
    was = product.state
    move(product, ProductState.REMOVED, PRODUCT_MOVES, removed_at=timezone.now())
    waiting = pending_revision(product)
    if waiting:
        move(waiting, RevisionState.REJECTED, REVISION_MOVES, decided_at=timezone.now())
    publish(ProductUnlisted(product_id=product.pk, because=ProductState.REMOVED))
    return {"did": "removed", "was": was, "revision_id": str(waiting.pk) if waiting else None}


@transaction.atomic
def hide_product(*, product_id: uuid.UUID) -> Inverse:
    """Take a listing off show beside its state, which it returns to. Publishes ProductUnlisted."""
    product = lock_product(product_id)
    if product.hidden_at is not None:
        return {"did": "nothing"}
    product.hidden_at = timezone.now()
    product.save(update_fields=["hidden_at", "updated_at"])
    publish(ProductUnlisted(product_id=product.pk, because="hidden"))
    return {"did": "hidden"}


@transaction.atomic
def hide_by_decision(*, product_id: uuid.UUID) -> Inverse:
    """Hide a listing until its seller has mended it; what of it waited for review is refused with it.

    Publishes ProductUnlisted, perhaps ProductRejected.
    """
    product = lock_product(product_id)
    waits = product.state == ProductState.PENDING_REVIEW or pending_revision(product) is not None
    steps = [reject_product(product_id=product_id)] if waits else []
    return {"did": "several", "steps": [*steps, hide_product(product_id=product_id)]}


@transaction.atomic
def unhide_product(*, product_id: uuid.UUID) -> None:
    """Show a hidden listing again, in the state that it has kept. Publishes ProductPublished when that is for sale."""
    product = lock_product(product_id)
    if product.hidden_at is None:
        return
    product.hidden_at = None
    product.save(update_fields=["hidden_at", "updated_at"])
    announce(product)


@transaction.atomic
def restore_product(*, product_id: uuid.UUID, inverse: Inverse) -> None:
    """Undo what one of the above did, as far as the seller has not moved on since (sold it, removed it)."""
    for step in reversed(inverse.get("steps", ())):
        restore_product(product_id=product_id, inverse=step)
    product = lock_product(product_id)
    undo = {
        "approved": _undo_approval,
        "approved_revision": _undo_approved_revision,
        "rejected": _undo_rejection,
        "rejected_revision": _wait_again,
        "removed": _undo_removal,
        "hidden": lambda product, _inverse: unhide_product(product_id=product.pk),
    }.get(inverse.get("did", "nothing"))
    if undo:
        undo(product, inverse)


def _undo_approval(product: Product, inverse: Inverse) -> None:
    if ProductState.PENDING_REVIEW not in PRODUCT_MOVES.get(product.state, ()):
        return
    was_for_sale = product.is_listed
    _bring_back_facts(product, inverse)
    move(product, ProductState.PENDING_REVIEW, PRODUCT_MOVES)
    if was_for_sale:
        publish(ProductUnlisted(product_id=product.pk, because=ProductState.PENDING_REVIEW))


def _undo_approved_revision(product: Product, inverse: Inverse) -> None:
    before = from_json(inverse["before"])
    if "image_ids" in before:  # those that were swept meanwhile are gone
        there = ready_assets([*before["image_ids"]])
        before["image_ids"] = [pk for pk in before["image_ids"] if pk in there]
    if before.get("video_id") and not ready_assets([before["video_id"]]):
        del before["video_id"]
    write(product, before)
    _bring_back_facts(product, inverse)
    _wait_again(product, inverse)
    publish(ProductEdited(product_id=product.pk, revision=product.revision))


def _bring_back_facts(product: Product, inverse: Inverse) -> None:
    product.approved_by_person_at = _moment(inverse["approved_before"])
    product.hidden_at = _moment(inverse["hidden_before"])
    product.save(update_fields=["approved_by_person_at", "hidden_at", "updated_at"])


def _undo_rejection(product: Product, _inverse: Inverse) -> None:
    if product.state == ProductState.REJECTED:
        move(product, ProductState.PENDING_REVIEW, PRODUCT_MOVES)


def _undo_removal(product: Product, inverse: Inverse) -> None:
    if product.state != ProductState.REMOVED:
        return
    move(product, inverse["was"], PRODUCT_MOVES, removed_at=None)
    if inverse["revision_id"]:
        _wait_again(product, inverse)
    announce(product)


def _wait_again(product: Product, inverse: Inverse) -> None:
    """Let the edit wait for a moderator again, unless the seller wrote a newer one."""
    revision = ProductRevision.objects.get(pk=inverse["revision_id"])
    newer = pending_revision(product)
    move(revision, RevisionState.WITHDRAWN if newer else RevisionState.PENDING, REVISION_MOVES)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
