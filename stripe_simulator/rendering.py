"""How objects are shown: without our own notes, with what depends on the moment, with what `expand[]` asks for."""

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from stripe_simulator.protocol import Doc, StripeError, list_of

if TYPE_CHECKING:
    from stripe_simulator.world import World


def present(world: "World", doc: Doc) -> Doc:
    """A copy for the outside."""
    shown = {name: value for name, value in deepcopy(doc).items() if not name.startswith("_")}
    finish = FINISH.get(doc.get("object", ""))
    if finish:
        finish(world, shown, doc)
    return shown


def _transfer(world: "World", shown: Doc, doc: Doc) -> None:
    shown["reversals"] = _inner(world, "transfer_reversal", f"/v1/transfers/{doc['id']}/reversals", transfer=doc["id"])


def _application_fee(world: "World", shown: Doc, doc: Doc) -> None:
    shown["refunds"] = _inner(world, "fee_refund", f"/v1/application_fees/{doc['id']}/refunds", fee=doc["id"])


def _account(world: "World", shown: Doc, doc: Doc) -> None:
    if not doc.get("deleted"):
        url = f"/v1/accounts/{doc['id']}/external_accounts"
        shown["external_accounts"] = _inner(world, "bank_account", url, owner=doc["id"], account=doc["id"])


def _balance_transaction(world: "World", shown: Doc, doc: Doc) -> None:
    shown["status"] = "available" if doc["available_on"] <= world.now() else "pending"


def _event(world: "World", shown: Doc, doc: Doc) -> None:
    waiting = world.store.rows(
        "SELECT count(*) AS n FROM deliveries WHERE event = ? AND state != 'delivered'", doc["id"]
    )
    shown["pending_webhooks"] = waiting[0]["n"]


def _inner(world: "World", kind: str, url: str, *, owner: str | None = None, **facets: str) -> Doc:
    account = owner or world.owner(next(iter(facets.values())))
    docs, has_more = world.store.page(kind, account, facets=facets)
    return list_of([present(world, doc) for doc in docs], url, has_more=has_more)


FINISH: dict[str, Callable[["World", Doc, Doc], None]] = {
    "transfer": _transfer,
    "application_fee": _application_fee,
    "account": _account,
    "balance_transaction": _balance_transaction,
    "event": _event,
}


def expand(world: "World", shown: Doc, paths: list[str]) -> Doc:
    for path in paths:
        if path.count(".") > 3:
            message = f"You cannot expand more than 4 levels of a property (got {path})."
            raise StripeError(message, code="property_expansion_max_depth")
        _expand(world, shown, path.split("."), path)
    return shown


def _expand(world: "World", node: Any, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if not isinstance(node, dict) or (name not in node and not _fill(world, node, name)):
        message = f"This property cannot be expanded ({path})."
        raise StripeError(message, param="expand")
    value = node[name]
    if name == "data" and isinstance(value, list):
        for item in value if rest else []:
            _expand(world, item, rest, path)
        return
    if isinstance(value, str):
        found = world.store.find(value)
        if not found:
            message = f"This property cannot be expanded ({path})."
            raise StripeError(message, param="expand")
        node[name] = present(world, found[0])
    elif value is not None and not (isinstance(value, dict) and "object" in value):
        message = f"This property cannot be expanded ({path})."
        raise StripeError(message, param="expand")
    if rest and node[name] is not None:
        _expand(world, node[name], rest, path)


def _fill(world: "World", node: Doc, name: str) -> bool:
    """Lists that are only there when asked for."""
    if node.get("object") == "charge" and name == "refunds":
        node["refunds"] = _inner(world, "refund", f"/v1/charges/{node['id']}/refunds", charge=node["id"])
        return True
    return False
