"""How moderation locks, shows and acts on listings."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog import actions, selectors
from catalog.actions.locks import lock_product
from catalog.errors import ProductNotFound
from catalog.models import Category, Product, ProductRevision
from catalog.states import TARGET_KIND, Condition, FeedType, ProductState
from core.geo import LatLng
from core.money import Money
from media.models import MediaAsset
from moderation.models import Decision, Report
from moderation.states import CaseKind, ReportReason
from moderation.targets import Look, Outcome, PersonFact, ReportSubject

APPROVE = Outcome("approve", _("Approve"), key="a", tone="good", needs_reason=False, report_action="no_action")
REJECT = Outcome("reject", _("Send back to the seller"), key="r", tone="strong")
NO_ACTION = Outcome(
    "no_action", _("Nothing wrong"), key="a", tone="good", needs_reason=False, report_action="no_action"
)
WARN = Outcome("warn", _("Warn the seller"), key="w", tone="mild", report_action="warn_user")
HIDE = Outcome("hide", _("Hide"), key="h", tone="strong")
REMOVE = Outcome("remove", _("Remove"), key="x", tone="strongest", report_action="remove_content")

LABELS: Mapping[str, Any] = {
    "title": _("title"),
    "description": _("description"),
    "price": _("price"),
    "original_price": _("original price"),
    "category": _("category"),
    "brand": _("brand"),
    "condition": _("condition"),
    "attributes": _("attributes"),
    "tags": _("tags"),
    "feed": _("feed"),
    "pictures": _("pictures"),
    "video": _("video"),
    "neighborhood": _("neighbourhood"),
}


@dataclass(frozen=True)
class Change:
    """One line of a pending edit: what is on show, and what was written instead."""

    label: Any
    shown: Any
    submitted: Any


@dataclass(frozen=True)
class ProductLook(Look):
    """What our part of the case page draws besides the frame."""

    product: Product | None = None
    changes: tuple[Change, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    shown_pictures: tuple[MediaAsset, ...] = field(
        default_factory=tuple
    )  # of the approved listing, where an edit replaces them


class ProductTarget:
    """Listings: before they show, when their sellers change them, and when people complain."""

    kind = TARGET_KIND
    label = _("listing")
    reasons: tuple[str, ...] = (
        ReportReason.PROHIBITED_ITEM,
        ReportReason.FAKE_PRODUCT,
        ReportReason.OFFENSIVE_CONTENT,
        ReportReason.SCAM,
        ReportReason.SPAM,
        ReportReason.FRAUD,
        ReportReason.OTHER,
    )
    template = "admin/moderation/targets/product.html"

    def outcomes(self, *, case_kind: str) -> tuple[Outcome, ...]:
        if case_kind == CaseKind.REVIEW:
            return (APPROVE, REJECT, HIDE, REMOVE)
        return (NO_ACTION, WARN, HIDE, REMOVE)

    def lock(self, pk: uuid.UUID) -> int:
        return lock_product(pk).revision

    def look(self, pk: uuid.UUID) -> ProductLook:
        product = selectors.product_for_staff(pk)
        waiting = selectors.pending_revision(product)
        pictures = tuple(row.asset for row in selectors.pictures_of(product))
        shown = facts_of(product, pictures)
        submitted, submitted_pictures, video = _with_edit(product, waiting, shown, pictures)
        return ProductLook(
            title=str(submitted["title"]),
            author=product.seller,
            revision=product.revision,
            url=_admin_url(product),
            at_risk=product.price,
            content=submitted,
            pictures=submitted_pictures,
            video=video,
            place=LatLng.of(product.public_location) if product.public_location else None,
            place_name=product.neighborhood.name if product.neighborhood else "",
            labels=LABELS,
            notes=_notes(product, waiting),
            product=product,
            changes=_changes(shown, submitted) if waiting else (),
            attributes=tuple(submitted["attributes"].items()),
            shown_pictures=pictures if submitted_pictures != pictures else (),
        )

    def hide(self, pk: uuid.UUID) -> dict[str, Any]:
        return actions.hide_product(product_id=pk)

    def apply(self, pk: uuid.UUID, decision: Decision) -> dict[str, Any]:
        if decision.outcome == APPROVE.name:
            return actions.approve_product(product_id=pk)
        if decision.outcome == REJECT.name:
            return actions.reject_product(product_id=pk)
        if decision.outcome == HIDE.name:
            return actions.hide_by_decision(product_id=pk)
        if decision.outcome == REMOVE.name:
            return actions.take_down_product(product_id=pk)
        return {"did": "nothing"}

    def undo(self, pk: uuid.UUID, inverse: dict[str, Any]) -> None:
        actions.restore_product(product_id=pk, inverse=inverse)

    def preview(self, pk: uuid.UUID, outcome: str) -> str:
        product = selectors.product_for_staff(pk)
        state = ProductState(product.state).label
        return {
            APPROVE.name: gettext("Undoing this sends it back into review."),
            REJECT.name: gettext("Undoing this puts it back into review."),
            HIDE.name: gettext("Undoing this shows it again, as {state}.").format(state=state),
            REMOVE.name: gettext("Undoing this brings it back, as {state}.").format(state=state),
        }.get(outcome, gettext("The listing itself does not change."))


class ProductReportDoor:
    """Reporting a listing on its page: what the visitor may see of it, and the same action as the API's."""

    part = ""

    def subject(self, *, viewer: User, pk: uuid.UUID) -> ReportSubject:
        product = selectors.product_for_staff(pk)
        if product.seller_id == viewer.pk or not selectors.may_see(viewer=viewer, product=product):
            raise ProductNotFound
        return ReportSubject(title=product.title, url=f"/l/{product.pk}", author=product.seller, picture=product.cover)

    def report(self, *, reporter: User, pk: uuid.UUID, **said: Any) -> Report:
        return actions.report_product(reporter=reporter, product_id=pk, **said)


