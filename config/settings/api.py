"""The API."""

from datetime import timedelta

from config.settings.environment import env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.parsers.JSONParser"],
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
