"""What browsers are told, and what proxies are believed."""

from csp.constants import NONCE, NONE, SELF

from config.settings.environment import IN_PRODUCTION, SITE_URL, env
from config.settings.files import MEDIA_STORE, s3
from config.settings.people import oauth_origins
from config.settings.trade import MAP_TILE_URL

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IN_PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=IN_PRODUCTION) else None
)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if IN_PRODUCTION else 0)

_media_origins = [f"https://{s3['custom_domain']}"] if MEDIA_STORE == "s3" and s3["custom_domain"] else []
_upload_origins = [s3["endpoint_url"] or "https://*.amazonaws.com"] if MEDIA_STORE == "s3" else []
_socket_origin = f"ws{SITE_URL.removeprefix('http')}"  # not every browser takes "self" for sockets too
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *_media_origins, *([MAP_TILE_URL.split("/{")[0]] if MAP_TILE_URL else [])],
        "media-src": [SELF, "blob:", *_media_origins],
        "connect-src": [SELF, _socket_origin, *_media_origins, *_upload_origins],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *oauth_origins],  # the form is ours; browsers check where it is sent on to as well
    }
}

# Debian 12 ships GDAL 3.6, which cannot refuse file and network access by itself. No door hands it a string from a
# person: coordinates come in as two floats and polygons only from operators' files (docs/adr/0003).
# W004: usernames are unique whatever their case, by a constraint on lower(username) that the check cannot see.
SILENCED_SYSTEM_CHECKS = ["gis.W001", "auth.W004"]
