"""Settings, all by environment. `.env.example` lists every name with its meaning.

Development works with no variable set beyond DATABASE_URL and REDIS_URL; production refuses to start with a
default secret (`config.checks`).
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.logs import logging_config
from config.schedule import SCHEDULE
from config.staff_groups import STAFF_GROUPS  # noqa: F401 - a setting: `manage.py sync_groups` reads it

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if env.bool("SOUK_READ_DOTENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

# --- where we run -------------------------------------------------------------------------------------------------

SOUK_ENV = env.str("SOUK_ENV", default="development")  # development | test | production
IN_PRODUCTION = SOUK_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)
DEFAULT_SECRET = "development-only-secret-that-production-refuses-to-start-with-0123456789"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", default=DEFAULT_SECRET)
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", default=DEFAULT_SECRET + "-jwt")
OTP_KEY = env.str("OTP_KEY", default=DEFAULT_SECRET + "-otp")
MEDIA_SIGNING_KEY = env.str("MEDIA_SIGNING_KEY", default=DEFAULT_SECRET + "-media")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])

# --- apps, from the highest layer to the lowest -------------------------------------------------------------------

OUR_APPS = [
    "demo",
    "notifications",
    "search",
    "feeds",
    "offers",
    "orders",
    "messaging",
    "payments",
    "catalog",
    "moderation",
    "media",
    "accounts",
    "places",
    "core",
]
INSTALLED_APPS = [
    "core.staff.SoukAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.gis",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "csp",
    "django_celery_beat",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "pgtrigger",
    "pghistory",
    "pghistory.admin",
    "phonenumber_field",
    "tree_queries",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.apple",
    "allauth.socialaccount.providers.facebook",
    "allauth.mfa",
    *OUR_APPS,
    "config",
    "axes",
]
if SOUK_ENV == "test":
    INSTALLED_APPS.append("django_migration_linter")  # a development requirement: `manage.py lintmigrations`
SITE_ID = 1

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.WebSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "core.middleware.RefusalPageMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "core.context_processors.page",
                "notifications.context_processors.bell",
                "messaging.context_processors.unread",
                "orders.context_processors.waiting",
            ],
        },
    },
]

# --- PostgreSQL and Redis -----------------------------------------------------------------------------------------


def _database(url_name: str, default: str) -> dict:
    """One database entry; a percent-encoded host is a unix socket folder."""
    config = env.db_url(url_name, default=default)
    config["ENGINE"] = "django.contrib.gis.db.backends.postgis"
    config["HOST"] = unquote(str(config.get("HOST", "")))
    return config


DATABASES = {"default": _database("DATABASE_URL", "postgis://souk@127.0.0.1:5432/souk")}
# Plans are kept per connection; the feeds' statements are too costly to plan on every request.
DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 1}
if env.bool("DB_POOL", default=False):  # sockets only: see docs/adr/0004
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 2,
        "max_size": 10,
        "timeout": 10,
        "max_idle": env.float("DB_POOL_IDLE_SECONDS", default=60),  # then one that nobody needs is given back
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if env.bool("DB_MIGRATE_AS_OWNER", default=False):
    DATABASES["default"].update(
        {
            k: v
            for k, v in _database("OWNER_DATABASE_URL", env.str("DATABASE_URL", "")).items()
            if k in ("USER", "PASSWORD")
        }
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379")
# Tests that run in parallel clear their cache, so each worker has databases of its own.
REDIS_FIRST_DB = env.int("REDIS_FIRST_DB", default=0) + 4 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


def redis_url(db: int, *, for_celery: bool = False) -> str:
    """The address of one of our Redis databases, over TCP or a unix socket."""
    number = REDIS_FIRST_DB + db
    parts = urlsplit(REDIS_URL)
    if parts.scheme == "unix":
        return (
            f"redis+socket://{parts.path}?virtual_host={number}" if for_celery else f"unix://{parts.path}?db={number}"
        )
    return f"{REDIS_URL.rstrip('/')}/{number}"


CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": redis_url(1),
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
}
REALTIME_REDIS_URL = redis_url(2)
REALTIME_PREFIX = (
    f"souk:{REDIS_FIRST_DB}:"  # of channels, which belong to no database: two copies on one Redis stay apart
)
REALTIME = {
    "sockets_per_person": env.int("SOCKETS_PER_PERSON", default=5),
    "frames_per_minute": env.int("SOCKET_FRAMES_PER_MINUTE", default=300),  # that one socket may send
    "frame_bytes": 64 * 1024,  # of one that comes in; uvicorn itself cuts off at twice that (1009)
    "rooms_per_socket": 50,
    "heartbeat_seconds": 25,  # clients ping this often; below the usual 30 s after which phone networks forget a line
    "silent_seconds": 70,  # nothing heard for so long: two pings are missing
    "recheck_seconds": 60,  # whether the sign-in still stands; at once when somebody says so
    "left_after_seconds": 10,  # a page that is loaded again is nobody's leaving
    "waiting_frames": 1000,  # not yet taken by a slow reader; beyond it the socket is dropped
    "waiting_bytes": 1024 * 1024,
    "stalled_seconds": 20,  # one frame not taken for so long: dropped too
    "threads": 8,  # for the database, per process; its pool has ten connections
}
# Django Channels' layer carries nothing of ours (docs/adr/0010). It stands here for what third parties may bring along.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": redis_url(2), "socket_timeout": None}], "prefix": f"{REALTIME_PREFIX}layer"},
    }
}

# --- Celery: told by the outbox relay and beat only ----------------------------------------------------------------

CELERY_BROKER_URL = redis_url(3, for_celery=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "visibility_timeout": 3600,
}
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULER = "core.beat:LockedDatabaseScheduler"
CELERY_TASK_TIME_LIMIT = 900

# --- people -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.IdentifierBackend",
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.signin.lockout_name"  # one count for all identifiers of a person
AXES_CLIENT_IP_CALLABLE = "core.middleware.caller_ip"
AXES_LOCKOUT_CALLABLE = "accounts.signin.keep_our_answer"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else somebody could lock another out for ever
AXES_DISABLE_ACCESS_LOG = True  # accounts.Session is the record of sign-ins
AXES_SENSITIVE_PARAMETERS = ["username", "identifier", "email", "phone", "code", "ip_address", "csrfmiddlewaretoken"]
AXES_VERBOSE = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login"
PASSWORD_CHANGE_URL = "/me/security/password"  # noqa: S105 - an address
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=IN_PRODUCTION)
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
PHONENUMBER_DEFAULT_REGION = "AE"
PHONENUMBER_DB_FORMAT = "E164"
# Names that a stranger could use to pass for the house.
RESERVED_USERNAMES = frozenset(
    {
        "admin",
        "administrator",
        "help",
        "info",
        "moderation",
        "moderators",
        "official",
        "root",
        "security",
        "soukloop",
        "souk_loop",
        "souk.loop",
        "staff",
        "support",
        "system",
        "team",
    }
)
OTP_SMS_PREFIXES = env.list("OTP_SMS_PREFIXES", default=["+971", "+20"])

ACCOUNT_ADAPTER = "accounts.oauth.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.oauth.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
_oauth_scopes = {"google": ["profile", "email"], "apple": ["name", "email"], "facebook": ["email"]}
SOCIALACCOUNT_PROVIDERS = {
    name: {
        "APPS": [
            {
                "client_id": env.str(f"OAUTH_{name.upper()}_ID"),
                "secret": env.str(f"OAUTH_{name.upper()}_SECRET", default=""),
                "key": env.str(f"OAUTH_{name.upper()}_KEY", default=""),
                "settings": {"certificate_key": env.str("OAUTH_APPLE_CERTIFICATE", default="", multiline=True)}
                if name == "apple"
                else {},
            }
        ],
        "SCOPE": scope,
        "OAUTH_PKCE_ENABLED": True,
    }
    for name, scope in _oauth_scopes.items()
    if env.str(f"OAUTH_{name.upper()}_ID", default="")
}
_oauth_origins = [
    origin
    for name, origin in (
        ("google", "https://accounts.google.com"),
        ("apple", "https://appleid.apple.com"),
        ("facebook", "https://www.facebook.com"),
    )
    if name in SOCIALACCOUNT_PROVIDERS
]
MFA_ADAPTER = "accounts.oauth.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Souk Loop"

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "AUDIENCE": "souk-api",
    "ISSUER": "souk-loop",
    "USER_ID_CLAIM": "sub",
}

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "core.rest.schema.SoukSchema",
    "EXCEPTION_HANDLER": "core.rest.problems.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["core.rest.throttling.GeneralThrottle"],
    "DEFAULT_PAGINATION_CLASS": "core.rest.pagination.CursorPages",
    "PAGE_SIZE": 20,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Souk Loop API",
    "DESCRIPTION": "Neighbourhood trading and live shopping, with moderation as a first citizen.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["core.rest.schema.add_problem_responses"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
RATE_LIMITS = {"anonymous": "300/m", "user": "600/m"}  # ordinary requests, per IP or person; failing open
RATE_LIMITS_ENABLED = env.bool("RATE_LIMITS_ENABLED", default=True)
IDEMPOTENCY_KEPT_FOR = timedelta(days=7)

# --- search ---------------------------------------------------------------------------------------------------------

SEARCH_ENGINE = env.str("SEARCH_ENGINE", default="postgres")  # postgres | opensearch
OPENSEARCH_URL = env.str("OPENSEARCH_URL", default="")  # https://name:password@host:9200
OPENSEARCH_ALIAS = env.str("OPENSEARCH_ALIAS", default="souk-listings")  # of the index that is searched
SEARCH_POPULAR_PEOPLE = env.int("SEARCH_POPULAR_PEOPLE", default=3)  # who make a search popular; strangers count half

# --- language, time, files ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DISPLAY_TIME_ZONE = env.str("DISPLAY_TIME_ZONE", default="Asia/Dubai")

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]

MEDIA_STORE = env.str("MEDIA_STORE", default="local")  # local | s3
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media-files")))
MEDIA_URL = env.str("MEDIA_URL", default="/media/")
MEDIA_X_ACCEL = env.bool("MEDIA_X_ACCEL", default=IN_PRODUCTION)  # nginx hands out private files at /protected-media/
MEDIA_SERVED_BY_DJANGO = env.bool("MEDIA_SERVED_BY_DJANGO", default=not IN_PRODUCTION)  # where no nginx stands in front
_s3 = {
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
    "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _s3}
    if MEDIA_STORE == "s3"
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / "public"), "base_url": MEDIA_URL},
    },
    # Uploads that nobody has looked at yet, exports, documents: never served without a signature.
    "private": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": _s3
        | {"bucket_name": env.str("S3_PRIVATE_BUCKET", default=""), "custom_domain": None, "querystring_auth": True},
    }
    if MEDIA_STORE == "s3"
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT / "private"), "base_url": None},
    },
}

# --- telling people -----------------------------------------------------------------------------------------------

DEV_OUTBOX = env.bool("DEV_OUTBOX", default=not IN_PRODUCTION)
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default="notifications.channels.DevOutboxEmailBackend"
    if DEV_OUTBOX
    else "django.core.mail.backends.smtp.EmailBackend",
)
if env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Souk Loop <hello@soukloop.example>")
SMS_BACKEND = env.str(
    "SMS_BACKEND", default="notifications.channels.DevOutboxSms" if DEV_OUTBOX else "notifications.channels.TwilioSms"
)
PUSH_BACKEND = env.str(
    "PUSH_BACKEND", default="notifications.channels.DevOutboxPush" if DEV_OUTBOX else "notifications.channels.NoPush"
)
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
TWILIO_API_BASE = env.str("TWILIO_API_BASE", default="https://api.twilio.com")

# --- product rules that an operator may change ----------------------------------------------------------------------

NEWCOMER_FOR = timedelta(days=env.int("NEWCOMER_DAYS", default=7))
OPEN_LISTINGS_PER_SELLER = env.int("OPEN_LISTINGS_PER_SELLER", default=50)
LISTING_LIFE = timedelta(days=env.int("LISTING_LIFE_DAYS", default=60))
NEW_SELLER_APPROVALS = env.int("NEW_SELLER_APPROVALS", default=3)
OFFER_LIFE = timedelta(hours=env.int("OFFER_LIFE_HOURS", default=24))  # of each turn
OFFER_PAYMENT_WINDOW = timedelta(hours=env.int("OFFER_PAYMENT_WINDOW_HOURS", default=24))  # after accepting
OFFER_KEPT_IN_LISTS = timedelta(days=env.int("OFFER_KEPT_IN_LISTS_DAYS", default=30))  # after its end
STRIPE = {
    "secret_key": env.str("STRIPE_SECRET_KEY", default=""),
    "publishable_key": env.str("STRIPE_PUBLISHABLE_KEY", default=""),
    # Each may be two, separated by a comma, while one is being replaced.
    "webhook_secrets": env.list("STRIPE_WEBHOOK_SECRET", default=[]),
    "connect_webhook_secrets": env.list("STRIPE_CONNECT_WEBHOOK_SECRET", default=[]),
    "api_base": env.str("STRIPE_API_BASE", default=""),  # empty: Stripe's own; else the simulator's
    "funds_flow": env.str("STRIPE_FUNDS_FLOW", default="separate"),  # separate | destination
    "country": env.str("STRIPE_COUNTRY", default="AE"),
    "timeout": env.float("STRIPE_TIMEOUT", default=20.0),  # seconds
}
PAYMENTS = {  # amounts in whole units of the currency that is paid in
    "approval_from": env.int(
        "PAYMENTS_APPROVAL_FROM", default=500
    ),  # refunds and payouts by staff need a second person
    "refund_window": timedelta(days=env.int("REFUND_WINDOW_DAYS", default=30)),  # after the payment
    "minimum_payout": env.int("MINIMUM_PAYOUT", default=50),
    "instant_percent": env.str("INSTANT_PAYOUT_PERCENT", default="2"),
    "reserve_percent": env.int("NEW_SELLER_RESERVE_PERCENT", default=10),
    "reserve_for": timedelta(days=env.int("NEW_SELLER_RESERVE_DAYS", default=30)),
    "reserve_sales": env.int("NEW_SELLER_RESERVE_SALES", default=5),  # a seller with fewer released holds is new
    "force_payout_after": timedelta(days=env.int("FORCE_PAYOUT_DAYS", default=75)),  # the provider keeps money 90 days
    "cash_debt_limit": env.int("CASH_DEBT_LIMIT", default=200),
    "unexplained_limit": env.int("UNEXPLAINED_LIMIT", default=1),  # above it payouts stop by themselves
    "commission_vat_percent": env.str("COMMISSION_VAT_PERCENT", default="5"),  # contained in the commission
    "chargeback_fee": env.str("CHARGEBACK_FEE", default="60"),
}
ORDERS = {
    "checkout_window": timedelta(
        minutes=env.int("CHECKOUT_WINDOW_MINUTES", default=15)
    ),  # stock waits for a card so long
    "dispatch_window": timedelta(days=env.int("DISPATCH_WINDOW_DAYS", default=3)),
    "arrival_window": timedelta(
        days=env.int("ARRIVAL_WINDOW_DAYS", default=21)
    ),  # after dispatch, when no carrier says so
    "inspection": timedelta(days=env.int("INSPECTION_DAYS", default=3)),
    "luxury_inspection": timedelta(days=env.int("LUXURY_INSPECTION_DAYS", default=14)),
    "dispute_answer_window": timedelta(days=env.int("DISPUTE_ANSWER_DAYS", default=3)),
    "dispute_decision_window": timedelta(days=env.int("DISPUTE_DECISION_DAYS", default=5)),
    "appeal_window": timedelta(days=env.int("DISPUTE_APPEAL_DAYS", default=7)),
    "return_window": timedelta(days=env.int("RETURN_DAYS", default=7)),
    "meeting_window": timedelta(days=env.int("MEETING_WINDOW_DAYS", default=3)),
    "cart_lines": env.int("CART_LINES", default=50),
    "guest_carts": timedelta(days=env.int("GUEST_CARTS_KEPT_DAYS", default=30)),  # since somebody touched them
    "cash_orders_open": env.int("CASH_ORDERS_OPEN", default=3),  # of one buyer: each keeps a thing from everybody else
    "no_shows_before_card": env.int("NO_SHOWS_BEFORE_CARD", default=2),  # who did not come so often pays by card
    "no_shows_kept": timedelta(days=env.int("NO_SHOWS_KEPT_DAYS", default=90)),
    "checkouts_per_person": env.str("CHECKOUTS_PER_PERSON", default="30/h"),
    # What a parcel may cost in whole units, of whatever currency: nothing is kept of it, so prices could hide in it.
    "parcel_at_most": env.int("PARCEL_AT_MOST", default=300),
    "vat_percent": env.str("SALES_VAT_PERCENT", default="5"),  # contained in prices of sellers with a tax number
    "carrier_url": env.str("CARRIER_URL", default=""),  # of the HTTP adapter; empty: by hand only
    "carrier_key": env.str("CARRIER_KEY", default=""),
}
ORDER_CODE_KEY = env.str("ORDER_CODE_KEY", default=OTP_KEY)  # hand-over codes are derived from it
OFFERS_PER_PERSON = {
    "newcomer": env.str("OFFERS_PER_NEWCOMER", default="5/d"),
    "other": env.str("OFFERS_PER_PERSON", default="40/h"),
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
MESSAGING = {
    "edit_minutes": env.int("MESSAGE_EDIT_MINUTES", default=15),
    "unsend_hours": env.int("MESSAGE_UNSEND_HOURS", default=24),
    "characters": env.int("MESSAGE_CHARACTERS", default=2000),
    "images": env.int("MESSAGE_IMAGES", default=10),
    "a_minute": env.int("MESSAGES_A_MINUTE", default=60),  # per person
    "newcomer_conversations": env.int("NEWCOMER_CONVERSATIONS", default=5),  # new ones a day, until the phone is proven
    "conversations": env.int("CONVERSATIONS_A_DAY", default=40),
    "same_words": env.int("SAME_WORDS_CONVERSATIONS", default=5),  # that one began oneself, within `same_words_minutes`
    "same_words_minutes": env.int("SAME_WORDS_MINUTES", default=10),
    "kept_days": env.int(
        "UNSENT_WORDS_KEPT_DAYS", default=30
    ),  # for cases, after they were unsent, edited or disappeared
}
RANKING_SAMPLE = env.float("RANKING_SAMPLE", default=0.02)  # of ranked first pages, noted for what-if: docs/ranking.md
RANKING_LOOK_AHEAD = 60  # listings of a noted order: the page and what stood next in line
RANKING_SAMPLES_KEPT = timedelta(days=env.int("RANKING_SAMPLES_KEPT_DAYS", default=14))
DEFAULT_NEIGHBORHOOD = env.str("DEFAULT_NEIGHBORHOOD", default="dubai-marina")  # where a newcomer looks around
ERASURE_GRACE = timedelta(days=env.int("ERASURE_GRACE_DAYS", default=7))  # time for second thoughts
MAP_TILE_URL = env.str("MAP_TILE_URL", default="")
# Where a tap on a place that somebody shared leads: nothing is loaded from there before.
MAP_LINK_URL = env.str(
    "MAP_LINK_URL",
    default="https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}",
)

# --- security -----------------------------------------------------------------------------------------------------

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
_media_origins = [f"https://{_s3['custom_domain']}"] if MEDIA_STORE == "s3" and _s3["custom_domain"] else []
_upload_origins = [_s3["endpoint_url"] or "https://*.amazonaws.com"] if MEDIA_STORE == "s3" else []
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
        "form-action": [SELF, *_oauth_origins],  # the form is ours; browsers check where it is sent on to as well
    }
}
# Debian 12 ships GDAL 3.6, which cannot refuse file and network access by itself. No door hands it a string from a
# person: coordinates come in as two floats and polygons only from operators' files (docs/adr/0003).
# W004: usernames are unique whatever their case, by a constraint on lower(username) that the check cannot see.
SILENCED_SYSTEM_CHECKS = ["gis.W001", "auth.W004"]

LOGGING = logging_config(
    json_lines=env.bool("LOG_JSON", default=IN_PRODUCTION), level=env.str("LOG_LEVEL", default="INFO")
)
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # core.middleware has looked at it by then
