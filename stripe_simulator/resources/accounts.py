from typing import Any

from stripe_simulator.protocol import PLATFORM, Doc, StripeError, new_id
from stripe_simulator.resources.balance_settings import settings_of
from stripe_simulator.resources.external_accounts import add_bank_account
from stripe_simulator.routing import Call, page_of, route
from stripe_simulator.world import World, merged_metadata

# What a person still has to tell before money may move.
WANTED = (
    "business_profile.mcc",
    "business_profile.url",
    "external_account",
    "individual.dob.day",
    "individual.first_name",
    "individual.id_number",
    "individual.last_name",
    "tos_acceptance.date",
)
GIVEN = ("business_type", "email", "tos_acceptance")
CURRENCIES = {"AE": "aed", "US": "usd"}


@route("POST", "/v1/accounts", "AccountCreateParams")
def create(call: Call) -> Doc:
    world, params = call.world, call.params
    if call.account != PLATFORM:
        raise StripeError("Only the platform makes accounts.", status=403, code="account_invalid")
    if "type" in params and "controller" in params:
        raise StripeError("The `type` and `controller` parameters cannot be used together.", param="type")
    country = params.get("country", "AE").upper()
    if country not in CURRENCIES:
        raise StripeError(
            f"Country '{country}' is unknown to the simulator; it knows {', '.join(CURRENCIES)}.", param="country"
        )
    pk = new_id("acct", 16)
    doc: Doc = {
        "id": pk,
        "object": "account",
        "business_profile": blank_profile() | params.get("business_profile", {}),
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": controller(params),
        "country": country,
        "created": world.now(),
        "default_currency": CURRENCIES[country],
        "details_submitted": False,
        "email": None,
        "future_requirements": no_requirements(),
        "metadata": merged_metadata(None, params.get("metadata")),
        "payouts_enabled": False,
        "requirements": no_requirements(),
        "settings": settings(),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": params.get("type", "none" if "controller" in params else "standard"),
    }
    doc |= {name: params[name] for name in GIVEN if params.get(name)}
    if (
        "stripe_dashboard" in params.get("controller", {})
        and params["controller"]["stripe_dashboard"].get("type") == "express"
    ):
        doc["type"] = "express"
    doc["capabilities"] = {
        name: "inactive" for name, asked in params.get("capabilities", {}).items() if asked.get("requested")
    }
    world.store.add(doc, PLATFORM)
    if "external_account" in params:
        add_bank_account(world, doc, params["external_account"])
    settle(world, doc, list(WANTED))
    world.announce("account.updated", doc, pk)
    return doc


def blank_profile() -> Doc:
    names = (
        "mcc",
        "name",
        "product_description",
        "support_address",
        "support_email",
        "support_phone",
        "support_url",
        "url",
    )
    return dict.fromkeys(names)


def controller(params: Doc) -> Doc:
    asked = params.get("controller", {})
    return {
        "fees": {"payer": asked.get("fees", {}).get("payer", "account")},
        "is_controller": True,
        "losses": {"payments": asked.get("losses", {}).get("payments", "stripe")},
        "requirement_collection": asked.get("requirement_collection", "stripe"),
        "stripe_dashboard": {"type": asked.get("stripe_dashboard", {}).get("type", "full")},
        "type": "application",
    }


def settings() -> Doc:
    return {
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Asia/Dubai"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
    }


def no_requirements() -> Doc:
    lists: Doc = {
        name: []
        for name in ("alternatives", "currently_due", "errors", "eventually_due", "past_due", "pending_verification")
    }
    return lists | {"current_deadline": None, "disabled_reason": None}


def settle(world: World, doc: Doc, due: list[str], *, disabled: str | None = None) -> None:
    """Write what is still due, and what the account may do because of it."""
    has_bank = any(not bank.get("deleted") for bank in world.store.all("bank_account", doc["id"]))
    if has_bank:
        due = [name for name in due if name != "external_account"]
    may = not due and not disabled
    reason = disabled or ("requirements.past_due" if due else None)
    doc["requirements"] = no_requirements() | {
        "currently_due": due,
        "eventually_due": due,
        "past_due": due,
        "disabled_reason": reason,
    }
    doc["capabilities"] = dict.fromkeys(doc["capabilities"], "active" if may else "inactive")
    doc["charges_enabled"] = may and doc["capabilities"].get("card_payments", "active") == "active"
    doc["payouts_enabled"] = may and has_bank
    world.store.save(doc)


