"""Installed apps that push messages can reach."""

from django.db import transaction
from django.utils import timezone

from accounts import rules
from accounts.errors import DeviceNotFound, TooManyDevices
from accounts.models import Device, User


@transaction.atomic
def register_device(
    *, user: User, device_id: str, platform: str, push_token: str = "", name: str | None = None
) -> Device:
    """Add a device, or bring it up to date; without a name it keeps the one it has. A push token moves with its phone: whoever had it
    before loses it.

    Raises:
        TooManyDevices.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if push_token:
        Device.objects.filter(push_token=push_token).exclude(user=user, device_id=device_id).update(push_token="")
    known = Device.objects.filter(user=user, device_id=device_id).exists()
    if not known and Device.objects.filter(user=user).count() >= rules.MAX_DEVICES:
        raise TooManyDevices(limit=rules.MAX_DEVICES)
    device, _new = Device.objects.update_or_create(
        user=user,
        device_id=device_id,
        defaults={"platform": platform, "push_token": push_token, "last_seen_at": timezone.now()}
        | ({} if name is None else {"name": name}),
    )
    return device


def forget_device(*, user: User, device_id: str) -> None:
    """Remove a device by the id that the app gave it. Raises DeviceNotFound."""
    if "\0" in device_id:  # PostgreSQL takes none, and none is there
        raise DeviceNotFound
    deleted, _by_model = Device.objects.filter(user=user, device_id=device_id).delete()
    if not deleted:
        raise DeviceNotFound
