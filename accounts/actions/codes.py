"""One-time codes: sent, tried, used. Known and unknown identifiers take the same steps, so that nobody learns who is here."""

import uuid

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import identifiers, proofs, selectors
from accounts.actions.sessions import end_sessions
from accounts.errors import ConfirmationRequired, LockedOut, TooManyCodes, WrongCode, WrongPassword
from accounts.events import CodeRequested, IdentifierVerified
from accounts.identifiers import Identifier
from accounts.models import Challenge, User
from accounts.states import ChallengePurpose
from core.context import trace
from core.events import publish
from core.ratelimits import Limit, take

SENDS_PER_IDENTIFIER = Limit.parse("3/h")
SENDS_PER_IDENTIFIER_A_DAY = Limit.parse("12/d")
SENDS_PER_IP = Limit.parse("20/h")
TRIES_PER_IP = Limit.parse("60/h")
NOBODY = uuid.UUID(int=0)  # stands in for a challenge that does not exist, so that the same work is done


def send_code(*, identifier: Identifier, purpose: str, user: User | None = None) -> Challenge:
    """Ask for a code to be sent, within the limits. For an unknown identifier the same rows are written and nothing is sent.

    `user` is given for steps of a signed-in person; else it is whoever has the identifier. Publishes CodeRequested.

    Raises:
        PhoneNotSupported: by the number's country alone.
        TooManyCodes.
    """
    identifiers.check_sms_reaches(identifier)
    take_code_allowance(identifier)
    person = user or selectors.person_by_identifier(identifier)
    with transaction.atomic():
        return issue_challenge(
            identifier=identifier, purpose=purpose, user=person if _may_use(person, identifier, purpose) else None
        )


def take_code_allowance(identifier: Identifier) -> None:
    """Count one more message to this identifier and from this address. Outside of transactions. Raises TooManyCodes."""
    if trace().ip:
        take(f"code:ip:{trace().ip}", SENDS_PER_IP, refusal=TooManyCodes)
    take(f"code:hour:{identifier.digest}", SENDS_PER_IDENTIFIER, refusal=TooManyCodes)
    take(f"code:day:{identifier.digest}", SENDS_PER_IDENTIFIER_A_DAY, refusal=TooManyCodes)


def issue_challenge(*, identifier: Identifier, purpose: str, user: User | None) -> Challenge:
    """Write a challenge and ask for its message, in the caller's transaction."""
    now = timezone.now()
    challenge = Challenge.objects.create(
        purpose=purpose,
        channel=identifier.channel,
        identifier=identifier.value,
        user=user,
        created_at=now,
        expires_at=now + proofs.life_of(purpose, identifier.channel),
    )
    publish(CodeRequested(challenge_id=challenge.pk))
    return challenge


def _may_use(person: User | None, identifier: Identifier, purpose: str) -> bool:
    """Whether a code of this purpose means anything for this person.

    A way in by an identifier wants it proven: else the owner of an address would walk into an account that somebody else opened with
    it and can still enter by other ways. Where there are none (a new password replaces the old one), it is let through.
    """
    if person is None:
        return False
    proven = getattr(person, f"{identifier.field}_verified_at") is not None
    if purpose == ChallengePurpose.VERIFY:
        return not proven
    if proven or purpose not in (ChallengePurpose.LOGIN, ChallengePurpose.RESET_PASSWORD):
        return True
    if purpose == ChallengePurpose.LOGIN and person.has_usable_password():
        return False
    return not person.is_verified and not selectors.connected_providers(person)


def check_way_in(person: User, identifier: Identifier, purpose: str) -> None:
    """The same again when the code or link is used, with the person locked. Raises WrongCode."""
    if not _may_use(person, identifier, purpose):
        raise WrongCode