def finish_onboarding(world: World, pk: str, outcome: str, bank: Doc | None = None) -> Doc:
    """What a person did on Stripe's pages: told everything (complete), left something out (due), was refused (disabled)."""
    doc = world.get("account", pk)
    before = {
        name: doc[name]
        for name in ("charges_enabled", "payouts_enabled", "details_submitted", "requirements", "capabilities")
    }
    if outcome in ("complete", "due"):
        doc["details_submitted"] = True
        doc["tos_acceptance"] |= {"date": world.now(), "ip": "192.0.2.1"}
        if not any(not kept.get("deleted") for kept in world.store.all("bank_account", pk)):
            given = {"object": "bank_account", "country": doc["country"], "currency": doc["default_currency"]}
            given["account_number"] = "AE070331234567890123456" if doc["country"] == "AE" else "000123456789"
            add_bank_account(world, doc, bank or given)
    elif outcome not in ("disabled", "deauthorized"):
        raise StripeError("outcome is one of: complete, due, disabled, deauthorized", param="outcome")
    if outcome == "deauthorized":
        return deauthorize(world, doc)
    due = {"complete": [], "due": ["individual.verification.document"], "disabled": []}[outcome]
    settle(world, doc, due, disabled="rejected.other" if outcome == "disabled" else None)
    tell(world, doc, before)
    return doc


def tell(world: World, doc: Doc, before: Doc) -> None:
    changed: Doc = {name: value for name, value in before.items() if doc[name] != value}
    for name, state in doc["capabilities"].items():
        if before["capabilities"].get(name) != state:
            world.announce(
                "capability.updated", capability(doc, name), doc["id"], {"status": before["capabilities"].get(name)}
            )
    changed.pop("capabilities", None)
    world.announce("account.updated", doc, doc["id"], changed)


def deauthorize(world: World, doc: Doc) -> Doc:
    application = {"id": "ca_souk", "object": "application", "name": "Souk Loop"}
    world.announce("account.application.deauthorized", application, doc["id"])
    return world.change(doc, None, _gone=True)


@route("POST", "/oauth/deauthorize", "OAuth.OAuthDeauthorizeParams")
def deauthorize_by_oauth(call: Call) -> Doc:
    """On Stripe's other host; the client needs a base address "connect" for it."""
    pk = call.params["stripe_user_id"]
    found = call.world.store.get("account", pk)
    if found is None or found.get("_gone"):
        message = f"This application is not connected to stripe account {pk}, or that account does not exist."
        raise StripeError(message, status=401, kind="invalid_client")
    deauthorize(call.world, found)
    return {"stripe_user_id": pk}


def capability(doc: Doc, name: str) -> Doc:
    wants = {field: doc["requirements"][field] for field in doc["requirements"]}
    return {
        "id": name,
        "object": "capability",
        "account": doc["id"],
        "future_requirements": no_requirements(),
        "requested": name in doc["capabilities"],
        "requested_at": doc["created"] if name in doc["capabilities"] else None,
        "requirements": wants,
        "status": doc["capabilities"].get(name, "unrequested"),
    }


@route("GET", "/v1/accounts", "AccountListParams")
def list_all(call: Call) -> Doc:
    return page_of(call, "account", "/v1/accounts")


@route("GET", "/v1/account", "AccountRetrieveCurrentParams")
def retrieve_current(call: Call) -> Doc:
    if call.account != PLATFORM:
        return call.world.get("account", call.account)
    money = settings_of(call.world, PLATFORM)["payments"]["payouts"]["schedule"]
    doc: Doc = {
        "id": PLATFORM,
        "object": "account",
        "charges_enabled": True,
        "country": "AE",
        "default_currency": "aed",
    }
    doc |= {"details_submitted": True, "payouts_enabled": True, "type": "standard", "email": None, "metadata": {}}
    schedule = {"delay_days": 7, "interval": money["interval"]}
    doc["settings"] = settings() | {
        "payouts": {"debit_negative_balances": True, "schedule": schedule, "statement_descriptor": None}
    }
    return doc


