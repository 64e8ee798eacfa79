"""Being forgotten: asked for, thought over for a week, carried out with a receipt."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import ports, selectors
from accounts.actions.codes import confirm_serious_step
from accounts.actions.sessions import end_all_sessions
from accounts.errors import ErasureBlocked, ErasureUnderWay, NoErasure
from accounts.events import ErasureRequested, PersonErased
from accounts.models import Erasure, User
from accounts.states import ERASURE_MOVES, ErasureState
from core import audit
from core.events import publish
from core.states import move
from core.sweeps import each

ASK_AGAIN_AFTER = timedelta(days=1)


def request_erasure(*, user: User, password: str = "", code: str = "") -> Erasure:
    """Ask to be forgotten after `ERASURE_GRACE`. Confirmed with the password, or with a code where there is none.

    Publishes ErasureRequested.

    Raises:
        ConfirmationRequired, WrongPassword, WrongCode.
        ErasureUnderWay: asked already.
        ErasureBlocked: something is unfinished (an order, a payout); its `reasons` say what.
    """
    confirm_serious_step(user=user, password=password, code=code)
    with transaction.atomic():
        person = _locked(user.pk)
        if selectors.erasure_under_way(person):
            raise ErasureUnderWay
        blockers = ports.erasure_blockers(person)
        if blockers:
            raise ErasureBlocked(reasons=" ".join(blockers))
        now = timezone.now()
        erasure = Erasure.objects.create(user=person, requested_at=now, due_at=now + settings.ERASURE_GRACE)
        publish(ErasureRequested(user_id=person.pk, erasure_id=erasure.pk))
        return erasure


@transaction.atomic
def cancel_erasure(*, user: User) -> Erasure:
    """Stay after all. Raises NoErasure."""
    person = _locked(user.pk)
    erasure = person.erasures.select_for_update(of=("self",)).filter(state=ErasureState.REQUESTED).first()
    if erasure is None:
        raise NoErasure
    move(erasure, ErasureState.CANCELLED, ERASURE_MOVES, done_at=timezone.now())
    return erasure


@transaction.atomic
def carry_out_erasure(*, erasure_id: uuid.UUID) -> Erasure | None:
    """Forget a person whose time has come: their own rows go, their name on what stays becomes a placeholder, every app erases its
    part, and the receipt says what. Publishes PersonErased, at which files go.

    While something is unfinished it is put off for a day and the receipt says why. Returns None when it is not due.
    """
    found = Erasure.objects.filter(pk=erasure_id).first()
    if found is None:
        return None
    person = _locked_with_neighbours(found.user_id)
    erasure = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure_id)
    now = timezone.now()
    if erasure.state != ErasureState.REQUESTED or erasure.due_at > now:
        return None
    blockers = ports.erasure_blockers(person)
    if blockers:
        erasure.due_at = now + ASK_AGAIN_AFTER
        erasure.receipt = {"put_off": blockers}
        erasure.save(update_fields=["due_at", "receipt"])
        return erasure
    end_all_sessions(user=person, because="erased")
    erased = {name: eraser(person) for name, eraser in ports.erasers().items()}
    _pseudonymise(person)
    receipt = {"erased": erased, "kept": ["restrictions", "audit log"], "at": now.isoformat()}
    move(erasure, ErasureState.DONE, ERASURE_MOVES, done_at=now, receipt=receipt)
    audit.record(
        action="accounts.erase_person", target_kind="user", target_id=person.pk, reason="asked for", after=receipt
    )
    publish(PersonErased(user_id=person.pk))
    return erasure


def carry_out_due_erasures() -> int:
    """Carry out all that are due, each in a transaction of its own; return how many were done."""
    due = list(selectors.due_erasures(timezone.now()).values_list("pk", flat=True)[:100])
    return each(due, _carry_out_one)


def _carry_out_one(erasure_id: uuid.UUID) -> bool:
    erasure = carry_out_erasure(erasure_id=erasure_id)
    return erasure is not None and erasure.state == ErasureState.DONE


def _locked(user_id: uuid.UUID) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)


def _locked_with_neighbours(user_id: uuid.UUID) -> User:
    """Lock the person and everybody whose counters will change, in the order of their ids as everybody does."""
    person = User.objects.get(pk=user_id)
    touched = User.objects.filter(
        Q(pk=user_id) | Q(pk__in=selectors.followed_ids(person)) | Q(pk__in=selectors.follower_ids(person))
    )
    locked = touched.select_for_update(of=("self",), no_key=True).order_by("pk")
    return next(user for user in list(locked) if user.pk == user_id)


def _pseudonymise(person: User) -> None:
    """Leave a row without a person: what others keep (orders, reviews) still points to somebody, named by nothing."""
    person.refresh_from_db()
    now = timezone.now()
    fresh = User(pk=person.pk, username=f"deleted_{person.pk.hex[-12:]}", created_at=person.created_at)
    fresh.session_version = person.session_version
    fresh.revision = person.revision + 1
    fresh.suspended_at, fresh.listings_hidden_at = person.suspended_at, person.listings_hidden_at
    fresh.is_active, fresh.erased_at = False, now
    fresh.set_unusable_password()
    fresh.groups.clear()
    fresh.user_permissions.clear()
    fresh.save(force_update=True)
