"""Mail, SMS and push."""

from config.settings.environment import IN_PRODUCTION, env

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
