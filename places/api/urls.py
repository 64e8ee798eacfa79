from django.urls import path

from places.api import views

urlpatterns = [
    path("meeting-points", views.MeetingPoints.as_view(), name="meeting-points"),
    path("neighborhoods", views.NeighborhoodList.as_view(), name="neighborhoods"),
    path("neighborhoods.geojson", views.NeighborhoodOutlines.as_view(), name="neighborhood-outlines"),
    path("neighborhoods/at", views.NeighborhoodAt.as_view(), name="neighborhood-at"),
    path("neighborhoods/<slug:slug>", views.NeighborhoodDetail.as_view(), name="neighborhood"),
]
