from django.urls import path

from feeds.api import views

urlpatterns = [
    path("feeds/community", views.CommunityFeed.as_view(), name="feed-community"),
    path("feeds/discover", views.DiscoverFeed.as_view(), name="feed-discover"),
    path("feeds/following", views.FollowingFeed.as_view(), name="feed-following"),
    path("feeds/<slug:feed>/why", views.WhyShown.as_view(), name="feed-why"),
]
