"""Carts by `/api/v1/cart…`, of people and of guests."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.etags import IF_MATCH, etag, revision_wanted, with_etag
from core.rest.tagged import TaggedView
from orders import actions, selectors, tokens
from orders.api.serializers import PutIn, QuantityIn, SyncIn
from orders.selectors import Owner
from orders.shapes import CartChangesOut, CartOut, SyncedOut


def cart_answer(owner: Owner) -> dict[str, Any]:
    cart = selectors.cart_for(owner)
    lines = selectors.cart_lines(cart)
    shape = selectors.cart_shape(cart, lines, selectors.cart_changes(cart, lines))
    return {**shape, "cart_key": tokens.seal(owner.guest_key)} if owner.user is None and owner.guest_key else shape


def told(request: Request, owner: Owner, *, status: int = 200) -> Response:
    answer = cart_answer(owner)
    response = Response(answer, status=status)
    tokens.remember(response, owner)
    return with_etag(request, response, etag(answer["id"], answer["revision"])) if answer["id"] else response


class CartView(TaggedView):
    """A guest's answers are not kept: they carry the key of the cart."""

    permission_classes = (AllowAny,)
    unkeyed = None
    guarded = frozenset()


class Cart(CartView):
    guarded = frozenset({"delete"})

    @extend_schema(operation_id="cart_retrieve", responses=CartOut)
    def get(self, request: Request) -> Response:
        """What is in the cart, by seller, with what became of each line since it was last looked at."""
        return told(request, tokens.owner_of(request._request))

    @extend_schema(operation_id="cart_add", request=PutIn, responses={201: CartOut})
    def post(self, request: Request) -> Response:
        """Put something in, or more of it. Nothing is set aside by it."""
        body = PutIn(data=request.data)
        body.is_valid(raise_exception=True)
        owner = tokens.owner_to_keep(request._request)
        actions.add_to_cart(owner=owner, **body.said())
        return told(request, owner, status=201)

    @extend_schema(operation_id="cart_clear", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take everything out."""
        owner = tokens.owner_of(request._request)
        if selectors.cart_for(owner) is not None:
            actions.clear_cart(owner=owner)
        return Response(status=204)


class CartItem(CartView):
    @extend_schema(operation_id="cart_change_item", request=QuantityIn, parameters=[IF_MATCH], responses=CartOut)
    def patch(self, request: Request, item_id: uuid.UUID) -> Response:
        """Have another number of something. If-Match may name the cart's revision."""
        body = QuantityIn(data=request.data)
        body.is_valid(raise_exception=True)
        owner = tokens.owner_of(request._request)
        revision = self._revision(request, owner)
        actions.change_cart_item(owner=owner, item_id=item_id, revision=revision, **body.validated_data)
        return told(request, owner)

    @extend_schema(operation_id="cart_remove_item", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request, item_id: uuid.UUID) -> Response:
        """Take something out."""
        owner = tokens.owner_of(request._request)
        actions.remove_from_cart(owner=owner, item_id=item_id, revision=self._revision(request, owner))
        return Response(status=204)

    def _revision(self, request: Request, owner: Owner) -> int | None:
        cart = selectors.cart_for(owner)
        return revision_wanted(request, cart.pk) if cart else None


class CartSync(CartView):
    @extend_schema(operation_id="cart_sync", request=SyncIn, responses=SyncedOut)
    def post(self, request: Request) -> Response:
        """Bring what a device has into the cart; the larger number stays. What cannot be bought is named with the reason."""
        body = SyncIn(data=request.data)
        body.is_valid(raise_exception=True)
        owner = tokens.owner_to_keep(request._request)
        synced = actions.sync_cart(owner=owner, things=body.things())
        left_out = [
            {
                "product_id": thing.product_id,
                "variant_id": thing.variant_id,
                "code": refusal.code,
                "detail": refusal.message,
            }
            for thing, refusal in synced.left_out
        ]
        response = Response({"cart": cart_answer(owner), "left_out": left_out})
        tokens.remember(response, owner)
        return response


class CartCheck(CartView):
    @extend_schema(operation_id="cart_check", responses=CartChangesOut)
    def get(self, request: Request) -> Response:
        """What is not as its person last saw it."""
        owner = tokens.owner_of(request._request)
        changes = selectors.cart_changes(selectors.cart_for(owner))
        return Response({"changes": [selectors.change_shape(change) for change in changes], "cart": cart_answer(owner)})


class CartAccept(CartView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="cart_accept", request=None, responses=CartChangesOut)
    def post(self, request: Request) -> Response:
        """The person has seen what changed: prices count as seen, what is gone is taken out."""
        owner = tokens.owner_of(request._request)
        changes = []
        if selectors.cart_for(owner) is not None:
            changes = [selectors.change_shape(change) for change in actions.accept_cart_changes(owner=owner)]
        return Response({"changes": changes, "cart": cart_answer(owner)})
