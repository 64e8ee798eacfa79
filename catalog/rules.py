"""The law of listings: pure decisions over loaded values."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog import errors
from catalog.models import Category, CategoryAttribute, Product
from catalog.states import AttributeKind, Condition, FeedType, ProductState
from core.money import Money
from moderation.states import PreModeration

# Product limits; the columns hold no more either.
TITLE_LENGTH = 100
DESCRIPTION_LENGTH = 2000
MAX_TAGS = 10
MAX_IMAGES = 10
MAX_VARIANTS = 100  # ours: ten sizes in ten colours
CURRENCIES = ("AED", "EGP", "USD")  # what is seeded with fees
ATTRIBUTE_TEXT_LENGTH = 80
FIRST_YEAR = 1800
_TAG = re.compile(r"[^\W_](?:[\w \-]{0,28}[^\W_])?")

# What the fields are called when one is missing.
WORDS = {
    "title": _("title"),
    "price": _("price"),
    "category": _("category"),
    "condition": _("condition"),
    "location": _("place"),
    "image_ids": _("pictures"),
    "variants": _("variants"),
}
# What a moderator read and approved: a change of these may need reading again.
MATERIAL = ("title", "description", "category_id", "image_ids", "video_id")
STEEP_RISE = Decimal("1.5")  # a price that goes up by half is another offer

EDITABLE = (
    ProductState.DRAFT,
    ProductState.PENDING_REVIEW,
    ProductState.REJECTED,
    ProductState.ACTIVE,
    ProductState.PAUSED,
    ProductState.EXPIRED,
)
ON_SHOW_ONCE_APPROVED = (ProductState.ACTIVE, ProductState.PAUSED, ProductState.EXPIRED)


def check_texts(*, title: str, description: str) -> None:
    """Raises TooLong."""
    if len(title) > TITLE_LENGTH:
        raise errors.TooLong(limit=TITLE_LENGTH, attr="title")
    if len(description) > DESCRIPTION_LENGTH:
        raise errors.TooLong(limit=DESCRIPTION_LENGTH, attr="description")


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Lower-case tags without repeats, in their order. Raises TooManyTags, NotATag."""
    clean = list(dict.fromkeys(" ".join(str(tag).strip().lstrip("#").casefold().split()) for tag in tags))
    if len(clean) > MAX_TAGS:
        raise errors.TooManyTags(limit=MAX_TAGS)
    for tag in clean:
        if not _TAG.fullmatch(tag):
            raise errors.NotATag(tag=tag)
    return clean


def check_images(image_ids: Sequence[uuid.UUID]) -> None:
    """Raises TooManyImages, SameImageTwice."""
    if len(image_ids) > MAX_IMAGES:
        raise errors.TooManyImages(limit=MAX_IMAGES)
    if len(set(image_ids)) != len(image_ids):
        raise errors.SameImageTwice


def check_prices(*, price_minor: int | None, original_price_minor: int | None, currency: str) -> None:
    """Raises CurrencyNotOffered, PriceNotPositive, OriginalPriceTooLow."""
    if currency not in CURRENCIES:
        raise errors.CurrencyNotOffered(offered=", ".join(CURRENCIES))
    if price_minor is not None and price_minor <= 0:
        raise errors.PriceNotPositive
    if original_price_minor is not None and (price_minor is None or original_price_minor < price_minor):
        raise errors.OriginalPriceTooLow


def check_price_above_fee(*, price: Money, fee: Money) -> None:
    """Raises PriceNotAboveFee."""
    if price <= fee:
        raise errors.PriceNotAboveFee(price=str(price), fee=str(fee), currency=price.currency)


def clean_attributes(
    questions: Sequence[CategoryAttribute], answers: Mapping[str, Any], *, today: date
) -> dict[str, Any]:
    """The answers as they are stored: known keys only, each of its question's kind, empty ones left out.

    Raises:
        UnknownAttribute, BadAttribute: naming `attributes.<key>`.
    """
    known = {question.key: question for question in questions}
    clean = {}
    for key, answer in answers.items():
        if key not in known:
            raise errors.UnknownAttribute(key=key, attr=f"attributes.{key}")
        if answer is None or answer == "":
            continue
        clean[key] = _clean_answer(known[key], answer, today)
    return clean


def _clean_answer(question: CategoryAttribute, answer: Any, today: date) -> Any:
    try:
        return _READERS[AttributeKind(question.kind)](question, answer, today)
    except ValueError:
        raise errors.BadAttribute(
            value=str(answer)[:60], name=question.name, attr=f"attributes.{question.key}"
        ) from None


def _choice(question: CategoryAttribute, answer: Any, _today: date) -> str:
    if answer not in [choice["value"] for choice in question.choices]:
        raise ValueError
    return str(answer)


def _text(_question: CategoryAttribute, answer: Any, _today: date) -> str:
    if not isinstance(answer, str) or len(answer.strip()) > ATTRIBUTE_TEXT_LENGTH:
        raise ValueError
    return answer.strip()


