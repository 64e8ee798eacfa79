"""The sell form: what a seller types, read into what the catalogue's actions take."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog import selectors
from catalog.actions import ProductFields
from catalog.errors import NotComplete
from catalog.models import Category, CategoryAttribute, Product
from catalog.rules import CURRENCIES, DESCRIPTION_LENGTH, TITLE_LENGTH
from catalog.selectors import Shelf
from catalog.states import AttributeKind, Condition, FeedType
from core.errors import Refusal
from core.geo import LatLng
from core.money import Money
from core.text import fold
from media.errors import ForeignUrl
from media.rules import looks_foreign
from places.models import Neighborhood
from places.selectors import neighborhoods

ATTRIBUTE = "attr_"  # before the key of an attribute, as in addresses
_MARKS = str.maketrans({",": "", "٬": "", "٫": ".", " ": "", "\u00a0": ""})
# Where the actions' names of fields differ from the form's.
_FIELD_OF = {"location": "neighborhood", "price_minor": "price", "variants": "condition"}


class NeighborhoodSelect(forms.Select):
    """Options that know the middle of their neighbourhood, for the pin on the map."""

    middles: dict[str, tuple[float, float]]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        middle = self.middles.get(str(value))
        if middle:
            option["attrs"] |= {"data-latitude": middle[0], "data-longitude": middle[1]}
        return option


def _choose(form: forms.Form, name: str, choices: Sequence[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared below
    field.choices = choices


class SellForm(forms.Form):
    """Every field may be empty: what must be there is for the catalogue to say, when the listing is published."""

    title = forms.CharField(
        label=_("Title"), required=False, widget=forms.TextInput({"maxlength": TITLE_LENGTH, "dir": "auto"})
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("What a buyer would ask: how old, what is missing, why you sell it."),
        widget=forms.Textarea({"maxlength": DESCRIPTION_LENGTH, "rows": 5, "dir": "auto"}),
    )
    price = forms.CharField(
        label=_("Price"), required=False, widget=forms.TextInput({"inputmode": "decimal", "dir": "ltr"})
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in CURRENCIES], required=False)
    original_price = forms.CharField(
        label=_("Price when new"), required=False, widget=forms.TextInput({"inputmode": "decimal", "dir": "ltr"})
    )
    condition = forms.ChoiceField(
        label=_("Condition"), choices=Condition.choices, required=False, widget=forms.RadioSelect()
    )
    category = forms.ChoiceField(label=_("Category"), required=False, widget=forms.RadioSelect())
    brand = forms.ChoiceField(label=_("Brand"), required=False)
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        help_text=_("Words that people look for, with commas between them: moving out, solid wood."),
        widget=forms.TextInput({"dir": "auto"}),
    )
    neighborhood = forms.ChoiceField(label=_("Neighbourhood"), required=False)
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput())
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput())
    building_name = forms.CharField(
        label=_("Building"),
        required=False,
        max_length=100,
        help_text=_("Only for you, and later for the buyer of a paid pick-up."),
        widget=forms.TextInput({"dir": "auto"}),
    )
    feed_type = forms.ChoiceField(
        label=_("Where it is shown"), choices=FeedType.choices, required=False, widget=forms.RadioSelect()
    )
    # Never drawn as inputs of their own: the uploader does that. They are here to hold what is said about them.
    image_ids = forms.Field(label=_("Pictures"), required=False, widget=forms.HiddenInput())
    video_id = forms.Field(label=_("Video"), required=False, widget=forms.HiddenInput())

    def __init__(self, sent: QueryDict | None = None, *, product: Product | None = None, seller: User) -> None:
        self.product = product
        self.refusals: list[tuple[str | None, Refusal]] = []
        initial = _of_product(product) if product else _of_person(seller)
        super().__init__(sent, initial=initial, auto_id="id_%s")
        self.shelf = self._shelf()
        self.questions = selectors.questions_of(self.shelf) if self.shelf else []
        self._offer_categories()
        self._offer_places()
        _choose(self, "brand", [("", _("None or another")), *((b.slug, b.name) for b in selectors.brands())])
        for question in self.questions:
            self.fields[f"{ATTRIBUTE}{question.key}"] = _field_of(question)

    def _shelf(self) -> Shelf | None:
        slug = self.data.get("category", "") if self.is_bound else self.initial.get("category", "")
        try:
            return selectors.shelf_named(slug) if slug else None
        except Refusal:
            return None

    def _offer_categories(self) -> None:
        self.tree: list[Category] = selectors.category_tree()
        leaves = [leaf for root in self.tree for leaf in (root.below or [root])]
        _choose(self, "category", [(leaf.slug, leaf.name) for leaf in leaves])

    def _offer_places(self) -> None:
        known: dict[str, list[Neighborhood]] = {}
        for place in neighborhoods():
            known.setdefault(place.city, []).append(place)
        widget = NeighborhoodSelect()
        self.middles = widget.middles = {p.slug: (p.centre.y, p.centre.x) for places in known.values() for p in places}
        self.fields["neighborhood"].widget = widget
        by_city = [(city, [(p.slug, p.name) for p in places]) for city, places in known.items()]
        _choose(self, "neighborhood", [("", _("Choose one")), *by_city])

    # --- what the templates ask ---------------------------------------------------------------------------------------

    @property
    def question_fields(self) -> list[tuple[forms.BoundField, bool]]:
        """The category's questions as fields, and whether each must be answered before publishing."""
        return [(self[f"{ATTRIBUTE}{question.key}"], question.is_required) for question in self.questions]

    @property
    def chosen_images(self) -> list[uuid.UUID]:
        return self._ids("image_ids") if self.is_bound else list(self.initial.get("image_ids", []))

    @property
    def chosen_videos(self) -> list[uuid.UUID]:
        return self._ids("video_id") if self.is_bound else [pk for pk in [self.initial.get("video_id")] if pk]

    def _sent(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    def _ids(self, name: str) -> list[uuid.UUID]:
        found = []
        for text in self._sent(name):
            try:
                found.append(uuid.UUID(text))
            except ValueError:
                continue
        return found

    @property
    def problems(self) -> list[dict[str, str]]:
        """All that is wrong, with codes and where to put it right, for the summary on top."""
        return [
            {
                "field": f"id_{name}" if name != "__all__" else "",
                "label": str(self.fields[name].label or "") if name in self.fields else "",
                "words": str(error.messages[0]),
                "code": error.code or "",
            }
            for name, errors in self.errors.as_data().items()
            for error in errors
        ]

    # --- reading ------------------------------------------------------------------------------------------------------

    def clean_image_ids(self) -> list[uuid.UUID]:
        return self._clean_ids("image_ids")

    def clean_video_id(self) -> uuid.UUID | None:
        return next(iter(self._clean_ids("video_id")), None)

    def _clean_ids(self, name: str) -> list[uuid.UUID]:
        """Ids of own uploads; an address of a file elsewhere is told so."""
        sent = [text for text in self._sent(name) if text]
        if any(looks_foreign(text) for text in sent):
            refusal = ForeignUrl()
            raise ValidationError(refusal.message, code=refusal.code)
        return self._ids(name)

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].replace("،", ",").split(",") if tag.strip()]

    def clean_price(self) -> int | None:
        return self._amount("price")

    def clean_original_price(self) -> int | None:
        return self._amount("original_price")

    def _amount(self, name: str) -> int | None:
        """Minor units of what a person typed: "1,250", "١٢٥٠" and "1250.00" are one amount."""
        typed = fold(self.cleaned_data[name]).translate(_MARKS)
        if not typed:
            return None
        try:
            return Money.parse(typed, self._currency).minor
        except Refusal as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None

    @property
    def _currency(self) -> str:
        sent = self.data.get("currency", "")
        return sent if sent in CURRENCIES else CURRENCIES[0]

    def written(self) -> ProductFields:
        """What the catalogue's actions take: everything that was read without trouble."""
        read = self.cleaned_data
        fields: dict[str, Any] = {
            name: read[name]
            for name in ("title", "description", "condition", "brand", "tags", "image_ids", "building_name")
            if name in read
        }
        if "price" in read:
            fields["price_minor"] = read["price"]
        if "original_price" in read:
            fields["original_price_minor"] = read["original_price"]
        fields["currency"] = self._currency
        if "category" in read:
            fields["category"] = read["category"] or None
        fields["attributes"] = {
            q.key: read[f"{ATTRIBUTE}{q.key}"]
            for q in self.questions
            if read.get(f"{ATTRIBUTE}{q.key}") not in (None, "")
        }
        if "video_id" in read:
            fields["video_id"] = read["video_id"] if self.chosen_feed == FeedType.DISCOVER else None
        if place := self._place(read):
            fields["location"] = place
        return fields  # type: ignore[return-value]

    @property
    def chosen_feed(self) -> str:
        if self.product:
            return self.product.feed_type
        return self.cleaned_data.get("feed_type") or FeedType.COMMUNITY

    def _place(self, read: dict[str, Any]) -> LatLng | None:
        """The pin; or the middle of a neighbourhood that was chosen since the page was made."""
        chosen = read.get("neighborhood", "")
        pinned = read.get("latitude") is not None and read.get("longitude") is not None
        if chosen and (not pinned or chosen != self.data.get("kept_neighborhood", "")):
            return LatLng(*self.middles[chosen])
        return LatLng(read["latitude"], read["longitude"]) if pinned else None

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal of the catalogue beside the field that it is about."""
        at = refusal.at or ""
        name = f"{ATTRIBUTE}{at.partition('.')[2]}" if at.startswith("attributes.") else _FIELD_OF.get(at, at)
        is_gap = refusal.code == NotComplete.code and name in self.fields  # its label stands beside it
        words = _("Fill this in before you publish.") if is_gap else refusal.message
        self.add_error(name if name in self.fields else None, ValidationError(words, code=refusal.code))


def without(fields: ProductFields, refusal: Refusal) -> ProductFields | None:
    """The fields less the one that was refused; None where that leads nowhere."""
    at = refusal.at or ""
    kept: dict[str, Any] = dict(fields)
    if at.startswith("attributes."):
        attributes = dict(kept.get("attributes", {}))
        if attributes.pop(at.partition(".")[2], None) is None:
            return None
        kept["attributes"] = attributes
        return kept  # type: ignore[return-value]
    names = {"price": ["price_minor", "original_price_minor"], "original_price": ["original_price_minor"]}.get(at, [at])
    if at == "asset_id":
        names = ["image_ids", "video_id"]
    if not any(name in kept for name in names):
        return None
    for name in names:
        kept.pop(name, None)
    return kept  # type: ignore[return-value]


def _field_of(question: CategoryAttribute) -> forms.Field:
    label = f"{question.name} ({question.unit})" if question.unit else question.name
    if question.kind == AttributeKind.CHOICE:
        choices = [("", "–"), *((c["value"], selectors.choice_name(c)) for c in question.choices)]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    if question.kind == AttributeKind.FLAG:
        answers = [("", "–"), ("true", _("yes")), ("false", _("no"))]
        return forms.ChoiceField(label=label, choices=answers, required=False)
    is_number = question.kind in (AttributeKind.NUMBER, AttributeKind.YEAR)
    attributes = {"inputmode": "decimal" if question.kind == AttributeKind.NUMBER else "numeric", "dir": "ltr"}
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.TextInput(attributes if is_number else {"dir": "auto", "maxlength": 60}),
    )


def _of_person(seller: User) -> dict[str, Any]:
    """What is likely: the thing stands where its seller lives."""
    place = LatLng.of(seller.location) if seller.location else None
    return {
        "currency": CURRENCIES[0],
        "feed_type": FeedType.COMMUNITY,
        "neighborhood": seller.neighborhood.slug if seller.neighborhood else "",
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "building_name": seller.building_name,
    }


def _of_product(product: Product) -> dict[str, Any]:
    """What the seller wrote last: what is on show, under a change that still waits for a moderator."""
    waiting = selectors.pending_revision(product)
    content: dict[str, Any] = waiting.content if waiting else {}
    place = LatLng.of(product.location) if product.location else None
    category_id = content.get("category_id", product.category_id)
    price_minor = content.get("price_minor", product.price_minor)
    attributes = content.get("attributes", product.attributes)
    known = {
        "title": content.get("title", product.title),
        "description": content.get("description", product.description),
        "price": _typed(price_minor, product.currency),
        "original_price": _typed(product.original_price_minor, product.currency),
        "currency": product.currency,
        "condition": product.condition,
        "category": selectors.slug_of_category(category_id),
        "brand": product.brand.slug if product.brand else "",
        "tags": ", ".join(product.tags),
        "neighborhood": product.neighborhood.slug if product.neighborhood else "",
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "building_name": product.building_name,
        "feed_type": product.feed_type,
        "image_ids": _uuids(content.get("image_ids")) or selectors.image_ids_of(product),
        "video_id": next(iter(_uuids([content.get("video_id")])), product.video_id),
    }
    return known | {f"{ATTRIBUTE}{key}": _plain(answer) for key, answer in attributes.items()}


def _typed(minor: int | None, currency: str) -> str:
    return str(Money(minor, currency)).removesuffix(".00") if minor else ""


def _plain(answer: Any) -> Any:
    return str(answer).lower() if isinstance(answer, bool) else answer


def _uuids(ids: Iterable[str | None] | None) -> list[uuid.UUID]:
    return [uuid.UUID(pk) for pk in ids or () if pk]
