"""The groups of staff, kept equal to the table in the settings."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from core import audit


@transaction.atomic
def sync_staff_groups(*, table: Mapping[str, Sequence[str]]) -> list[str]:
    """Give each group exactly the permissions that the table names ("app.codename"); return the names of groups that changed.

    Groups that the table does not know are left alone. People stay in their groups. Every change is audited.

    Raises:
        LookupError: the table names a permission that does not exist; nothing is written.
    """
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    unknown = sorted({name for names in table.values() for name in names} - set(known))
    if unknown:
        raise LookupError(", ".join(unknown))
    changed = []
    for name, wanted in table.items():
        group, _made = Group.objects.get_or_create(name=name)
        before = {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in group.permissions.select_related("content_type")
        }
        if before == set(wanted):
            continue
        group.permissions.set([known[permission] for permission in wanted])
        audit.record(
            action="moderation.group_synced",
            target_kind="group",
            target_id=group.pk,
            reason=name,
            before={"permissions": sorted(before)},
            after={"permissions": sorted(wanted)},
        )
        changed.append(name)
    return changed
