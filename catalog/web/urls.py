from django.urls import path

from catalog.web import mine, sell, views

urlpatterns = [
    path("l/<uuid:product_id>", views.listing, name="listing"),
    path("l/<uuid:product_id>/save", views.save, name="save_listing"),
    path("l/<uuid:product_id>/unsave", views.unsave, name="unsave_listing"),
    path("categories", views.categories, name="categories"),
    path("c/<slug:slug>", views.category, name="category"),
    path("u/<str:username>", views.seller, name="seller"),
    path("u/<str:username>/follow", views.follow, name="follow"),
    path("u/<str:username>/unfollow", views.unfollow, name="unfollow"),
    path("saved", views.saved, name="saved"),
    path("sell", sell.sell, name="sell"),
    path("sell/start", sell.start, name="start_selling"),
    path("sell/autosave", sell.autosave, name="autosave_listing"),
    path("sell/questions", sell.questions, name="sell_questions"),
    path("sell/fee", sell.fee, name="sell_fee"),
    path("sell/<uuid:product_id>", sell.edit, name="edit_listing"),
    path("me/listings", mine.mine, name="my_listings"),
    path("me/listings/<uuid:product_id>/<slug:name>", mine.step, name="listing_step"),
    path("mine", mine.short_address),
]
