"""The pages that people see at Stripe's: onboarding of sellers, 3-D Secure, and paying by card.

Plain forms without scripts. `--public-url` is where `/pages` of this server is reachable from a browser.
"""

import re
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from stripe_simulator import ledger
from stripe_simulator.protocol import PLATFORM, Doc, Request, Response, StripeError
from stripe_simulator.resources.accounts import finish_onboarding
from stripe_simulator.resources.payment_intents import attempt, confirmed, fail
from stripe_simulator.resources.payment_methods import CARDS, new_method
from stripe_simulator.routing import Call, Params
from stripe_simulator.world import World

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#1a1f36;background:#f6f8fa}"
    "main{background:#fff;border:1px solid #d8dee4;border-radius:12px;padding:1.5rem}h1{font-size:1.25rem;margin-top:0}"
    "button,input,select{font:inherit;padding:.6rem .8rem;border-radius:8px;border:1px solid #c0c8d2;width:100%;"
    "box-sizing:border-box;margin:.25rem 0}button{background:#635bff;color:#fff;border-color:#635bff;cursor:pointer}"
    "button.quiet{background:#fff;color:#1a1f36}p.note{color:#5b6472;font-size:.875rem}"
)
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
NOTE = "This page stands in for Stripe. No real money moves, and nothing that you type here leaves this machine."


def answer(world: World, request: Request) -> Response:
    for name, show in PAGES.items():
        match = re.fullmatch(rf"/pages/{name}/(\w+)", request.path)
        if match and request.method in ("GET", "POST"):
            try:
                with world.store.transaction():
                    world.do_due()
                    world.request = {"id": None, "idempotency_key": None}
                    return show(world, request, match.group(1))
            except StripeError as error:
                return page("Not possible", f"<p>{escape(str(error))}</p>", error.status)
    return page("Not found", "<p>The simulator has no such page.</p>", 404)


def page(title: str, inside: str, status: int = 200) -> Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><meta name="viewport"'
        f' content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>'
        f'{inside}<p class="note">{NOTE}</p></main></body></html>'
    )
    return Response(status, text.encode(), dict(SECURITY), "text/html; charset=utf-8")


