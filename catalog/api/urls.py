from django.urls import path

from catalog.api import lists, products, shelves

urlpatterns = [
    path("categories", shelves.Categories.as_view(), name="categories"),
    path("categories/<slug:slug>", shelves.CategoryDetail.as_view(), name="category"),
    path("categories/<slug:slug>/products", lists.ShelfProducts.as_view(), name="category-products"),
    path("brands", shelves.Brands.as_view(), name="brands"),
    path("products", products.ProductList.as_view(), name="products"),
    path("products/<uuid:product_id>", products.ProductDetail.as_view(), name="product"),
    path("products/<uuid:product_id>/publish", products.Publish.as_view(), name="product-publish"),
    path("products/<uuid:product_id>/pause", products.Pause.as_view(), name="product-pause"),
    path("products/<uuid:product_id>/resume", products.Resume.as_view(), name="product-resume"),
    path("products/<uuid:product_id>/renew", products.Renew.as_view(), name="product-renew"),
    path("products/<uuid:product_id>/mark-sold", products.MarkSold.as_view(), name="product-mark-sold"),
    path("products/<uuid:product_id>/similar", products.Similar.as_view(), name="product-similar"),
    path("products/<uuid:product_id>/price-history", products.PriceHistory.as_view(), name="product-price-history"),
    path("products/<uuid:product_id>/favourite", products.Favourite.as_view(), name="product-favourite"),
    path("products/<uuid:product_id>/report", products.ReportProduct.as_view(), name="product-report"),
    path("products/<uuid:product_id>/variants", products.Variants.as_view(), name="product-variants"),
    path("users/me/products", lists.OwnProducts.as_view(), name="own-products"),
    path("users/me/favourites", lists.Favourites.as_view(), name="favourites"),
    path("users/<uuid:user_id>/products", lists.PersonProducts.as_view(), name="person-products"),
]
