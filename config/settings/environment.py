"""Where we run, and the secrets of the place."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
if env.bool("SOUK_READ_DOTENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

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
