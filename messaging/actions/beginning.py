"""Beginning to talk."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import PersonNotFound
from accounts.models import User
from accounts.rules import may_message
from accounts.selectors import follows
from catalog.errors import ProductNotFound
from catalog.models import Product
from catalog.selectors import products_with_a_page
from messaging import rules
from messaging.errors import BuyersStart, CannotBeReached, NotTheSeller, NotWithYourself
from messaging.models import Conversation, Participation
from messaging.selectors import standing


@transaction.atomic
def start_conversation(*, person: User, other_id: uuid.UUID, product_id: uuid.UUID | None = None) -> Conversation:
    """The conversation of two people about a listing (or about none), begun by `person` where there is none yet (`is_new`).

    One that is there is returned to whoever takes part, whatever became of the other or of the listing since. Two who begin it at the
    same moment get the same one. Locks the beginner's account last, while the new ones of their day are counted.

    Raises:
        NotWithYourself, PersonNotFound.
        Suspended, Restricted: the person may write to nobody.
        CannotBeReached: not to this one.
        ProductNotFound: none that the person may see. NotTheSeller: not the other's. BuyersStart: the person's own.
        TooManyNewConversations.
    """
    if other_id == person.pk:
        raise NotWithYourself
    first_id, second_id = sorted((person.pk, other_id))
    which: dict[str, Any] = {"first_id": first_id, "second_id": second_id, "product_id": product_id}
    found = Conversation.objects.filter(**which).first()
    if found is not None:
        return found
    now = timezone.now()
    _check_may_begin(person, other_id, now=now)
    if product_id is not None:
        _check_about(person, other_id, product_id)
    made = Conversation(
        first_id=first_id, second_id=second_id, product_id=product_id, started_by=person, created_at=now
    )
    Conversation.objects.bulk_create([made], ignore_conflicts=True)  # waits for another's that is not committed yet
    found = Conversation.objects.get(**which)
    if found.pk != made.pk:
        return found
    _check_how_many(person, now=now)
    Participation.objects.bulk_create(
        [
            Participation(conversation=found, person_id=one, other_id=other)
            for one, other in ((first_id, second_id), (second_id, first_id))
        ]
    )
    found.is_new = True
    return found


def _check_may_begin(person: User, other_id: uuid.UUID, *, now: datetime) -> None:
    other = User.objects.filter(pk=other_id).first()
    if other is None:
        raise PersonNotFound
    stands = standing(person_id=person.pk, other_id=other_id, now=now)
    rules.check_may_write(stands)
    welcome = may_message(
        sender=person,
        person=other,
        person_follows_sender=follows(other, person),
        blocked=stands.is_blocked,
        open_kinds=stands.open_kinds,
    )
    if not welcome:
        raise CannotBeReached


def _check_about(person: User, other_id: uuid.UUID, product_id: uuid.UUID) -> None:
    seller_id = Product.objects.filter(pk=product_id).values_list("seller_id", flat=True).first()
    if seller_id == person.pk:
        raise BuyersStart
    if not products_with_a_page(person).filter(pk=product_id).exists():
        raise ProductNotFound
    if seller_id != other_id:
        raise NotTheSeller


def _check_how_many(person: User, *, now: datetime) -> None:
    """Two at the limit's edge take turns: the one that was just made is among those counted."""
    User.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=person.pk)
    begun = Conversation.objects.filter(started_by=person, created_at__gt=now - rules.DAY).count()
    rules.check_new_conversations(begun=begun - 1, limit=rules.new_conversations_a_day(person, now=now))
