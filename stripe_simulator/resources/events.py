from stripe_simulator.protocol import Doc, StripeError, list_of
from stripe_simulator.rendering import present
from stripe_simulator.routing import Call, bounds, page_of, route


@route("GET", "/v1/events", "EventListParams")
def list_all(call: Call) -> Doc:
    params = call.params
    types = params.get("types", [params["type"]] if "type" in params else [])
    if len(types) > 20 or ("types" in params and "type" in params):
        message = "You may pass up to 20 types, and not both type and types."
        raise StripeError(message, param="types")
    if not types and "delivery_success" not in params:
        return page_of(call, "event", "/v1/events")
    conditions = []
    if types:
        names = ", ".join("'{}'".format(name.replace("'", "").replace("*", "%")) for name in types)
        conditions.append(f"json_extract(doc, '$.type') IN ({names})")  # quotes were taken out
    if "delivery_success" in params:
        undelivered = "EXISTS (SELECT 1 FROM deliveries WHERE event = objects.id AND state != 'delivered')"
        conditions.append(f"{'NOT ' if params['delivery_success'] else ''}{undelivered}")
    docs, has_more = call.world.store.page(
        "event",
        call.account,
        created=bounds(params.get("created")),
        after=params.get("starting_after"),
        before=params.get("ending_before"),
        limit=params.get("limit", 10),
        extra=" AND ".join(conditions),
    )
    return list_of([present(call.world, doc) for doc in docs], "/v1/events", has_more=has_more)


@route("GET", "/v1/events/{id}", "EventRetrieveParams")
def retrieve(call: Call) -> Doc:
    return call.get("event", "id")
