"""PostgreSQL."""

from urllib.parse import unquote

from config.settings.environment import env


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
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)  # seconds: plans live as long as it
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