def check_code(
    *, identifier: Identifier, purpose: str, code: str, challenge_id: uuid.UUID | None = None, user: User | None = None
) -> Challenge:
    """Count one try and return the challenge whose code this is. Without `challenge_id` the newest one counts.

    Call it outside of transactions: the try must stay counted when the code is wrong. `use_challenge` then spends it.

    Raises:
        WrongCode, LockedOut.
    """
    if trace().ip:
        take(f"code:try:{trace().ip}", TRIES_PER_IP, refusal=LockedOut)
    newest = Challenge.objects.filter(identifier=identifier.value, purpose=purpose).order_by("-id")
    challenge = newest.filter(pk=challenge_id).first() if challenge_id else newest.first()
    wanted = challenge.pk if challenge else NOBODY
    counted = Challenge.objects.filter(
        pk=wanted, tries__lt=proofs.MAX_TRIES, used_at=None, expires_at__gt=timezone.now()
    ).update(tries=F("tries") + 1)
    right = proofs.code_matches(wanted, code)
    if challenge is None or not counted or not right or challenge.user_id is None:
        raise WrongCode
    if user is not None and challenge.user_id != user.pk:
        raise WrongCode
    return challenge


def use_challenge(challenge: Challenge) -> User:
    """Spend the challenge, in the caller's transaction, and return its person, locked. Raises WrongCode when it is spent."""
    now = timezone.now()
    spent = Challenge.objects.filter(pk=challenge.pk, used_at=None, expires_at__gt=now).update(used_at=now)
    people = User.objects.select_for_update(of=("self",), no_key=True)
    person = people.filter(pk=challenge.user_id, is_active=True).first() if challenge.user_id else None
    if not spent or person is None:
        raise WrongCode
    return person


def prove_identifier(*, identifier: Identifier, code: str, challenge_id: uuid.UUID | None = None) -> User:
    """Mark the identifier as proven by the code that was sent to it. Publishes IdentifierVerified.

    Raises:
        WrongCode, LockedOut.
    """
    challenge = check_code(identifier=identifier, purpose=ChallengePurpose.VERIFY, code=code, challenge_id=challenge_id)
    with transaction.atomic():
        person = use_challenge(challenge)
        mark_proven(person, identifier)
        return person


def sign_in_with_code(*, identifier: Identifier, code: str, challenge_id: uuid.UUID | None = None) -> User:
    """Whose identifier this is, by the code that was sent to it; the door then opens a session.

    An identifier that was not proven before is proven now, and sessions that somebody opened without that proof end.

    Raises:
        WrongCode, LockedOut.
    """
    challenge = check_code(identifier=identifier, purpose=ChallengePurpose.LOGIN, code=code, challenge_id=challenge_id)
    with transaction.atomic():
        person = use_challenge(challenge)
        check_way_in(person, identifier, ChallengePurpose.LOGIN)
        if mark_proven(person, identifier):
            end_sessions(person.sessions.all(), because="identifier_proven")
        return person


def mark_proven(person: User, identifier: Identifier) -> bool:
    """Date the proof, in the caller's transaction with the person locked; False when it was proven before.

    Raises:
        WrongCode: the person has another address or number by now.
    """
    if str(getattr(person, identifier.field) or "") != identifier.value:
        raise WrongCode
    name = f"{identifier.field}_verified_at"
    if getattr(person, name) is not None:
        return False
    setattr(person, name, timezone.now())
    person.revision += 1
    person.save(update_fields=[name, "revision", "updated_at"])
    publish(IdentifierVerified(user_id=person.pk, channel=str(identifier.channel)))
    return True


def send_confirmation_code(*, user: User) -> Challenge:
    """Send a signed-in person the code that confirms a serious step. Raises TooManyCodes, PhoneNotSupported."""
    identifier = selectors.proven_identifier(user)
    if identifier is None:
        raise ConfirmationRequired
    return send_code(identifier=identifier, purpose=ChallengePurpose.CONFIRM, user=user)


def confirm_serious_step(*, user: User, password: str = "", code: str = "") -> None:
    """Check that it is really this person who changes an identifier or deletes the account: by password, or by a code of
    `send_confirmation_code`. Call it outside of transactions.

    Raises:
        ConfirmationRequired: neither was given.
        WrongPassword, WrongCode, LockedOut.
    """
    if code:
        identifier = selectors.proven_identifier(user)
        if identifier is None:
            raise WrongCode
        challenge = check_code(identifier=identifier, purpose=ChallengePurpose.CONFIRM, code=code, user=user)
        with transaction.atomic():
            use_challenge(challenge)
        return
    if not password:
        raise ConfirmationRequired
    take(f"confirm:{user.pk}", TRIES_PER_IP, refusal=LockedOut)
    if not user.check_password(password):
        raise WrongPassword
