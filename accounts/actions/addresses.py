"""Where a person wants things delivered. One address is the default as soon as there is any."""

from typing import Any

from django.db import transaction

from accounts import identifiers, rules
from accounts.errors import AddressNotFound, TooManyAddresses
from accounts.models import Address, User
from core.errors import StaleRevision
from core.geo import LatLng
from places.selectors import neighborhood_at


@transaction.atomic
def add_address(
    *, user: User, place: LatLng | None = None, phone: str, is_default: bool = False, **words: str
) -> Address:
    """Keep another address. The first one is the default, whatever was asked.

    `words`: label, recipient, street, building, unit, city, country, instructions.

    Raises:
        TooManyAddresses, NotAPhone.
    """
    _lock_owner(user)
    theirs = Address.objects.filter(user=user)
    if theirs.count() >= rules.MAX_ADDRESSES:
        raise TooManyAddresses(limit=rules.MAX_ADDRESSES)
    becomes_default = is_default or not theirs.exists()
    if becomes_default:
        theirs.filter(is_default=True).update(is_default=False)
    return Address.objects.create(
        user=user,
        phone=identifiers.read_phone(phone).value,
        is_default=becomes_default,
        **_placed(place),
        **words,
    )


@transaction.atomic
def edit_address(
    *,
    user: User,
    address: Address,
    revision: int | None = None,
    place: LatLng | None = None,
    is_default: bool = False,
    **changes: Any,
) -> Address:
    """Change what is given. `is_default=True` takes the mark from the other; there is no way to have none.

    Raises:
        AddressNotFound, StaleRevision, NotAPhone.
    """
    _lock_owner(user)
    row = Address.objects.select_for_update(of=("self",)).filter(pk=address.pk, user=user).first()
    if row is None:
        raise AddressNotFound
    if revision is not None and revision != row.revision:
        raise StaleRevision
    if "phone" in changes:
        changes["phone"] = identifiers.read_phone(changes["phone"]).value
    if place is not None:
        changes.update(_placed(place))
    if is_default and not row.is_default:
        Address.objects.filter(user=user, is_default=True).update(is_default=False)
        changes["is_default"] = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    return row


@transaction.atomic
def remove_address(*, user: User, address: Address) -> None:
    """Forget an address; if it was the default, the newest of the others becomes it. Raises AddressNotFound."""
    _lock_owner(user)
    row = Address.objects.filter(pk=address.pk, user=user).first()
    if row is None:
        raise AddressNotFound
    row.delete()
    if row.is_default:
        newest = Address.objects.filter(user=user).order_by("-id").first()
        if newest is not None:
            newest.is_default = True
            newest.save(update_fields=["is_default", "updated_at"])


def _lock_owner(user: User) -> None:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _placed(place: LatLng | None) -> dict[str, Any]:
    return {"location": place.point, "neighborhood": neighborhood_at(place)} if place else {}
