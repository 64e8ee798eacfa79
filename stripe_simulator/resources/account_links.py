from stripe_simulator.protocol import Doc, StripeError, new_id
from stripe_simulator.routing import Call, route

LIFE = 300  # seconds


@route("POST", "/v1/account_links", "AccountLinkCreateParams")
def create(call: Call) -> Doc:
    """A page where a person plays onboarding. As in life it serves once, and for a few minutes."""
    world, params = call.world, call.params
    account = world.get("account", params["account"], param="account")
    for name in ("return_url", "refresh_url"):
        if not params.get(name):
            message = f"You must provide a `{name}` to use account links of this type."
            raise StripeError(message, param=name)
    if params["type"] == "account_update" and account["controller"]["requirement_collection"] == "stripe":
        message = (
            "You cannot create `account_update` type Account Links for this account: Stripe collects its requirements."
        )
        raise StripeError(message, param="type")
    token = new_id("", 16)[1:]
    expires = world.now() + LIFE
    world.store.set(
        f"account_link {token}",
        {
            "account": account["id"],
            "expires": expires,
            "return": params["return_url"],
            "refresh": params["refresh_url"],
        },
    )
    url = f"{world.public_url}/onboarding/{token}"
    return {"object": "account_link", "created": world.now(), "expires_at": expires, "url": url}
