"""`/_sim/…`: what tests and people do to the simulator itself. JSON in, JSON out."""

import json
import re
from collections.abc import Callable

from stripe_simulator import ledger
from stripe_simulator.api import Api
from stripe_simulator.delivery import MODES
from stripe_simulator.idempotency import prune
from stripe_simulator.protocol import PLATFORM, Doc, Request, Response, StripeError, as_json
from stripe_simulator.rendering import present
from stripe_simulator.resources.accounts import finish_onboarding
from stripe_simulator.resources.disputes import close_dispute, open_dispute, warn_of_fraud
from stripe_simulator.resources.payouts import payout_arrives, payout_fails, payout_leaves
from stripe_simulator.resources.refunds import refund_fails, refund_succeeds

Control = Callable[[Api, Doc, str], Doc]
CONTROLS: list[tuple[str, re.Pattern[str], Control]] = []


def control(method: str, pattern: str) -> Callable[[Control], Control]:
    def keep(doing: Control) -> Control:
        CONTROLS.append((method, re.compile("/_sim/" + pattern), doing))
        return doing

    return keep


def answer(api: Api, request: Request) -> Response:
    try:
        for method, pattern, doing in CONTROLS:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                with api.world.store.transaction():
                    api.world.request = {"id": None, "idempotency_key": None}
                    api.world.do_due()
                    found = doing(api, request.json if method == "POST" else {}, next(iter(match.groups()), ""))
                    return as_json(found)
        raise StripeError(f"No such control: {request.method} {request.path}", status=404)
    except StripeError as error:
        return as_json({"error": error.body}, error.status)


