"""Static files, and what people upload."""

from pathlib import Path

from config.settings.environment import BASE_DIR, IN_PRODUCTION, SOUK_ENV, env

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]

MEDIA_STORE = env.str("MEDIA_STORE", default="local")  # local | s3
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media-files")))
MEDIA_URL = env.str("MEDIA_URL", default="/media/")
MEDIA_X_ACCEL = env.bool("MEDIA_X_ACCEL", default=IN_PRODUCTION)  # nginx hands out private files at /protected-media/
MEDIA_SERVED_BY_DJANGO = env.bool("MEDIA_SERVED_BY_DJANGO", default=not IN_PRODUCTION)  # where no nginx stands in front
s3 = {
    "bucket_name": env.str("S3_BUCKET", default=""),
    "access_key": env.str("S3_ACCESS_KEY", default=""),
    "secret_key": env.str("S3_SECRET_KEY", default=""),
    "endpoint_url": env.str("S3_ENDPOINT", default="") or None,
    "region_name": env.str("S3_REGION", default="") or None,
    "custom_domain": env.str("S3_PUBLIC_DOMAIN", default="") or None,
    "querystring_auth": False,
    "file_overwrite": False,
}

STORAGES = {
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if SOUK_ENV != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    # What people see. Keys are made by us and never reused.
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3}
    if MEDIA_STORE == "s3"
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / "public"), "base_url": MEDIA_URL},
    },
    # Uploads that nobody has looked at yet, exports, documents: never served without a signature.
    "private": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": s3
        | {"bucket_name": env.str("S3_PRIVATE_BUCKET", default=""), "custom_domain": None, "querystring_auth": True},
    }
    if MEDIA_STORE == "s3"
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / "private"), "base_url": None},
    },
}

MEDIA_LIMITS = {
    "image_bytes": env.int("MEDIA_IMAGE_MEGABYTES", default=20) * 1024**2,
    "video_bytes": env.int("MEDIA_VIDEO_MEGABYTES", default=100) * 1024**2,
    "document_bytes": env.int("MEDIA_DOCUMENT_MEGABYTES", default=5) * 1024**2,
    "pixels": env.int("MEDIA_MEGAPIXELS", default=40) * 1_000_000,
    "video_seconds": env.int("MEDIA_VIDEO_SECONDS", default=180),
    "upload_minutes": env.int("MEDIA_UPLOAD_MINUTES", default=15),
    "unused_files": env.int("MEDIA_UNUSED_FILES", default=40),  # per person
    "unused_hours": env.int("MEDIA_UNUSED_HOURS", default=24),
}
# 0 to 10. At 6, 12 megapixels take about 1.2 s on one core in all widths; 8 takes a half to a third and costs 20 to 45 % more bytes.
MEDIA_AVIF_SPEED = env.int("MEDIA_AVIF_SPEED", default=6)
