from django.urls import path

from search.api import saved, views

urlpatterns = [
    path("search", views.Search.as_view(), name="search"),
    path("search/why", views.WhyFound.as_view(), name="search-why"),
    path("search/filters", views.SearchFilters.as_view(), name="search-filters"),
    path("search/suggestions", views.SearchSuggestions.as_view(), name="search-suggestions"),
    path("search/trending", views.TrendingSearches.as_view(), name="search-trending"),
    path("search/track", views.TrackSearch.as_view(), name="search-track"),
    path(
        "search/history",
        views.SearchHistoryViewSet.as_view({"get": "list", "delete": "empty"}),
        name="search-history",
    ),
    path(
        "search/history/<uuid:entry_id>",
        views.SearchHistoryViewSet.as_view({"delete": "destroy"}),
        name="search-history-entry",
    ),
    path("search/saved", saved.SavedSearches.as_view(), name="saved-searches"),
    path("search/saved/<uuid:saved_search_id>", saved.SavedSearchDetail.as_view(), name="saved-search"),
    path(
        "search/saved/<uuid:saved_search_id>/results",
        saved.SavedSearchResults.as_view(),
        name="saved-search-results",
    ),
    path(
        "search/saved/<uuid:saved_search_id>/restore",
        saved.RestoreSavedSearch.as_view(),
        name="restore-saved-search",
    ),
]
