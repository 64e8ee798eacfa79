"""Why the catalogue says no."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, NotFound, Refusal


class ProductNotFound(NotFound):
    code = "catalog.product_not_found"
    detail = _("This listing does not exist, or it is no longer on show.")


class CategoryNotFound(NotFound):
    code = "catalog.category_not_found"
    detail = _("There is no such category.")


class VariantNotFound(NotFound):
    code = "catalog.variant_not_found"
    detail = _("This listing has no such variant.")


class NotYourProduct(NotAllowed):
    code = "catalog.not_your_product"
    detail = _("This listing belongs to somebody else.")


class TooManyOpenListings(Refusal):
    """A product rule: 50 open listings per seller, drafts included."""

    code = "catalog.too_many_open_listings"
    title = _("Too many open listings")
    detail = _("You have {limit} open listings, which is as many as one seller may have. Remove one first.")


class NotComplete(Invalid):
    """The listing lacks something that whoever puts it on show must tell."""

    code = "catalog.not_complete"
    title = _("Something is missing")
    detail = _("Fill in “{missing}” before you publish.")

    def __init__(self, *, missing: str, label: object = None) -> None:
        """`missing` is the field at fault, for programs; `label` is what people know it by."""
        super().__init__(attr=missing, missing=missing)
        self.label = label or missing

    @property
    def message(self) -> str:
        return str(self.detail).format(missing=self.label)


class TooLong(Invalid):
    code = "catalog.too_long"
    detail = _("At most {limit} characters fit here.")


class TooManyImages(Invalid):
    code = "catalog.too_many_images"
    attr = "image_ids"
    detail = _("A listing has at most {limit} pictures.")


class SameImageTwice(Invalid):
    code = "catalog.same_image_twice"
    attr = "image_ids"
    detail = _("The same picture is named twice.")


class TooManyTags(Invalid):
    code = "catalog.too_many_tags"
    attr = "tags"
    detail = _("A listing has at most {limit} tags.")


class NotATag(Invalid):
    code = "catalog.not_a_tag"
    attr = "tags"
    detail = _("A tag is 1 to 30 letters, digits, spaces or hyphens. “{tag}” is not.")


class PriceNotPositive(Invalid):
    code = "catalog.price_not_positive"
    attr = "price"
    detail = _("A price is above zero.")


class PriceNotAboveFee(Invalid):
    """A product rule: a price is not at or below its own fee."""

    code = "catalog.price_not_above_fee"
    attr = "price"
    detail = _("At {price} {currency} the fee of {fee} would leave you nothing. Ask for more.")


class OriginalPriceTooLow(Invalid):
    code = "catalog.original_price_too_low"
    attr = "original_price"
    detail = _("The original price is not below the price.")


class CurrencyNotOffered(Invalid):
    code = "catalog.currency_not_offered"
    attr = "currency"
    detail = _("Listings are priced in {offered}.")


class CategoryUnknown(Invalid):
    """A category named in a request's body or query, as opposed to its path."""

    code = "catalog.category_unknown"
    attr = "category"
    detail = _("There is no category “{slug}” to list under.")


class BrandUnknown(Invalid):
    code = "catalog.brand_unknown"
    attr = "brand"
    detail = _("We do not know the brand “{slug}”.")


class UnknownAttribute(Invalid):
    code = "catalog.unknown_attribute"
    detail = _("This category does not ask for “{key}”.")


class BadAttribute(Invalid):
    code = "catalog.bad_attribute"
    detail = _("“{value}” does not fit “{name}”.")


class VideoRequired(Invalid):
    code = "catalog.video_required"
    attr = "video_id"
    detail = _("A listing in discover needs a video.")


class NotAPicture(Invalid):
    code = "catalog.not_a_picture"
    attr = "image_ids"
    detail = _("One of these files is not a picture.")


class NotAVideo(Invalid):
    code = "catalog.not_a_video"
    attr = "video_id"
    detail = _("This file is not a video.")


class CurrencyIsFixed(Refusal):
    """Offers and saved searches were made in it."""

    code = "catalog.currency_is_fixed"
    attr = "currency"
    detail = _("Once a listing was on show, its currency stays.")


class FeedTypeIsFixed(Refusal):
    code = "catalog.feed_type_is_fixed"
    attr = "feed_type"
    detail = _("A listing stays in the feed that it was made for.")


class NotForSale(Refusal):
    code = "catalog.not_for_sale"
    title = _("Not for sale")
    detail = _("This listing is not for sale right now.")


class CannotEditNow(Refusal):
    code = "catalog.cannot_edit_now"
    detail = _("A listing that is {state} cannot be edited.")


class HiddenByModeration(Refusal):
    code = "catalog.hidden_by_moderation"
    detail = _("This listing is hidden while a moderator looks at it.")


class HasOpenHold(Refusal):
    """Somebody's offer or order stands on it."""

    code = "catalog.has_open_hold"
    title = _("Somebody is buying this")
    detail = _("Somebody has this reserved. Wait until that is over.")


class OutOfStock(Refusal):
    code = "catalog.out_of_stock"
    title = _("Sold out")
    detail = _("{wanted} wanted, {available} left.")


class HoldEnded(Refusal):
    code = "catalog.hold_ended"
    detail = _("This hold has ended.")


class OnlyOneOfUsedThings(Invalid):
    """A product rule: quantity 1 for second-hand things; sizes and colours are for shops."""

    code = "catalog.only_one_of_used_things"
    attr = "variants"
    detail = _("A second-hand thing exists once. Only shops and new things have variants and stock.")


class TooManyVariants(Invalid):
    code = "catalog.too_many_variants"
    attr = "variants"
    detail = _("A listing has at most {limit} variants.")


class SameOptionsTwice(Invalid):
    code = "catalog.same_options_twice"
    attr = "variants"
    detail = _("Two variants have the same options.")


class StockBelowHolds(Refusal):
    code = "catalog.stock_below_holds"
    attr = "variants"
    detail = _("{held} of these are reserved by buyers, so the stock cannot go below that.")


class NothingToDecide(Refusal):
    """A moderator's outcome finds nothing that waits for it."""

    code = "catalog.nothing_to_decide"
    detail = _("Nothing of this listing waits for review now.")