def account_of(call: Call) -> Doc:
    """The account that the path names: by the platform, or by itself."""
    pk = call.path["account"]
    found: Any = call.world.store.get("account", pk) if call.account in (PLATFORM, pk) else None
    if found is None or found.get("_gone"):
        message = f"The provided key does not have access to account '{pk}' (or that account does not exist)."
        raise StripeError(message, status=403, code="account_invalid")
    return found


@route("GET", "/v1/accounts/{account}", "AccountRetrieveParams")
def retrieve(call: Call) -> Doc:
    return account_of(call)


@route("POST", "/v1/accounts/{account}", "AccountUpdateParams")
def update(call: Call) -> Doc:
    world, params, doc = call.world, call.params, account_of(call)
    before = {name: doc[name] for name in ("charges_enabled", "payouts_enabled", "requirements", "capabilities")}
    doc |= {name: params[name] for name in GIVEN if params.get(name)}
    doc["metadata"] = merged_metadata(doc["metadata"], params.get("metadata"))
    if "business_profile" in params:
        doc["business_profile"] |= params["business_profile"]
    for name, asked in params.get("capabilities", {}).items():
        if asked.get("requested"):
            doc["capabilities"].setdefault(name, "inactive")
        else:
            doc["capabilities"].pop(name, None)
    if params.get("external_account"):
        add_bank_account(world, doc, params["external_account"], default=True)
    disabled = doc["requirements"]["disabled_reason"] or ""
    settle(
        world, doc, doc["requirements"]["currently_due"], disabled=disabled if disabled.startswith("rejected") else None
    )
    tell(world, doc, before)
    return doc


@route("DELETE", "/v1/accounts/{account}", "AccountDeleteParams")
def delete(call: Call) -> Doc:
    world, doc = call.world, account_of(call)
    held = world.store.rows("SELECT coalesce(sum(net), 0) AS held FROM money WHERE account = ?", doc["id"])
    if held[0]["held"]:
        raise StripeError("This account cannot be deleted: its balance is not zero.", code="account_closed")
    gone = {"id": doc["id"], "object": "account", "deleted": True}
    world.store.save(gone | {"_gone": True, "created": doc["created"]})
    return gone


@route("POST", "/v1/accounts/{account}/reject", "AccountRejectParams")
def reject(call: Call) -> Doc:
    doc = account_of(call)
    before = {name: doc[name] for name in ("charges_enabled", "payouts_enabled", "requirements", "capabilities")}
    reason = call.params["reason"]
    word = "fraud" if reason.startswith("fraud") else "other" if reason == "credit" else reason
    settle(call.world, doc, [], disabled=f"rejected.platform_{word}")
    tell(call.world, doc, before)
    return doc


@route("GET", "/v1/accounts/{account}/capabilities", "AccountCapabilityListParams")
def list_capabilities(call: Call) -> Doc:
    doc = account_of(call)
    data = [capability(doc, name) for name in sorted(doc["capabilities"])]
    return {"object": "list", "data": data, "has_more": False, "url": f"/v1/accounts/{doc['id']}/capabilities"}


@route("GET", "/v1/accounts/{account}/capabilities/{capability}", "AccountCapabilityRetrieveParams")
def retrieve_capability(call: Call) -> Doc:
    return capability(account_of(call), call.path["capability"])


@route("POST", "/v1/accounts/{account}/login_links", "AccountLoginLinkCreateParams")
def create_login_link(call: Call) -> Doc:
    doc = account_of(call)
    if not doc["details_submitted"]:
        raise StripeError("Cannot create a login link for an account that has not completed onboarding.")
    token = new_id("", 16)[1:]
    call.world.store.set(f"login_link {token}", doc["id"])
    return {"object": "login_link", "created": call.world.now(), "url": f"{call.world.public_url}/express/{token}"}
