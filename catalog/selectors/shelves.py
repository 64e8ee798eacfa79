"""Categories, what they ask, what stands on them; brands."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, F, Max, Q, QuerySet

from accounts.models import User
from accounts.selectors import with_brief
from catalog.errors import CategoryNotFound, CategoryUnknown
from catalog.models import (
    Brand,
    Category,
    CategoryAttribute,
    Product,
)
from catalog.selectors.cards import card_rows
from catalog.selectors.visibility import Viewer, visible_products
from catalog.states import WITH_A_PAGE, ProductState

SHELF_COUNTS_KEPT_FOR = 300  # seconds; the Souk Loop specification, 2.3
TRENDING_WINDOW = 500


@dataclass(frozen=True)
class Shelf:
    """A category in the tree: its path from the root down to itself, and what stands below it."""

    category: Category
    path: tuple[Category, ...]
    ids_below: frozenset[int]  # itself included
    below: list[Category]  # its children, each with `.below` again

    @property
    def ids_above(self) -> list[int]:
        return [category.pk for category in self.path]


def category_tree() -> list[Category]:
    """The roots of all active categories in their order, each with its active children in `.below`. One query."""
    return [category for category in _linked().values() if category.parent_id is None]


def _linked(*, closed_too: bool = False) -> dict[int, Category]:
    """Categories by id, in their order, with `.below` filled in. What stands below a closed one is closed with it.

    The tree is some twenty rows: reading it whole beats a recursive query.
    """
    by_id = {c.pk: c for c in Category.objects.order_by("position", "id")}
    for category in by_id.values():
        category.below = []
    if not closed_too:
        by_id = {pk: c for pk, c in by_id.items() if all(above.is_active for above in _path(c, by_id))}
    for category in by_id.values():
        if category.parent_id is not None:
            by_id[category.parent_id].below.append(category)
    return by_id


def _path(category: Category, by_id: dict[int, Category]) -> list[Category]:
    path = [category]
    while path[0].parent_id is not None:
        path.insert(0, by_id[path[0].parent_id])
    return path


def _ids_below(category: Category) -> set[int]:
    return {category.pk}.union(*(_ids_below(child) for child in category.below))


def shelf(slug: str) -> Shelf:
    """An active category with its place in the tree. Raises CategoryNotFound."""
    found = _shelf(lambda c: c.slug == slug)
    if found is None:
        raise CategoryNotFound
    return found


def shelf_named(slug: str) -> Shelf:
    """The same for a category that a body or a filter names. Raises CategoryUnknown."""
    found = _shelf(lambda c: c.slug == slug)
    if found is None:
        raise CategoryUnknown(slug=slug)
    return found


def shelf_of(category: Category) -> Shelf:
    """Where a category stands, also a closed one."""
    found = _shelf(lambda c: c.pk == category.pk, closed_too=True)
    assert found is not None  # noqa: S101 - it exists
    return found


@dataclass(frozen=True)
class Standing:
    """Where a category stands, as far as fees and luxury go by it."""

    ids: frozenset[int]  # itself and all above it
    is_luxury: bool  # it or one above it


def standings_of(category_ids: Collection[int]) -> dict[int, Standing]:
    """Where these categories stand, also closed ones. One query."""
    rows = {pk: (parent, luxury) for pk, parent, luxury in Category.objects.order_by().values_list(*_STANDING)}
    found: dict[int, Standing] = {}
    for pk in category_ids:
        path: list[int] = []
        above: int | None = pk
        while above is not None:
            path.append(above)
            above = rows[above][0]
        found[pk] = Standing(frozenset(path), any(rows[each][1] for each in path))
    return found


_STANDING = ("id", "parent_id", "is_luxury")


def slug_of_category(category_id: int | None) -> str:
    """The slug of a category by its id, "" for none."""
    return Category.objects.filter(pk=category_id).values_list("slug", flat=True).first() or "" if category_id else ""


def category_numbered(category_id: int | None) -> Category | None:
    """A category by its key, also a closed one: for edits that name it so."""
    return Category.objects.filter(pk=category_id).first() if category_id else None


def _shelf(wanted: Callable[[Category], bool], *, closed_too: bool = False) -> Shelf | None:
    by_id = _linked(closed_too=closed_too)
    found = next((c for c in by_id.values() if wanted(c)), None)
    if found is None:
        return None
    return Shelf(found, tuple(_path(found, by_id)), frozenset(_ids_below(found)), found.below)


def questions_of(category_shelf: Shelf) -> list[CategoryAttribute]:
    """What a category asks: its parents' questions first, then its own; an own question replaces a parent's."""
    depth = {pk: n for n, pk in enumerate(category_shelf.ids_above)}
    asked: dict[str, CategoryAttribute] = {}
    rows = CategoryAttribute.objects.filter(category_id__in=depth)
    for question in sorted(rows, key=lambda q: (depth[q.category_id], q.position, q.pk)):
        asked[question.key] = question
    return list(asked.values())


def questions_of_all(roots: Sequence[Category]) -> dict[int, list[CategoryAttribute]]:
    """The same of every category of `category_tree`, by id: one query."""
    own: dict[int, list[CategoryAttribute]] = {}
    for question in CategoryAttribute.objects.order_by("position", "id"):
        own.setdefault(question.category_id, []).append(question)
    found: dict[int, list[CategoryAttribute]] = {}

    def walk(categories: Sequence[Category], above: dict[str, CategoryAttribute]) -> None:
        for category in categories:
            asked = above | {question.key: question for question in own.get(category.pk, ())}
            found[category.pk] = list(asked.values())
            walk(category.below, asked)

    walk(roots, {})
    return found


def brands(*, q: str = "", luxury: bool | None = None) -> QuerySet[Brand]:
    found = Brand.objects.filter(is_active=True).order_by("name_en", "id")
    if luxury is not None:
        found = found.filter(is_luxury=luxury)
    if q:
        found = found.filter(Q(name_en__icontains=q) | Q(name_ar__icontains=q))
    return found


def shelf_counts() -> dict[int, dict[str, int]]:
    """How many listings stand in each category, with everything below it: `total` (with sold ones) and `active`.

    Counted at most every five minutes for everybody: these are numbers on a button, and they count what listings say of themselves,
    without sellers' standing and blocks.
    """
    kept = cache.get("catalog:shelf_counts")
    if kept is not None:
        return kept
    rows = (
        Product.objects.filter(state__in=WITH_A_PAGE, hidden_at=None)
        .order_by()
        .values("category_id")
        .annotate(total=Count("id"), active=Count("id", filter=Q(state=ProductState.ACTIVE)))
    )
    own = {row["category_id"]: row for row in rows}
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    counts = {pk: {"total": 0, "active": 0} for pk in parents}
    for pk, row in own.items():
        above: int | None = pk
        while above is not None:
            counts[above]["total"] += row["total"]
            counts[above]["active"] += row["active"]
            above = parents[above]
    cache.set("catalog:shelf_counts", counts, SHELF_COUNTS_KEPT_FOR)
    return counts


def forget_shelf_counts() -> None:
    """After shelves changed: the next reader counts again."""
    cache.delete("catalog:shelf_counts")


def trending_products(*, viewer: Viewer, category_ids: Collection[int], limit: int = 10) -> list[dict[str, Any]]:
    """Rows of the cards that people look at and save most, among the newest few hundred of a shelf."""
    newest = (
        visible_products(viewer)
        .filter(category_id__in=category_ids)
        .order_by("-published_at", "-id")
        .values("pk")[:TRENDING_WINDOW]
    )
    liked = F("favourite_count") * 5 + F("view_count")
    return list(card_rows(Product.objects.filter(pk__in=newest), viewer=viewer).order_by(liked.desc(), "-id")[:limit])


def top_sellers(*, viewer: Viewer, category_ids: Collection[int], limit: int = 5) -> list[tuple[User, int]]:
    """Who sells most among the newest listings of a shelf, and how many of those are theirs.

    The most sales first, then the best rating, then the most listings.
    """
    newest = (
        visible_products(viewer)
        .filter(category_id__in=category_ids)
        .order_by("-published_at", "-id")
        .values("pk")[:TRENDING_WINDOW]
    )
    busy = (
        Product.objects.filter(pk__in=newest)
        .order_by()
        .values("seller_id")
        .annotate(here=Count("id"), sales=Max("seller__standing__sales_count"), stars=Max("seller__standing__rating"))
        .order_by(F("sales").desc(nulls_last=True), F("stars").desc(nulls_last=True), "-here", "seller_id")[:limit]
    )
    here = {row["seller_id"]: row["here"] for row in busy}
    people = {person.pk: person for person in with_brief(User.objects.filter(pk__in=here))}
    return [(people[pk], count) for pk, count in here.items() if pk in people]
