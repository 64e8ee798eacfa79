from stripe_simulator.protocol import Doc, new_id
from stripe_simulator.rendering import present
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import merged_metadata

GIVEN = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping", "tax_exempt")


@route("POST", "/v1/customers", "CustomerCreateParams")
def create(call: Call) -> Doc:
    doc: Doc = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.world.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": new_id("", 8)[1:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": merged_metadata(None, call.params.get("metadata")),
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    doc |= {name: call.params[name] or None for name in GIVEN if name in call.params}
    call.world.store.add(doc, call.account)
    call.world.announce("customer.created", doc, call.account)
    return doc


@route("GET", "/v1/customers", "CustomerListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "customer", "/v1/customers", filters=("email",))


@route("GET", "/v1/customers/{customer}", "CustomerRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("customer", "customer")


@route("POST", "/v1/customers/{customer}", "CustomerUpdateParams")
def update(call: Call) -> Doc:
    doc = call.get("customer", "customer")
    changes = {name: call.params[name] or None for name in GIVEN if name in call.params}
    changes["metadata"] = merged_metadata(doc["metadata"], call.params.get("metadata"))
    return call.world.change(doc, "customer.updated", **changes)


@route("DELETE", "/v1/customers/{customer}", "CustomerDeleteParams")
def delete(call: Call) -> Doc:
    doc = call.get("customer", "customer")
    call.world.announce("customer.deleted", present(call.world, doc), call.account)
    gone = {"id": doc["id"], "object": "customer", "created": doc["created"], "livemode": False, "deleted": True}
    call.world.store.save(gone)
    return {"id": doc["id"], "object": "customer", "deleted": True}
