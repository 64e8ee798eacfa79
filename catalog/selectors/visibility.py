"""Who sees which listing: one rule, as a queryset and as SQL."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Block, User
from catalog.errors import ProductNotFound
from catalog.models import Favourite, Product
from catalog.states import WITH_A_PAGE, ProductState

Viewer = User | AnonymousUser | None

# The rule as SQL, for statements that the hot reads write by hand: `p` is catalog_product, `u` its seller in accounts_user, and
# the parameter `viewer` a person's id or NULL for strangers. A property test holds it equal to `visible_products`.
_SEEN_SQL = """
    p.hidden_at IS NULL AND u.is_active AND u.suspended_at IS NULL AND u.listings_hidden_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocker_id = %(viewer)s::uuid AND b.blocked_id = p.seller_id)
    AND NOT EXISTS (SELECT 1 FROM accounts_block b WHERE b.blocked_id = %(viewer)s::uuid AND b.blocker_id = p.seller_id)
"""
VISIBLE_SQL = f"p.state = 'active' AND {_SEEN_SQL}"
VISIBLE_SOLD_SQL = f"p.state = 'sold' AND {_SEEN_SQL}"  # what keeps its page after it was sold
VISIBLE_OR_SOLD_SQL = f"p.state IN ('active', 'sold') AND {_SEEN_SQL}"


def visible_products(viewer: Viewer) -> QuerySet[Product]:
    """What `viewer` may be shown as for sale: every feed, search, shelf and suggestion starts here.

    Active, not hidden by moderation, of a seller in good standing, with no block between the two either way.
    """
    return _seen_by(viewer, (ProductState.ACTIVE,))


def products_with_a_page(viewer: Viewer) -> QuerySet[Product]:
    """What strangers may open: what they are shown, and besides it what is reserved or sold."""
    return _seen_by(viewer, WITH_A_PAGE)


def _seen_by(viewer: Viewer, states: Sequence[str]) -> QuerySet[Product]:
    found = Product.objects.filter(
        state__in=states,
        hidden_at=None,
        seller__is_active=True,
        seller__suspended_at=None,
        seller__listings_hidden_at=None,
    )
    if len(states) == 1:  # the partial indexes want to read `state = 'active'`
        found = found.filter(state=states[0])
    if viewer is None or not viewer.pk:
        return found
    return found.exclude(
        Exists(Block.objects.filter(blocker_id=viewer.pk, blocked_id=OuterRef("seller_id")))
        | Exists(Block.objects.filter(blocked_id=viewer.pk, blocker_id=OuterRef("seller_id")))
    )


def product_of_seller(*, seller: User, product_id: uuid.UUID) -> Product:
    """A listing as its owner sees it, in whatever state. Raises ProductNotFound."""
    found = _with_parts(Product.objects.filter(pk=product_id, seller=seller)).first()
    if found is None:
        raise ProductNotFound
    return found


def product_page(*, viewer: Viewer, product_id: uuid.UUID) -> Product:
    """A listing with all that its page shows; the owner's own is found in every state.

    Raises:
        ProductNotFound: there is none, or none that `viewer` may see.
    """
    seen = products_with_a_page(viewer).filter(pk=product_id)
    if viewer is not None and viewer.pk:
        seen = Product.objects.filter(Q(pk=product_id, seller_id=viewer.pk) | Q(pk__in=seen.values("pk")))
        seen = seen.annotate(
            is_favourite=Exists(Favourite.objects.filter(user_id=viewer.pk, product_id=OuterRef("pk")))
        )
    found = _with_parts(seen).first()
    if found is None:
        raise ProductNotFound
    return found


def product_for_staff(product_id: uuid.UUID) -> Product:
    """A listing in whatever state, for the console. Raises ProductNotFound."""
    found = _with_parts(Product.objects.filter(pk=product_id)).first()
    if found is None:
        raise ProductNotFound
    return found


def may_see(*, viewer: Viewer, product: Product) -> bool:
    return products_with_a_page(viewer).filter(pk=product.pk).exists()


def _with_parts(products: QuerySet[Product]) -> QuerySet[Product]:
    return products.select_related(
        "seller__standing", "seller__neighborhood", "category", "brand", "neighborhood", "cover", "video"
    ).defer("neighborhood__boundary", "seller__neighborhood__boundary")
