from django.conf import settings
from django.urls import path

from media.web import views

urlpatterns = [path("me/avatar", views.avatar, name="my_avatar")]

# nginx answers these before Django is asked; without nginx (development, tests) somebody has to.
if settings.MEDIA_SERVED_BY_DJANGO and settings.MEDIA_STORE == "local" and settings.MEDIA_URL.startswith("/"):
    urlpatterns += [path(settings.MEDIA_URL.lstrip("/") + "<path:key>", views.public_file, name="media-file")]
