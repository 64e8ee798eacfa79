"""Logs."""

from config.logs import logging_config
from config.settings.assembly import OUR_APPS
from config.settings.environment import IN_PRODUCTION, env

LOGGING = logging_config(
    apps=OUR_APPS,
    json_lines=env.bool("LOG_JSON", default=IN_PRODUCTION),
    level=env.str("LOG_LEVEL", default="INFO"),
)
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # core.middleware has looked at it by then
