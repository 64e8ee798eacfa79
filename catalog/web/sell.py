"""Writing a listing: one page for a new one, a draft, and an edit of what is on show."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions as people
from accounts import rules as people_rules
from accounts.errors import NotASeller, NotVerified
from catalog import actions, rules, selectors
from catalog.models import Product
from catalog.ports import quote_fee
from catalog.states import FeedType, ProductState
from catalog.web.sell_form import SellForm, without
from core.errors import Refusal, StaleRevision
from core.money import Money
from core.text import localized
from core.web import is_part, safe_next, signed_in
from media import actions as media_actions
from media import selectors as media
from media.states import AssetKind, Purpose
from moderation.selectors import moderation_settings

DRAFTS_SHOWN = 3
MOST_DROPPED = 8  # fields that an autosave leaves out before it gives up


@signed_in
def sell(request: HttpRequest) -> HttpResponse:
    """The form for a new listing, and where all its buttons send to."""
    refusal = why_not(request)
    if refusal is not None:
        return render(request, "catalog/sell_first.html", refusal, status=200 if request.method == "GET" else 403)
    if request.method == "POST":
        return _received(request)
    drafts = selectors.products_of_seller(request.user, states=[ProductState.DRAFT]).order_by("-updated_at")
    context = page(request, SellForm(seller=request.user))
    return render(request, "catalog/sell.html", context | {"drafts": list(drafts[:DRAFTS_SHOWN])})


@require_safe
@signed_in
def edit(request: HttpRequest, product_id: uuid.UUID) -> HttpResponse:
    """The same form with what the seller wrote last."""
    product = selectors.product_of_seller(seller=request.user, product_id=product_id)
    rules.check_editable(product)
    return render(request, "catalog/sell.html", page(request, SellForm(product=product, seller=request.user)))


def why_not(request: HttpRequest) -> dict[str, Any] | None:
    """What somebody must do before they can sell, in words; None where they can."""
    try:
        people_rules.check_may_sell(request.user)
    except NotASeller:
        return {"section": "sell", "step": "start"}
    except NotVerified as refusal:
        return {"section": "sell", "step": "prove", "refusal": refusal}
    except Refusal as refusal:
        return {"section": "sell", "step": "wait", "refusal": refusal}
    return None


@require_POST
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """Switch selling on and go on to the form."""
    people.start_selling(user=request.user)
    return HttpResponseRedirect(safe_next(request, "/sell"))


def _received(request: HttpRequest) -> HttpResponse:
    product = _named(request)
    if product is not None:
        rules.check_editable(product)
    form = SellForm(request.POST, product=product, seller=request.user)
    wanted = request.POST.get("then", "save")
    if wanted == "questions":  # without JavaScript: the chosen category's questions
        return render(request, "catalog/sell.html", page(request, form))
    taken = _take_files(request, form)
    if not form.is_valid() or taken:
        return _again(request, form, sent=taken)
    try:
        saved = _save(request, form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _again(request, form)
    if wanted == "publish" and saved.state in (ProductState.DRAFT, ProductState.REJECTED):
        return _publish(request, saved)
    return _saved(request, saved)


def _named(request: HttpRequest) -> Product | None:
    """The listing that the form is about. Raises ProductNotFound."""
    try:
        product_id = uuid.UUID(request.POST.get("product", ""))
    except ValueError:
        return None
    return selectors.product_of_seller(seller=request.user, product_id=product_id)


def _revision(request: HttpRequest) -> int | None:
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isdigit() and len(sent) < 9 else None


def _save(request: HttpRequest, form: SellForm) -> Product:
    fields = form.written()
    if form.product is None:
        return actions.create_draft(seller=request.user, feed_type=form.chosen_feed, **fields)
    return actions.edit_product(
        seller=request.user,
        product_id=form.product.pk,
        revision=_revision(request),
        **fields,
    )


def _take_files(request: HttpRequest, form: SellForm) -> int:
    """Take in the files of a form that was sent without JavaScript; return how many came. They need a moment to be prepared."""
    taken = 0
    for name in ("pictures", "video"):
        for file in request.FILES.getlist(name)[: rules.MAX_IMAGES]:
            try:
                media_actions.take_file(owner=request.user, file=file, purpose=Purpose.PRODUCT)
                taken += 1
            except Refusal as refusal:
                form.is_valid()
                form.add_error("video_id" if name == "video" else "image_ids", f"{file.name}: {refusal.message}")
    return taken


def _publish(request: HttpRequest, product: Product) -> HttpResponse:
    try:
        product = actions.publish_product(seller=request.user, product_id=product.pk)
    except Refusal as refusal:
        # What was typed is saved by now: the form goes on with the draft.
        saved = selectors.product_of_seller(seller=request.user, product_id=product.pk)
        form = SellForm(request.POST, product=saved, seller=request.user)
        form.is_valid()
        form.refuse(refusal)
        return _again(request, form, revision=saved.revision)
    if product.state == ProductState.PENDING_REVIEW:
        messages.success(request, _("Sent. A moderator reads it first, usually within a few hours. We tell you."))
        return HttpResponseRedirect("/me/listings?shown=review")
    messages.success(request, _("It is for sale now."))
    return HttpResponseRedirect(f"/l/{product.pk}")


def _saved(request: HttpRequest, product: Product) -> HttpResponse:
    if product.state == ProductState.DRAFT:
        messages.success(request, _("Draft saved. Only you see it."))
        return HttpResponseRedirect("/me/listings?shown=drafts")
    if product.state in rules.ON_SHOW_ONCE_APPROVED and selectors.pending_revision(product):
        messages.success(
            request, _("A moderator reads your change first. Until then people see the listing as it was approved.")
        )
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(f"/l/{product.pk}")


def _again(request: HttpRequest, form: SellForm, *, sent: int = 0, revision: int | None = None) -> HttpResponse:
    """The form with what is wrong (or with files that are being prepared). `revision`: of what was saved just now."""
    stale = any(problem["code"] == StaleRevision.code for problem in form.problems)
    status = 412 if stale else 200 if sent and not form.errors else 422
    context = page(request, form) | {"sent": sent, "is_stale": stale}
    if revision is not None:
        context["revision"] = revision
    return render(request, "catalog/sell.html", context, status=status)


@require_POST
@signed_in
def autosave(request: HttpRequest) -> HttpResponse:
    """Keep what is typed into a new listing or a draft: whatever is right so far. Says when, beside the buttons."""
    if not is_part(request):
        return HttpResponseRedirect("/sell")
    product = _named(request)
    if product is not None and product.state != ProductState.DRAFT:
        return HttpResponse(status=204)
    form = SellForm(request.POST, product=product, seller=request.user)
    form.is_valid()
    if product is None and not _worth_keeping(form):
        return HttpResponse(status=204)
    saved, left_out, refusal = _keep(request, form)
    context = {"product": saved, "left_out": left_out, "refusal": refusal, "at": timezone.now()}
    response = render(request, "catalog/_sell_saved.html", context)
    if saved is not None and product is None:
        response["HX-Replace-Url"] = f"/sell/{saved.pk}"
    return response


def _worth_keeping(form: SellForm) -> bool:
    read = form.cleaned_data
    return any(read.get(name) for name in ("title", "description", "price", "image_ids", "video_id"))


def _keep(request: HttpRequest, form: SellForm) -> tuple[Product | None, bool, Refusal | None]:
    """Save what can be saved, leaving out what is refused; and whether something was left out."""
    fields = form.written()
    left_out = bool(form.errors)
    for _try in range(MOST_DROPPED):
        try:
            if form.product is None:
                feed = form.chosen_feed
                return actions.create_draft(seller=request.user, feed_type=feed, **fields), left_out, None
            kept = actions.edit_product(
                seller=request.user,
                product_id=form.product.pk,
                revision=_revision(request),
                **fields,
            )
        except Refusal as refusal:
            fewer = without(fields, refusal)
            if fewer is None:
                return None, True, refusal
            fields, left_out = fewer, True
        else:
            return kept, left_out, None
    return None, True, None


@require_POST
@signed_in
def questions(request: HttpRequest) -> HttpResponse:
    """What the chosen category asks, as fields; answers that fit are kept."""
    form = SellForm(request.POST, seller=request.user)
    return render(request, "catalog/_sell_questions.html", {"form": form})


@require_safe
@signed_in
def fee(request: HttpRequest) -> HttpResponse:
    """What a sale at the typed price would leave its seller."""
    form = SellForm(request.GET, seller=request.user)
    form.is_valid()
    return render(request, "catalog/_sell_fee.html", {"quote": quote(request, form)})


def quote(request: HttpRequest, form: SellForm) -> Any:
    """The fee of the price in the form, or None while there is none."""
    price = form.cleaned_data.get("price") if form.is_bound else form.product and form.product.price_minor
    if not price:
        return None
    currency = form.written()["currency"] if form.is_bound else form.product.currency if form.product else ""
    channel = form.chosen_feed if form.is_bound or form.product else FeedType.COMMUNITY
    try:
        return quote_fee(
            price=Money(price, currency),
            channel=channel,
            category=form.shelf.category if form.shelf else None,
            seller=request.user,
        )
    except Refusal:
        return None


def page(request: HttpRequest, form: SellForm) -> dict[str, Any]:
    product = form.product
    if form.is_bound:
        form.is_valid()
    images = media.own_assets(request.user, form.chosen_images)
    videos = media.own_assets(request.user, form.chosen_videos)
    chosen = {asset.pk for asset in (*images, *videos)}
    unused = media.unused_assets(request.user, purpose=Purpose.PRODUCT)
    return {
        "section": "sell",
        "form": form,
        "product": product,
        "revision": form.data.get("revision", "") if form.is_bound else product.revision if product else "",
        "images": images,
        "videos": videos,
        "unused": [
            {"asset": a, "failure": media.failure(a)}
            for a in unused
            if a.pk not in chosen and a.kind == AssetKind.IMAGE
        ],
        "unused_videos": [
            {"asset": a, "failure": media.failure(a)}
            for a in unused
            if a.pk not in chosen and a.kind == AssetKind.VIDEO
        ],
        "is_draft": product is None or product.state == ProductState.DRAFT,
        "is_rejected": product is not None and product.state == ProductState.REJECTED,
        "is_on_show": product is not None and product.state in rules.ON_SHOW_ONCE_APPROVED,
        "is_in_review": product is not None and product.state == ProductState.PENDING_REVIEW,
        "waiting": selectors.pending_revision(product) if product else None,
        "reason": reason_for(product),
        "is_read_first": is_read_first(request),
        "quote": quote(request, form),
        "limit": rules.MAX_IMAGES,
        "map": {
            "at": [form["latitude"].value(), form["longitude"].value()],
            "tile_url": settings.MAP_TILE_URL,
        },
    }


def reason_for(product: Product | None) -> str:
    """Why a moderator did not approve it, in the reader's language."""
    if product is None or product.state != ProductState.REJECTED:
        return ""
    decision = selectors.last_decisions([product.pk]).get(product.pk)
    return localized(decision, "reason") if decision else _("Our notice to you says why.")


def is_read_first(request: HttpRequest) -> bool:
    """Whether a moderator reads this seller's listings before they show."""
    return rules.needs_review(
        mode=moderation_settings().pre_moderation,
        approvals=selectors.approvals_by_people(request.user),
        approvals_wanted=settings.NEW_SELLER_APPROVALS,
    )