def _number(question: CategoryAttribute, answer: Any, _today: date) -> float | int:
    if isinstance(answer, bool):
        raise ValueError  # noqa: TRY004 - one exception for every wrong answer
    try:
        number = Decimal(str(answer))
    except InvalidOperation:
        raise ValueError from None
    too_low = question.minimum is not None and number < question.minimum
    too_high = question.maximum is not None and number > question.maximum
    if not number.is_finite() or too_low or too_high:
        raise ValueError
    return int(number) if number == number.to_integral_value() else float(round(number, 3))


def _year(_question: CategoryAttribute, answer: Any, today: date) -> int:
    text = str(answer)
    if isinstance(answer, bool) or not text.isascii() or not text.isdigit():
        raise ValueError
    if not FIRST_YEAR <= int(text) <= today.year + 10:  # "best before" looks ahead
        raise ValueError
    return int(text)


def _flag(_question: CategoryAttribute, answer: Any, _today: date) -> bool:
    if answer in (True, "true"):
        return True
    if answer in (False, "false"):
        return False
    raise ValueError


_READERS = {
    AttributeKind.CHOICE: _choice,
    AttributeKind.TEXT: _text,
    AttributeKind.NUMBER: _number,
    AttributeKind.YEAR: _year,
    AttributeKind.FLAG: _flag,
}


def check_complete(
    facts: Mapping[str, Any], *, feed_type: str, category: Category | None, questions: Sequence[CategoryAttribute]
) -> None:
    """Everything that a listing on show tells is there. `facts` by column, besides `image_ids`.

    Raises:
        NotComplete: naming the first missing field.
        CategoryUnknown: its shelf was closed meanwhile.
        VideoRequired: discover shows videos.
    """
    present = {
        "title": facts["title"].strip(),
        "price": facts["price_minor"],
        "category": category,
        "condition": facts["condition"],
        "location": facts["location"],
        "image_ids": facts["image_ids"] or feed_type == FeedType.DISCOVER,
    }
    for field, value in present.items():
        if not value:
            raise errors.NotComplete(missing=field, label=WORDS[field])
    assert category is not None  # noqa: S101 - checked above
    if not category.is_active:
        raise errors.CategoryUnknown(slug=category.slug)
    for question in questions:
        if question.is_required and question.key not in facts["attributes"]:
            raise errors.NotComplete(missing=f"attributes.{question.key}", label=question.name)
    if feed_type == FeedType.DISCOVER and facts["video_id"] is None:
        raise errors.VideoRequired


def needs_review(*, mode: str, approvals: int, approvals_wanted: int) -> bool:
    """Whether a listing, or a material edit of one, waits for a moderator.

    `approvals`: how many of the seller's listings a person has approved so far.
    """
    if mode == PreModeration.ALL:
        return True
    return mode == PreModeration.NEW_SELLERS and approvals < approvals_wanted


def material_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Which changed fields of an edit are material. Both map field names to plain values; `new` only what changes."""
    changed = {name for name in MATERIAL if name in new and new[name] != old[name]}
    if "category_id" in changed:
        changed |= {"attributes"} & set(new)
    old_price, new_price = old["price_minor"], new.get("price_minor")
    if old_price is not None and new_price is not None and new_price >= old_price * STEEP_RISE:
        changed |= {"price_minor"}
    return changed


def check_editable(product: Product) -> None:
    """Raises CannotEditNow."""
    if product.state not in EDITABLE:
        raise errors.CannotEditNow(state=ProductState(product.state).label)


def check_for_sale(product: Product) -> None:
    """The listing is on show, and its seller in good standing. Raises NotForSale."""
    seller = product.seller
    if not (product.is_listed and seller.is_active) or seller.suspended_at or seller.listings_hidden_at:
        raise errors.NotForSale


def check_owner(product: Product, *, may_act: bool, may_see: bool) -> None:
    """Strangers who may see a listing are told that it is not theirs; the others that it does not exist.

    Raises:
        NotYourProduct, ProductNotFound.
    """
    if may_act:
        return
    if may_see:
        raise errors.NotYourProduct
    raise errors.ProductNotFound


def may_have_variants(*, seller: User, condition: str) -> bool:
    """Shops have sizes, colours and stock; so has whoever sells new things. A second-hand thing exists once."""
    return seller.business_verified_at is not None or condition == Condition.NEW


def check_variants(variants: Sequence[Mapping[str, Any]], *, may_have: bool) -> None:
    """Raises NotComplete, TooManyVariants, OnlyOneOfUsedThings, SameOptionsTwice, PriceNotPositive."""
    if not variants:
        raise errors.NotComplete(missing="variants", label=WORDS["variants"])
    if len(variants) > MAX_VARIANTS:
        raise errors.TooManyVariants(limit=MAX_VARIANTS)
    if not may_have and (len(variants) > 1 or sum(v.get("stock", 1) for v in variants) > 1):
        raise errors.OnlyOneOfUsedThings
    options = [tuple(sorted(v.get("options", {}).items())) for v in variants]
    if len(set(options)) != len(options):
        raise errors.SameOptionsTwice
    if any(v.get("price_minor") is not None and v["price_minor"] <= 0 for v in variants):
        raise errors.PriceNotPositive(attr="variants")
