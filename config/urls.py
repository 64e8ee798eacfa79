"""Every door of every app is mounted here and nowhere else."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from core import web
from core.health import healthz, readyz
from core.metrics import metrics
from core.realtime.page import sockets

api_v1: list = [
    path("", include("feeds.api.urls")),  # first: the most asked
    path("", include("search.api.urls")),
    path("", include("messaging.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("catalog.api.urls")),
    path("", include("payments.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("offers.api.urls")),
    path("", include("places.api.urls")),
    path("", include("media.api.urls")),
    path("", include("notifications.api.urls")),
    path("", include("moderation.api.urls")),
]

pages: list = [
    path("", include("accounts.web.urls")),
    path("", include("accounts.oauth")),
    path("", include("media.web.urls")),
    path("", include("notifications.web.urls")),
    path("", include("catalog.web.urls")),
    path("", include("orders.web.urls")),
    path("", include("payments.web.urls")),
    path("", include("offers.web.urls")),
    path("", include("moderation.web.urls")),
    path("", include("messaging.web.urls")),
    path("", include("feeds.web.urls")),
    path("", include("search.web.urls")),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/docs/sockets", sockets, name="sockets"),
    path("api/docs/redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    path("api/v1/", include(api_v1)),
    path("language", web.set_language, name="set_language"),
    path("theme", web.set_theme, name="set_theme"),
    *pages,
]

handler400 = "core.rest.unanswered.bad_request"
handler403 = "core.rest.unanswered.not_allowed"
handler404 = "core.rest.unanswered.not_found"
handler500 = "core.rest.unanswered.failed"
