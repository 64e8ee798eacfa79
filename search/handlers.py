"""Documents follow what happens to listings, and saved searches hear of it. Each reaction is one call."""

from catalog.events import (
    PriceChanged,
    ProductEdited,
    ProductPublished,
    ProductRejected,
    ProductSold,
    ProductSubmitted,
    ProductUnlisted,
)
from core.events import handles
from search.actions import (
    index_products,
    tell_searches_of_edit,
    tell_searches_of_listing,
    tell_searches_of_lower_price,
)


@handles(ProductPublished)
def put_published_listing_into_search(news: ProductPublished) -> None:
    index_products([news.product_id])


@handles(ProductEdited)
def refresh_edited_listing_in_search(news: ProductEdited) -> None:
    index_products([news.product_id])


@handles(PriceChanged)
def refresh_price_in_search(news: PriceChanged) -> None:
    index_products([news.product_id])


@handles(ProductSold)
def mark_listing_sold_in_search(news: ProductSold) -> None:
    index_products([news.product_id])


@handles(ProductUnlisted)
def take_listing_out_of_search(news: ProductUnlisted) -> None:
    index_products([news.product_id])


@handles(ProductSubmitted)
def take_listing_in_review_out_of_search(news: ProductSubmitted) -> None:
    index_products([news.product_id])


@handles(ProductRejected)
def take_refused_listing_out_of_search(news: ProductRejected) -> None:
    index_products([news.product_id])


@handles(ProductPublished)
def hold_published_listing_against_saved_searches(news: ProductPublished) -> None:
    tell_searches_of_listing(news.product_id)


@handles(ProductEdited)
def hold_edited_listing_against_saved_searches(news: ProductEdited) -> None:
    tell_searches_of_edit(news.product_id)


@handles(PriceChanged)
def hold_cheaper_listing_against_saved_searches(news: PriceChanged) -> None:
    if news.new_minor < news.old_minor:
        tell_searches_of_lower_price(news.product_id)