def facts_of(product: Product, pictures: tuple[MediaAsset, ...]) -> dict[str, Any]:
    """A listing's words and pictures as a snapshot keeps them: plain JSON, in English, without the exact place."""
    category, brand = product.category, product.brand
    return {
        "title": product.title,
        "description": product.description,
        "price": _money(product.price_minor, product.currency),
        "original_price": _money(product.original_price_minor, product.currency),
        "category": category.name_en if category else "",
        "brand": brand.name_en if brand else "",
        "condition": str(product.condition),
        "attributes": _answers(category, product.attributes),
        "tags": list(product.tags),
        "feed": str(product.feed_type),
        "pictures": [_fingerprint(picture) for picture in pictures],
        "video": str(product.video_id or ""),
        "neighborhood": product.neighborhood.name_en if product.neighborhood else "",
    }


def _with_edit(
    product: Product, waiting: ProductRevision | None, shown: dict[str, Any], pictures: tuple[MediaAsset, ...]
) -> tuple[dict[str, Any], tuple[MediaAsset, ...], MediaAsset | None]:
    """The listing as it was submitted: with the pending edit written into it."""
    if waiting is None:
        return shown, pictures, product.video
    edit, submitted, video = waiting.content, dict(shown), product.video
    for name in ("title", "description"):
        submitted[name] = edit.get(name, submitted[name])
    if "price_minor" in edit:
        submitted["price"] = _money(edit["price_minor"], product.currency)
    if "category_id" in edit:
        category = selectors.category_numbered(edit["category_id"])
        submitted["category"] = category.name_en if category else ""
        submitted["attributes"] = _answers(category, edit.get("attributes", {}))
    if "image_ids" in edit:
        pictures = tuple(selectors.assets_in_order(edit["image_ids"]))
        submitted["pictures"] = [_fingerprint(picture) for picture in pictures]
    if "video_id" in edit:
        video = next(iter(selectors.assets_in_order([edit["video_id"]])), None) if edit["video_id"] else None
        submitted["video"] = str(edit["video_id"] or "")
    return submitted, pictures, video


def _changes(shown: dict[str, Any], submitted: dict[str, Any]) -> tuple[Change, ...]:
    return tuple(
        Change(LABELS[name], _readable(shown[name]), _readable(submitted[name]))
        for name in LABELS
        if shown[name] != submitted[name] and name not in ("pictures", "video")
    )


def _readable(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {answer}" for key, answer in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)


def _fingerprint(picture: MediaAsset) -> str:
    """Which picture it was, told by its content: the file may be gone when the snapshot is read."""
    return f"{picture.pk} sha256:{picture.sha256}"


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else f"{Money(minor, currency)} {currency}"


def _answers(category: Category | None, answers: Mapping[str, Any]) -> dict[str, str]:
    if category is None:
        return {}
    questions = {q.key: q for q in selectors.questions_of(selectors.shelf_of(category))}
    told = {}
    for key, answer in answers.items():
        question = questions.get(key)
        label = next((c["name_en"] for c in question.choices if c["value"] == answer), None) if question else None
        told[question.name_en if question else key] = (
            f"{label or answer}{' ' + question.unit if question and question.unit else ''}"
        )
    return told


def _notes(product: Product, waiting: ProductRevision | None) -> tuple[str, ...]:
    notes = []
    if waiting:
        notes.append(gettext("This is an edit: the approved text stays on show until it is decided."))
    if product.hidden_at:
        notes.append(gettext("It is hidden now."))
    if product.state in (ProductState.REMOVED, ProductState.SOLD, ProductState.RESERVED, ProductState.PAUSED):
        notes.append(gettext("It is {state} now.").format(state=ProductState(product.state).label))
    if product.feed_type == FeedType.DISCOVER:
        notes.append(gettext("It has a video: watch it to the end."))
    if product.condition == Condition.NEW and product.brand and product.brand.is_luxury:
        notes.append(gettext("New and of a luxury brand: look for signs of a fake."))
    return tuple(notes)


def _admin_url(product: Product) -> str:
    try:
        return reverse("admin:catalog_product_change", args=[product.pk])
    except NoReverseMatch:
        return ""


def listings_of(person: Any) -> list[PersonFact]:
    """How many listings a person has, by state: for the seller's side of a case page."""
    counts = selectors.counts_by_state(person)
    try:
        url = f"{reverse('admin:catalog_product_changelist')}?seller__id__exact={person.pk}"
    except NoReverseMatch:
        url = ""
    told = ", ".join(f"{n} {ProductState(state).label}" for state, n in counts.items())
    return [PersonFact(_("Listings"), told or gettext("none"), url)]
