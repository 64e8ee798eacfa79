from django.urls import path

from feeds.web import views

urlpatterns = [
    path("", views.community, name="community"),
    path("discover", views.discover, name="discover"),
    path("following", views.following, name="following"),
    path("why/<uuid:product_id>", views.why, name="why"),
    path("place", views.choose_place, name="choose_place"),
    path("place/set", views.set_place, name="set_place"),
]
