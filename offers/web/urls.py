from django.urls import path

from offers.web import views

urlpatterns = [
    path("offers", views.my_offers, name="my_offers"),
    path("offers/<uuid:offer_id>/<slug:answer>", views.respond, name="respond_to_offer"),
    path("l/<uuid:product_id>/offers", views.on_listing, name="offers_on_listing"),
    path("l/<uuid:product_id>/offers/terms", views.change_terms, name="offer_terms"),
]
