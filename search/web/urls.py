from django.urls import path

from search.web import history, saved, views

urlpatterns = [
    path("search", views.search, name="find"),
    path("search/suggest", views.suggest, name="suggest"),
    path("search/history", history.history, name="searched"),
    path("search/history/<uuid:entry_id>/forget", history.forget_one, name="forget_search"),
    path("search/forget", history.forget, name="forget_searches"),
    path("search/why/<uuid:product_id>", views.why, name="why_found"),
    path("searches", saved.searches, name="searches"),
    path("searches/<uuid:saved_search_id>", saved.open_search, name="open_search"),
    path("searches/<uuid:saved_search_id>/change", saved.change, name="change_search"),
    path("searches/<uuid:saved_search_id>/remove", saved.remove, name="remove_search"),
    path("searches/<uuid:saved_search_id>/restore", saved.restore, name="restore_search"),
]
