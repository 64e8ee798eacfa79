"""Codes and links that prove something, derived from a server key so that nothing secret is stored or queued."""

import base64
import hashlib
import hmac
import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from accounts.errors import WrongResetLink
from accounts.states import ChallengePurpose, Channel

CODE_DIGITS = 6
CODE_LIFE = timedelta(seconds=600)
SMS_LOGIN_LIFE = timedelta(seconds=120)  # SMS are read over shoulders and forwarded: short for signing in
RESET_LIFE = timedelta(hours=1)
MAX_TRIES = 5
TOTP_PERIOD = 30  # seconds
EXPORT_LINK_LIFE = timedelta(minutes=10)
_export_signer = TimestampSigner(salt="accounts.export")


def life_of(purpose: str, channel: str) -> timedelta:
    """How long a proof of this purpose, sent through this channel, is good for."""
    if purpose == ChallengePurpose.RESET_PASSWORD:
        return RESET_LIFE
    if purpose == ChallengePurpose.LOGIN and channel == Channel.SMS:
        return SMS_LOGIN_LIFE
    return CODE_LIFE


def hotp(secret: bytes, counter: int, digits: int = CODE_DIGITS) -> str:
    """The HMAC-based one-time password of RFC 4226, section 5.3."""
    mac = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def new_totp_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them (RFC 4226, section 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp_counter(secret: str, code: str, at: float) -> int | None:
    """Which half-minute (one before or after `at` is let pass) this code of an authenticator app belongs to; RFC 6238.

    `secret` is base 32, `at` seconds since 1970.
    """
    raw = base64.b32decode(secret, casefold=True)
    now = int(at) // TOTP_PERIOD
    given = "".join(code.split()).encode()
    fitting = [c for c in (now - 1, now, now + 1) if hmac.compare_digest(hotp(raw, c).encode(), given)]
    return fitting[0] if fitting else None


def code_of(challenge_id: uuid.UUID) -> str:
    """The six digits of a challenge. Each challenge has a secret of its own, derived from the server's key."""
    return hotp(_derived(b"code", challenge_id), counter=0)


def code_matches(challenge_id: uuid.UUID, code: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(code_of(challenge_id).encode(), code.strip().encode())


def reset_token(challenge_id: uuid.UUID) -> str:
    """The secret part of a reset link: the challenge's id and its HMAC, for URLs."""
    return _base64(challenge_id.bytes + _derived(b"reset", challenge_id))


def read_reset_token(token: str) -> uuid.UUID:
    """The challenge that a reset link belongs to. Raises WrongResetLink."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise WrongResetLink from None
    if len(raw) != 48:
        raise WrongResetLink
    challenge_id = uuid.UUID(bytes=raw[:16])
    if not hmac.compare_digest(raw[16:], _derived(b"reset", challenge_id)):
        raise WrongResetLink
    return challenge_id


def export_signature(export_id: uuid.UUID) -> str:
    """What a browser, which shows no token, shows to download an export: good for ten minutes."""
    return _export_signer.sign(export_id.hex)


def export_signature_fits(export_id: uuid.UUID, signature: str) -> bool:
    try:
        return _export_signer.unsign(signature, max_age=EXPORT_LINK_LIFE) == export_id.hex
    except BadSignature:
        return False


def _derived(use: bytes, challenge_id: uuid.UUID) -> bytes:
    return hmac.digest(settings.OTP_KEY.encode(), use + b"\0" + challenge_id.bytes, hashlib.sha256)


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