def redirect(url: str, **query: str) -> Response:
    """To an address of the platform's, with more in its query."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise StripeError("The address to return to is no web address.")
    asked = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query.items()])
    return Response(303, b"", SECURITY | {"Location": urlunsplit(parts._replace(query=asked))}, "text/plain")


def form_of(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


# --- onboarding -------------------------------------------------------------------------------------------------------


def onboarding(world: World, request: Request, token: str) -> Response:
    link = world.store.setting(f"account_link {token}")
    if not link:
        return page("Not found", "<p>No such link.</p>", 404)
    if link.get("used") or link["expires"] <= world.now():
        return redirect(link["refresh"])
    if request.method == "GET":
        return page("Get paid with your bank account", ONBOARDING)
    form = form_of(request)
    account = world.get("account", link["account"])
    bank = {"object": "bank_account", "country": account["country"], "currency": account["default_currency"]}
    bank["account_number"] = form.get("iban", "")
    finish_onboarding(world, account["id"], form.get("outcome", ""), bank if form.get("iban") else None)
    world.store.set(f"account_link {token}", link | {"used": True})
    return redirect(link["return"])


ONBOARDING = """<form method="post"><label>IBAN<input name="iban" value="AE070331234567890123456" autocomplete="off"></label>
<button name="outcome" value="complete">Finish onboarding</button>
<button name="outcome" value="due" class="quiet">Leave something out</button>
<button name="outcome" value="disabled" class="quiet">Be refused</button></form>"""


# --- 3-D Secure -------------------------------------------------------------------------------------------------------


def intent_of(world: World, secret: str) -> Doc:
    doc = world.store.get("payment_intent", secret.partition("_secret_")[0])
    if doc is None or doc["client_secret"] != secret:
        raise StripeError("No such payment.", status=404)
    return doc


def three_d_secure(world: World, request: Request, secret: str) -> Response:
    doc = intent_of(world, secret)
    action = (doc["next_action"] or {}).get("redirect_to_url")
    if doc["status"] != "requires_action" or not action:
        return page("Nothing to confirm", f"<p>This payment is {escape(doc['status'])}.</p>", 409)
    if request.method == "GET":
        asked = (
            f"<p>Your bank asks: do you want to pay {ledger.money(doc['amount'], doc['currency'])} to Souk Loop?</p>"
        )
        return page("Confirm your payment", asked + THREE_D_SECURE)
    if form_of(request).get("outcome") == "authenticate":
        try:
            attempt(world, doc)
        except StripeError as error:
            if not error.keeps:
                raise
    else:
        fail(world, doc, None, None, "payment_intent_authentication_failure")
    if not action["return_url"]:
        return page("Done", f"<p>The payment is {escape(doc['status'])}. You can close this page.</p>")
    return back(doc, action["return_url"])


THREE_D_SECURE = """<form method="post"><button name="outcome" value="authenticate">Complete authentication</button>
<button name="outcome" value="fail" class="quiet">Fail authentication</button></form>"""


def back(doc: Doc, url: str) -> Response:
    result = "succeeded" if doc["status"] == "succeeded" else "failed"
    return redirect(
        url, payment_intent=doc["id"], payment_intent_client_secret=doc["client_secret"], redirect_status=result
    )


# --- paying -----------------------------------------------------------------------------------------------------------


def pay(world: World, request: Request, secret: str) -> Response:
    """What Stripe.js shows inside a shop's page: `?return_url=` leads back there."""
    doc = intent_of(world, secret)
    url = dict(parse_qsl(request.query)).get("return_url", "")
    if not url:
        raise StripeError("return_url is missing.")
    if doc["status"] == "succeeded":
        return back(doc, url)
    if doc["status"] == "canceled":
        return page("Too late", "<p>This payment was canceled.</p>", 409)
    problem = ""
    if request.method == "POST":
        card = form_of(request).get("card", "")
        if card not in CARDS:
            raise StripeError("No such card.")
        method = new_method(world, PLATFORM, card, customer=doc["customer"])
        world.change(doc, None, payment_method=method["id"], status="requires_confirmation", next_action=None)
        try:
            confirmed(Call(world, PLATFORM, Params({"return_url": url})), doc)
        except StripeError as error:
            if not error.keeps:
                raise
            problem = f'<p role="alert">{escape(str(error))}</p>'
        if doc["status"] == "requires_action":
            return redirect(doc["next_action"]["redirect_to_url"]["url"])
        if doc["status"] == "succeeded":
            return back(doc, url)
    options = "".join(
        f'<option value="{name}">{name.removeprefix("pm_card_")} · {card.number}</option>'
        for name, card in CARDS.items()
    )
    form = f'<form method="post"><label>Test card<select name="card">{options}</select></label>'
    return page(
        "Pay by card", f"{problem}{form}<button>Pay {ledger.money(doc['amount'], doc['currency'])}</button></form>"
    )


# --- a seller's dashboard ---------------------------------------------------------------------------------------------


def express(world: World, request: Request, token: str) -> Response:
    """What a login link leads to: the balance, and the last payouts."""
    pk = world.store.setting(f"login_link {token}")
    if not pk:
        return page("Not found", "<p>No such link.</p>", 404)
    doc = world.get("account", pk)
    sums = [
        f"<li>{ledger.money(available, currency)} available, {ledger.money(pending, currency)} on the way</li>"
        for currency, (available, pending) in ledger.sums(world, pk).items()
    ]
    payouts = [
        f"<li>{ledger.money(payout['amount'], payout['currency'])} {escape(payout['status'])}</li>"
        for payout in world.store.page("payout", pk, limit=20)[0]
    ]
    state = "on" if doc["payouts_enabled"] else "off"
    return page("Your payouts", f"<p>Payouts are {state}.</p><ul>{''.join(sums)}</ul><ul>{''.join(payouts)}</ul>")


PAGES = {"onboarding": onboarding, "3ds": three_d_secure, "pay": pay, "express": express}
