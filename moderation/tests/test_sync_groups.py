import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from core.models import AuditEntry
from moderation import actions

pytestmark = pytest.mark.django_db


def permissions_of(name):
    return {
        f"{p.content_type.app_label}.{p.codename}"
        for p in Group.objects.get(name=name).permissions.select_related("content_type")
    }


def test_every_group_has_just_what_the_table_says(capsys):
    call_command("sync_groups")
    assert set(settings.STAFF_GROUPS) == {
        "moderator", "verifier", "authentication expert", "finance", "support", "admin",
    }  # fmt: skip
    for name, wanted in settings.STAFF_GROUPS.items():
        assert permissions_of(name) == set(wanted)
    assert "moderator" in capsys.readouterr().out


def test_nobody_may_delete_and_moderators_may_change_no_row():
    granted = {name for wanted in settings.STAFF_GROUPS.values() for name in wanted}
    assert not [name for name in granted if ".delete_" in name]
    assert not [n for n in settings.STAFF_GROUPS["moderator"] if ".change_" in n or ".add_" in n]
    assert not [n for n in granted if n.startswith(("accounts.change", "accounts.add", "auth."))]


def test_a_second_run_changes_nothing(capsys):
    call_command("sync_groups")
    entries = AuditEntry.objects.count()
    call_command("sync_groups")
    assert "all as they should be" in capsys.readouterr().out
    assert AuditEntry.objects.count() == entries


def test_what_was_granted_by_hand_is_taken_back_and_written_down():
    call_command("sync_groups")
    group = Group.objects.get(name="moderator")
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    other = Group.objects.create(name="pen friends")

    assert actions.sync_staff_groups(table=settings.STAFF_GROUPS) == ["moderator"]

    assert "accounts.delete_user" not in permissions_of("moderator")
    assert "accounts.delete_user" in AuditEntry.objects.latest("id").before["permissions"]
    assert Group.objects.filter(pk=other.pk).exists()


def test_an_unknown_permission_is_refused_and_nothing_is_written(settings):
    settings.STAFF_GROUPS = {"moderator": ("moderation.fly",)}
    with pytest.raises(CommandError, match=r"moderation\.fly"):
        call_command("sync_groups")
    assert not Group.objects.filter(name="moderator").exists()
