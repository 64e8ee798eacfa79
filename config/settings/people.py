"""Who somebody is: signing in, names, sessions, tokens."""

from datetime import timedelta

from config.settings.environment import IN_PRODUCTION, JWT_SIGNING_KEY, env
from config.staff_groups import STAFF_GROUPS  # noqa: F401 - a setting: `manage.py sync_groups` reads it

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
oauth_scopes = {"google": ["profile", "email"], "apple": ["name", "email"], "facebook": ["email"]}
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
    for name, scope in oauth_scopes.items()
    if env.str(f"OAUTH_{name.upper()}_ID", default="")
}
oauth_origins = [
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

NEWCOMER_FOR = timedelta(days=env.int("NEWCOMER_DAYS", default=7))
ERASURE_GRACE = timedelta(days=env.int("ERASURE_GRACE_DAYS", default=7))  # time for second thoughts
