"""What is for sale: shelves, listings, stock, changes, favourites."""

from catalog.models.changes import PriceChange, ProductRevision
from catalog.models.favourites import Favourite
from catalog.models.products import Product, ProductMedia, PublicCell
from catalog.models.shelves import Brand, Category, CategoryAttribute
from catalog.models.stock import ProductVariant, StockHold

__all__ = [
    "Brand",
    "Category",
    "CategoryAttribute",
    "Favourite",
    "PriceChange",
    "Product",
    "ProductMedia",
    "ProductRevision",
    "ProductVariant",
    "PublicCell",
    "StockHold",
]
