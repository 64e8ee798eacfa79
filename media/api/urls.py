from django.urls import path

from media.api import views

urlpatterns = [
    path("media/upload-url", views.UploadUrl.as_view(), name="media-upload-url"),
    path("media/local-upload/<uuid:asset_id>", views.LocalUpload.as_view(), name="media-local-upload"),
    path("media/private/<uuid:asset_id>/<str:name>", views.PrivateFile.as_view(), name="media-private"),
    path("media/<uuid:asset_id>", views.Asset.as_view(), name="media-asset"),
    path("media/<uuid:asset_id>/complete", views.CompleteUpload.as_view(), name="media-complete"),
    path("users/me/avatar", views.Avatar.as_view(), name="avatar"),
]
