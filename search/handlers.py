"""Documents follow what happens to listings. Each reaction is one call."""

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
from search.actions import index_products


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
