"""The second factor of staff: six digits of an authenticator app, or a recovery code. allauth keeps the secrets."""

import time
import uuid

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from accounts import proofs
from accounts.errors import LockedOut, SecondFactorSetUp, WrongSecondFactor
from accounts.models import Session, User
from core import audit
from core.ratelimits import Limit, take

TRIES = Limit.parse("20/h")
_TOTP = Authenticator.Type.TOTP


def is_set_up(user: User) -> bool:
    """Whether this person has an authenticator app tied to the account."""
    return Authenticator.objects.filter(user=user, type=_TOTP).exists()


def set_up_second_factor(*, user: User, secret: str, code: str, session_id: uuid.UUID) -> list[str]:
    """Tie an authenticator app to the account and return ten recovery codes, shown once. The session in hand has passed.

    Raises:
        LockedOut, SecondFactorSetUp.
        WrongSecondFactor: the app does not have this secret.
    """
    take(f"second-factor:{user.pk}", TRIES, refusal=LockedOut)
    counter = proofs.totp_counter(secret, code, time.time())
    if counter is None:
        raise WrongSecondFactor
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if is_set_up(user):
            raise SecondFactorSetUp
        Authenticator.objects.filter(user=user).delete()
        Authenticator.objects.create(
            user=user, type=_TOTP, data={"secret": get_adapter().encrypt(secret), "last_counter": counter}
        )
        codes = RecoveryCodes.activate(user).generate_codes()
        _passed(user, session_id)
        audit.record(action="accounts.set_up_second_factor", target_kind="user", target_id=user.pk, actor=user)
    return codes


def pass_second_factor(*, user: User, code: str, session_id: uuid.UUID) -> None:
    """Let the session in hand act as staff. A code of the app works once, and so does a recovery code.

    Raises:
        LockedOut, WrongSecondFactor.
    """
    take(f"second-factor:{user.pk}", TRIES, refusal=LockedOut)
    with transaction.atomic():
        try:
            fits = _app_code_fits(user, code) or _recovery_code_fits(user, code)
        except (
            InvalidToken
        ):  # kept under a SECRET_KEY that is no more: no code fits (docs/operations.md, "a key leaked")
            fits = False
        if not fits:
            raise WrongSecondFactor
        _passed(user, session_id)


@transaction.atomic
def remove_second_factor(*, user: User, staff: User, reason: str) -> None:
    """Take a lost phone off an account, by another person of the staff; every session of the person ends its powers."""
    Authenticator.objects.filter(user=user).delete()
    user.sessions.update(second_factor_at=None)
    audit.record(
        action="accounts.remove_second_factor", target_kind="user", target_id=user.pk, actor=staff, reason=reason
    )


def _app_code_fits(user: User, code: str) -> bool:
    app = Authenticator.objects.select_for_update(of=("self",)).filter(user=user, type=_TOTP).first()
    if app is None:
        return False
    counter = proofs.totp_counter(get_adapter().decrypt(app.data["secret"]), code, time.time())
    if counter is None or counter <= app.data.get("last_counter", 0):
        return False
    app.data["last_counter"] = counter  # each code once, although it lives for a minute and a half
    app.last_used_at = timezone.now()
    app.save(update_fields=["data", "last_used_at"])
    return True


def _recovery_code_fits(user: User, code: str) -> bool:
    kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return kept is not None and RecoveryCodes(kept).validate_code("".join(code.split()))


def _passed(user: User, session_id: uuid.UUID) -> None:
    Session.objects.filter(pk=session_id, user=user).update(second_factor_at=timezone.now())
