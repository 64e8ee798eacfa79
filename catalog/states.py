"""The life of a listing and the words of the catalogue."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves

TARGET_KIND = "product"  # as moderation knows us


class ProductState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PENDING_REVIEW = "pending_review", _("in review")
    ACTIVE = "active", _("for sale")
    PAUSED = "paused", _("paused")
    RESERVED = "reserved", _("reserved")
    SOLD = "sold", _("sold")
    REJECTED = "rejected", _("not approved")
    EXPIRED = "expired", _("expired")
    REMOVED = "removed", _("removed")


# States with a page for everybody: what is reserved or sold keeps its page, with similar things on it.
WITH_A_PAGE = (ProductState.ACTIVE, ProductState.RESERVED, ProductState.SOLD)

PRODUCT_MOVES = moves(
    {
        ProductState.DRAFT: (ProductState.PENDING_REVIEW, ProductState.ACTIVE, ProductState.REMOVED),
        ProductState.PENDING_REVIEW: (
            ProductState.ACTIVE,
            ProductState.REJECTED,
            ProductState.DRAFT,
            ProductState.REMOVED,
        ),
        ProductState.REJECTED: (ProductState.PENDING_REVIEW, ProductState.ACTIVE, ProductState.REMOVED),
        ProductState.ACTIVE: (
            ProductState.PAUSED,
            ProductState.RESERVED,
            ProductState.SOLD,
            ProductState.EXPIRED,
            ProductState.REMOVED,
            ProductState.PENDING_REVIEW,  # only by undoing an approval
        ),
        ProductState.PAUSED: (
            ProductState.ACTIVE,
            ProductState.SOLD,
            ProductState.EXPIRED,
            ProductState.REMOVED,
            ProductState.PENDING_REVIEW,  # the same
        ),
        ProductState.RESERVED: (ProductState.ACTIVE, ProductState.SOLD),
        ProductState.SOLD: (ProductState.ACTIVE, ProductState.PAUSED),  # only by undoing a sale that came to nothing
        ProductState.EXPIRED: (
            ProductState.ACTIVE,
            ProductState.PENDING_REVIEW,
            ProductState.SOLD,
            ProductState.REMOVED,
        ),
        ProductState.REMOVED: (  # only by undoing a moderator's removal
            ProductState.DRAFT,
            ProductState.PENDING_REVIEW,
            ProductState.ACTIVE,
            ProductState.PAUSED,
            ProductState.REJECTED,
            ProductState.EXPIRED,
        ),
    }
)

# What counts towards a seller's limit of open listings.
OPEN_STATES = (
    ProductState.DRAFT,
    ProductState.PENDING_REVIEW,
    ProductState.ACTIVE,
    ProductState.PAUSED,
    ProductState.RESERVED,
    ProductState.REJECTED,
)


class RevisionState(models.TextChoices):
    """A material edit of an approved listing, while the approved one stays visible."""

    PENDING = "pending", _("in review")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("not approved")
    WITHDRAWN = "withdrawn", _("withdrawn")


REVISION_MOVES = moves(
    {
        RevisionState.PENDING: (
            RevisionState.APPROVED,
            RevisionState.REJECTED,
            RevisionState.WITHDRAWN,
        ),
        # only by undoing a decision
        RevisionState.APPROVED: (RevisionState.PENDING, RevisionState.WITHDRAWN),
        RevisionState.REJECTED: (RevisionState.PENDING, RevisionState.WITHDRAWN),
    }
)


class FeedType(models.TextChoices):
    COMMUNITY = "community", _("neighbourhood")
    DISCOVER = "discover", _("discover")


class Condition(models.TextChoices):
    NEW = "new", _("new")
    LIKE_NEW = "like_new", _("like new")
    EXCELLENT = "excellent", _("excellent")
    VERY_GOOD = "very_good", _("very good")
    GOOD = "good", _("good")
    FAIR = "fair", _("fair")


class AttributeKind(models.TextChoices):
    CHOICE = "choice", _("one of a list")
    TEXT = "text", _("text")
    NUMBER = "number", _("number")
    YEAR = "year", _("year")
    FLAG = "flag", _("yes or no")
