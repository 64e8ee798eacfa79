from django.urls import path

from notifications.web import views

urlpatterns = [
    path("notifications", views.inbox, name="notifications"),
    path("notifications/read-all", views.read_all, name="notifications-read-all"),
    path("notifications/preferences", views.preferences, name="notification-preferences"),
    path("notifications/<uuid:pk>/open", views.open_notification, name="notification-open"),
    path("unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("dev/outbox/", views.dev_outbox, name="dev-outbox"),
    path("dev/outbox.json", views.dev_outbox_json, name="dev-outbox-json"),
]
