from django.urls import path

from offers.api import views

urlpatterns = [
    path("offers", views.Offers.as_view(), name="offers"),
    path("offers/<uuid:offer_id>", views.OfferDetail.as_view(), name="offer"),
    path("offers/<uuid:offer_id>/accept", views.Accept.as_view(), name="offer-accept"),
    path("offers/<uuid:offer_id>/decline", views.Decline.as_view(), name="offer-decline"),
    path("offers/<uuid:offer_id>/counter", views.Counter.as_view(), name="offer-counter"),
    path("offers/<uuid:offer_id>/withdraw", views.Withdraw.as_view(), name="offer-withdraw"),
    path("products/<uuid:product_id>/offers", views.ProductOffers.as_view(), name="product-offers"),
    path("products/<uuid:product_id>/offers/recent", views.RecentOffers.as_view(), name="product-offers-recent"),
    path("products/<uuid:product_id>/offer-terms", views.ProductTerms.as_view(), name="product-offer-terms"),
]