@control("GET", "state")
def state(api: Api, asked: Doc, pk: str) -> Doc:
    """Counts per kind and state, sums of amounts, balances per account."""
    world = api.world
    rows = world.store.rows(
        "SELECT CASE WHEN id GLOB 'py_*' THEN 'destination_payment' WHEN id GLOB 'pyr_*' THEN 'destination_payment_refund'"
        " ELSE kind END AS kind, coalesce(json_extract(doc, '$.status'), '') AS status, count(*) AS n,"
        " coalesce(sum(json_extract(doc, '$.amount')), 0) AS amount FROM objects WHERE kind != 'event' GROUP BY 1, 2"
    )
    objects: Doc = {}
    for row in rows:
        kind = objects.setdefault(row["kind"], {"count": 0, "amount": 0, "by_status": {}})
        kind["count"] += row["n"]
        kind["amount"] += row["amount"]
        if row["status"] and row["kind"] != "balance_transaction":
            kind["by_status"][row["status"]] = {"count": row["n"], "amount": row["amount"]}
    balances = {}
    for row in world.store.rows("SELECT DISTINCT account FROM money"):
        sums = ledger.sums(world, row["account"])
        balances[row["account"]] = {
            currency: {"available": available, "pending": pending} for currency, (available, pending) in sums.items()
        }
    counted = {name: world.store.count(name) for name in ("requests", "saved_answers", "events")}
    waiting = {
        row["state"]: row["n"] for row in world.store.rows("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
    }
    return {
        "platform": PLATFORM,
        "time": world.time(),
        "objects": objects,
        "balances": balances,
        "deliveries": waiting,
        "faults": api.faults.shown(),
        "terms": vars(world.terms),
        **counted,
    }


@control("POST", "reset")
def reset(api: Api, asked: Doc, pk: str) -> Doc:
    """Forget everything but the webhook endpoints."""
    endpoints = api.world.endpoints()
    api.world.store.empty()
    api.world.store.set("endpoints", endpoints)
    api.faults.clear()
    return {"reset": True}


@control("POST", "clock")
def clock(api: Api, asked: Doc, pk: str) -> Doc:
    """`advance`: so many seconds pass. `begin_ago`: a world in which nothing has happened yet begins so long ago."""
    ago = asked.get("begin_ago")
    if ago is not None:
        if not isinstance(ago, int | float) or ago < 0 or not api.world.begin(ago):
            raise StripeError("begin_ago is a number of seconds, for a world without a past", param="begin_ago")
        return {"time": api.world.time()}
    seconds = asked.get("advance", 0)
    if not isinstance(seconds, int | float) or seconds < 0:
        raise StripeError("advance is a number of seconds, not negative", param="advance")
    api.world.skip(seconds)
    return {"time": api.world.time()}


@control("POST", "terms")
def terms(api: Api, asked: Doc, pk: str) -> Doc:
    return api.world.set_terms(asked)


@control("POST", "faults")
def add_fault(api: Api, asked: Doc, pk: str) -> Doc:
    api.faults.add(asked)
    return {"faults": api.faults.shown()}


@control("GET", "faults")
def list_faults(api: Api, asked: Doc, pk: str) -> Doc:
    return {"faults": api.faults.shown()}


@control("DELETE", "faults")
def clear_faults(api: Api, asked: Doc, pk: str) -> Doc:
    api.faults.clear()
    return {"faults": []}


@control("POST", "prune_keys")
def prune_keys(api: Api, asked: Doc, pk: str) -> Doc:
    return {"pruned": prune(api.world)}


# --- what happens outside Stripe: banks, buyers, sellers ---------------------------------------------------------------


@control("POST", r"payouts/(\w+)")
def decide_payout(api: Api, asked: Doc, pk: str) -> Doc:
    outcome = asked.get("outcome")
    if outcome == "paid":
        payout_arrives(api.world, pk)
    elif outcome == "in_transit":
        payout_leaves(api.world, pk)
    elif outcome == "failed":
        payout_fails(api.world, pk, asked.get("failure_code", "account_closed"))
    else:
        raise StripeError("outcome is one of: in_transit, paid, failed", param="outcome")
    return present(api.world, api.world.get("payout", pk))


@control("POST", r"refunds/(\w+)")
def decide_refund(api: Api, asked: Doc, pk: str) -> Doc:
    outcome = asked.get("outcome")
    if outcome == "succeeded":
        refund_succeeds(api.world, pk)
    elif outcome == "failed":
        refund_fails(api.world, pk, asked.get("failure_reason", "expired_or_canceled_card"))
    elif outcome == "requires_action":
        api.world.change(api.world.get("refund", pk), "refund.updated", status="requires_action")
    else:
        raise StripeError("outcome is one of: succeeded, failed, requires_action", param="outcome")
    return present(api.world, api.world.get("refund", pk))


@control("POST", r"charges/(\w+)/dispute")
def dispute_charge(api: Api, asked: Doc, pk: str) -> Doc:
    charge = api.world.get("charge", pk)
    return present(
        api.world, open_dispute(api.world, charge, reason=asked.get("reason", "fraudulent"), amount=asked.get("amount"))
    )


@control("POST", r"disputes/(\w+)")
def decide_dispute(api: Api, asked: Doc, pk: str) -> Doc:
    if asked.get("outcome") not in ("won", "lost"):
        raise StripeError("outcome is one of: won, lost", param="outcome")
    return present(api.world, close_dispute(api.world, api.world.get("dispute", pk), asked["outcome"]))


@control("POST", r"charges/(\w+)/fraud_warning")
def fraud_warning(api: Api, asked: Doc, pk: str) -> Doc:
    return present(api.world, warn_of_fraud(api.world, api.world.get("charge", pk)))


@control("POST", r"accounts/(\w+)")
def decide_account(api: Api, asked: Doc, pk: str) -> Doc:
    return present(api.world, finish_onboarding(api.world, pk, asked.get("outcome", ""), asked.get("external_account")))


# --- webhooks ----------------------------------------------------------------------------------------------------------


@control("POST", "webhooks")
def set_webhook(api: Api, asked: Doc, pk: str) -> Doc:
    """Add or change the endpoint with that address."""
    if not str(asked.get("url", "")).startswith("http") or not asked.get("secret"):
        raise StripeError("url and secret are needed", param="url")
    endpoint = {"url": asked["url"], "secret": asked["secret"], "connect": bool(asked.get("connect"))}
    endpoint["enabled"] = bool(asked.get("enabled", True))
    kept = [other for other in api.world.endpoints() if other["url"] != endpoint["url"]]
    api.world.store.set("endpoints", [*kept, endpoint])
    return {"webhooks": api.world.endpoints()}


@control("GET", "webhooks")
def list_webhooks(api: Api, asked: Doc, pk: str) -> Doc:
    return {"webhooks": api.world.endpoints()}


@control("POST", "deliveries")
def set_deliveries(api: Api, asked: Doc, pk: str) -> Doc:
    """How events are delivered from now on; `redeliver` sends an event (or all) again, `age` seconds late."""
    store = api.world.store
    if "mode" in asked:
        if asked["mode"] not in MODES:
            raise StripeError(f"mode is one of: {', '.join(MODES)}", param="mode")
        store.set(
            "deliveries",
            {name: value for name, value in asked.items() if name not in ("redeliver", "age", "retry_now")},
        )
    if again := asked.get("redeliver"):
        chosen, values = ("1", ()) if again == "all" else ("event = ?", (again,))
        store.write(
            f"INSERT INTO deliveries (event, url, age) SELECT DISTINCT event, url, ? FROM deliveries WHERE {chosen}",  # noqa: S608
            asked.get("age", 0),
            *values,
        )
    if asked.get("retry_now"):
        store.write("UPDATE deliveries SET due = 0, state = 'waiting' WHERE state IN ('waiting', 'failed')")
    api.world.wake_postman()
    return {"deliveries": store.setting("deliveries", {"mode": "normal"})}


@control("GET", "deliveries/waiting")
def count_waiting(api: Api, asked: Doc, pk: str) -> Doc:
    return {"waiting": api.world.store.rows("SELECT count(*) AS n FROM deliveries WHERE state = 'waiting'")[0]["n"]}


@control("GET", "deliveries")
def list_deliveries(api: Api, asked: Doc, pk: str) -> Doc:
    rows = api.world.store.rows(
        "SELECT d.*, json_extract(o.doc, '$.type') AS type FROM deliveries d JOIN objects o ON o.id = d.event ORDER BY d.id"
    )
    return {
        "mode": api.world.store.setting("deliveries", {"mode": "normal"}),
        "deliveries": [dict(row) for row in rows],
    }


# --- logs --------------------------------------------------------------------------------------------------------------


@control("GET", "requests")
def list_requests(api: Api, asked: Doc, pk: str) -> Doc:
    rows = api.world.store.rows("SELECT * FROM requests ORDER BY rowid")
    return {
        "requests": [
            dict(row)
            | {name: json.loads(row[name]) for name in ("params", "ignored")}
            | {"replayed": bool(row["replayed"])}
            for row in rows
        ]
    }


@control("GET", "events")
def list_events(api: Api, asked: Doc, pk: str) -> Doc:
    """Every event of every account, oldest first."""
    rows = api.world.store.rows("SELECT doc FROM objects WHERE kind = 'event' ORDER BY seq")
    return {"events": [present(api.world, json.loads(row["doc"])) for row in rows]}
