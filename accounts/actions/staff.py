"""Who belongs to the staff, and with which powers."""

from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.actions.sessions import end_all_sessions
from accounts.errors import NotByYourself
from accounts.models import User
from core import audit
from core.errors import NotAllowed


@transaction.atomic
def put_into_groups(*, user: User, groups: Iterable[Group], superuser: User, reason: str) -> User:
    """Give a person exactly these groups. With any of them they may enter the console, with none they may not and are signed out.

    Raises:
        NotAllowed: only a superuser gives powers.
        NotByYourself: nobody changes their own.
    """
    if not superuser.is_superuser:
        raise NotAllowed
    if superuser.pk == user.pk:
        raise NotByYourself
    person = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    before = sorted(person.groups.values_list("name", flat=True))
    wanted = list(groups)
    person.groups.set(wanted)
    was_staff, person.is_staff = person.is_staff, bool(wanted) or person.is_superuser
    person.save(update_fields=["is_staff", "updated_at"])
    if was_staff and not person.is_staff:
        end_all_sessions(user=person, because="no_longer_staff")
    audit.record(
        action="accounts.put_into_groups",
        target_kind="user",
        target_id=person.pk,
        actor=superuser,
        reason=reason,
        before={"groups": before},
        after={"groups": sorted(group.name for group in wanted)},
    )
    return person
