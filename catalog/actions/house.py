"""What staff change and read: shelves, their questions, brands, the exact place of a listing. Every step is in the audit log."""

import uuid
from typing import Any

from django.db import models, transaction

from accounts.models import User
from catalog.actions.locks import lock_product
from catalog.models import Brand, Category, CategoryAttribute
from catalog.selectors import forget_shelf_counts
from core import audit
from core.errors import NotAllowed
from core.geo import LatLng

EXACT_PLACE = "catalog.view_exact_place"


@transaction.atomic
def save_category(*, staff: User, category: Category) -> Category:
    """Add or change a shelf. Raises NotAllowed."""
    _save(staff, category, "category")
    forget_shelf_counts()
    return category


@transaction.atomic
def save_question(*, staff: User, question: CategoryAttribute) -> CategoryAttribute:
    """Add or change what a shelf asks. Answers that were given stay; those that no longer fit are asked again at the next edit.

    Raises:
        NotAllowed.
    """
    _save(staff, question, "category")
    return question


@transaction.atomic
def save_brand(*, staff: User, brand: Brand) -> Brand:
    """Add or change a brand. Raises NotAllowed."""
    _save(staff, brand, "brand")
    return brand


@transaction.atomic
def read_exact_place(*, staff: User, product_id: uuid.UUID, reason: str) -> tuple[LatLng | None, str]:
    """Where exactly a listing is, and its building's name, for somebody of the staff with a reason. Audited.

    Raises:
        NotAllowed, ProductNotFound.
    """
    if not staff.has_perm(EXACT_PLACE):
        raise NotAllowed
    product = lock_product(product_id)
    audit.record(
        action="catalog.exact_place_read", target_kind="product", target_id=product.pk, actor=staff, reason=reason
    )
    return (LatLng.of(product.location) if product.location else None), product.building_name


def _save(staff: User, thing: models.Model, permission: str) -> None:
    before = type(thing)._default_manager.filter(pk=thing.pk).first() if thing.pk else None
    if not staff.has_perm(f"catalog.{'change' if before else 'add'}_{permission}"):
        raise NotAllowed
    old = _facts(before) if before else {}
    thing.save()
    new = _facts(thing)
    changed = {name for name in new if old.get(name) != new[name]}
    if changed:
        audit.record(
            action=f"catalog.{thing._meta.model_name}_{'changed' if before else 'added'}",
            target_kind=str(thing._meta.model_name),
            target_id=str(thing.pk),
            actor=staff,
            before={name: old.get(name) for name in sorted(changed)} if before else None,
            after={name: new[name] for name in sorted(changed)},
        )


def _facts(thing: models.Model) -> dict[str, Any]:
    """The columns as JSON can hold them; numbers as text, so that 5 and 5.00 of a decimal column read alike."""
    facts = {}
    for field in thing._meta.concrete_fields:
        value = field.value_from_object(thing)
        plain = value is None or isinstance(value, str | bool | int | list | dict)
        facts[field.attname] = value if plain else str(field.to_python(value))
    return facts
