"""Another email address or phone number: confirmed from the new one, and from the old one where there is one."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import identifiers, selectors
from accounts.actions.codes import check_code, confirm_serious_step, issue_challenge, take_code_allowance, use_challenge
from accounts.actions.registration import unique_identifiers
from accounts.actions.sessions import end_other_sessions
from accounts.errors import ChangeNotFound, WrongCode
from accounts.events import IdentifierChanged, IdentifierVerified
from accounts.identifiers import Identifier
from accounts.models import IdentifierChange, User
from accounts.states import ChallengePurpose, Channel
from core.events import publish

CHANGE_LIFE = timedelta(hours=1)


def old_identifier(user: User, channel: str) -> Identifier | None:
    """The proven address or number that a change would replace, which must confirm it."""
    value, proven = (
        (user.email, user.email_verified_at) if channel == Channel.EMAIL else (user.phone, user.phone_verified_at)
    )
    return Identifier(channel, str(value)) if value and proven else None


def request_identifier_change(
    *, user: User, identifier: Identifier, password: str = "", code: str = ""
) -> IdentifierChange:
    """Begin to give a person another address or number: a code goes to it, and one to the old proven one.

    Without an old proven one, the password or a confirmation code stands for it. When somebody else has the new one already, nothing
    is sent there and no code will fit: the answer does not tell. An earlier change of the same channel is dropped.

    Raises:
        PhoneNotSupported, TooManyCodes, ConfirmationRequired, WrongPassword, WrongCode.
    """
    identifiers.check_sms_reaches(identifier)
    old = old_identifier(user, identifier.channel)
    if old is None:
        confirm_serious_step(user=user, password=password, code=code)
    else:
        take_code_allowance(old)
    take_code_allowance(identifier)
    holder = selectors.person_by_identifier(identifier)
    free = holder is None or holder.pk == user.pk
    with transaction.atomic():
        now = timezone.now()
        user.identifier_changes.filter(channel=identifier.channel, done_at=None).update(expires_at=now)
        change = IdentifierChange.objects.create(
            user=user,
            channel=identifier.channel,
            new_value=identifier.value,
            created_at=now,
            expires_at=now + CHANGE_LIFE,
            old_confirmed_at=None if old else now,
        )
        issue_challenge(identifier=identifier, purpose=ChallengePurpose.CHANGE_NEW, user=user if free else None)
        if old is not None:
            issue_challenge(identifier=old, purpose=ChallengePurpose.CHANGE_OLD, user=user)
        return change


def confirm_identifier_change(
    *, user: User, change_id: uuid.UUID, code: str, side: str, session_id: uuid.UUID | None = None
) -> IdentifierChange:
    """Confirm from the `old` or the `new` side. With both, the new one replaces the old: it is proven, every other session ends, and
    IdentifierChanged lets the old one know.

    Raises:
        ChangeNotFound, WrongCode, LockedOut.
        EmailTaken, PhoneTaken: somebody else took it in the meantime; the change is off.
    """
    change = selectors.open_identifier_change(user, change_id)
    new = Identifier(change.channel, change.new_value)
    old = old_identifier(user, change.channel)
    sided = new if side == "new" else old
    if sided is None:
        raise WrongCode
    purpose = ChallengePurpose.CHANGE_NEW if side == "new" else ChallengePurpose.CHANGE_OLD
    challenge = check_code(identifier=sided, purpose=purpose, code=code, user=user)
    with transaction.atomic():
        person = use_challenge(challenge)
        row = (
            IdentifierChange.objects.select_for_update(of=("self",))
            .filter(pk=change.pk, done_at=None, expires_at__gt=timezone.now())
            .first()
        )
        if row is None:
            raise ChangeNotFound
        if side == "new":
            row.new_confirmed_at = timezone.now()
        else:
            row.old_confirmed_at = timezone.now()
        if row.old_confirmed_at and row.new_confirmed_at:
            row.old_value = old.value if old else ""
            _put_in_place(person, new, row, session_id)
            row.done_at = timezone.now()
        row.save()
        return row


def _put_in_place(person: User, new: Identifier, change: IdentifierChange, session_id: uuid.UUID | None) -> None:
    old_value = str(getattr(person, new.field) or "")
    setattr(person, new.field, new.value)
    setattr(person, f"{new.field}_verified_at", timezone.now())
    person.revision += 1
    with unique_identifiers():
        person.save(update_fields=[new.field, f"{new.field}_verified_at", "revision", "updated_at"])
    end_other_sessions(user=person, keep=session_id, because="identifier_changed")
    publish(IdentifierVerified(user_id=person.pk, channel=str(new.channel)))
    if old_value and old_value != new.value:
        publish(IdentifierChanged(user_id=person.pk, channel=str(new.channel), change_id=change.pk))
