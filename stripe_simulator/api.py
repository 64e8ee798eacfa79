"""One call of Stripe's API: who asks, is it well formed, was it answered before, then execute it in one transaction."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import stripe

import stripe_simulator.resources  # noqa: F401  fills the table of routes
from stripe_simulator.faults import Fault, Faults
from stripe_simulator.idempotency import KeysInUse, fingerprint_of, keep, replay
from stripe_simulator.judge import judge
from stripe_simulator.protocol import PLATFORM, Doc, MisshapenError, Request, Response, StripeError, as_json, new_id
from stripe_simulator.rendering import expand, present
from stripe_simulator.routing import Call, Params, Route, route_of
from stripe_simulator.world import World


@dataclass
class Asked:
    """A call that is well formed."""

    id: str
    request: Request
    route: Route
    call: Call
    fields: Doc
    key: str | None
    fault: Fault | None = None


class Api:
    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.keys = KeysInUse()

    def prepare(self, request: Request) -> Asked | Response:
        """Nothing is executed yet; what is refused here is not kept for the key."""
        pk, fields = new_id("req", 14), {}
        try:
            publishable = authenticate(request)
            account = account_of(self.world, request)
            fields = request.fields
            route, path = route_of(request.method, request.path)
            if publishable and not route.public:
                raise StripeError(
                    "This API call cannot be made with a publishable API key.", status=403, code="secret_key_required"
                )
            params = typed(fields, route, publishable=publishable)
            if len(request.headers.get("idempotency-key", "")) > 255:
                raise MisshapenError("Idempotency keys may have up to 255 characters.")
        except StripeError as error:
            return self.refuse(pk, request, fields, error, violation=isinstance(error, MisshapenError))
        call = Call(self.world, account, Params(params), path, publishable)
        key = request.headers.get("idempotency-key") if request.method in ("POST", "DELETE") else None
        asked = Asked(pk, request, route, call, fields, key)
        asked.fault = self.faults.strike(request.method, request.path)
        return asked

    @contextmanager
    def claimed(self, asked: Asked) -> Iterator[None]:
        with self.keys.claim(asked.call.account, asked.key):
            yield

    def execute(self, asked: Asked) -> Response:
        """The saved answer, or a new one: with its effects and under its key, all in one transaction."""
        world, call = self.world, asked.call
        print_ = fingerprint_of(asked.request.method, asked.request.path, asked.fields)
        with world.store.transaction():
            world.do_due()
            world.request = {"id": asked.id, "idempotency_key": asked.key}
            try:
                if asked.key and (kept := replay(world, call.account, asked.key, print_)):
                    return self.answered(asked, kept, replayed=True)
            except StripeError as error:
                return self.refuse(asked.id, asked.request, asked.fields, error, account=call.account)
            response = (
                self.fail_and_keep(asked)
                if asked.fault and asked.fault.kind == "error_500_saved"
                else self.handle(asked)
            )
            world.do_due()
            if asked.key:
                keep(world, call.account, asked.key, fingerprint=print_, request=asked.id, response=response)
            return self.answered(asked, response)

    def handle(self, asked: Asked) -> Response:
        world, call = self.world, asked.call
        try:
            with world.store.transaction():
                try:
                    found = asked.route.handler(call)
                    shown = found if found.get("object") in ("list", "search_result") else present(world, found)
                    return as_json(expand(world, shown, call.params.get("expand", [])))
                except StripeError as error:
                    if error.keeps:
                        return as_json(error_body(error, asked.id), error.status)
                    raise
        except StripeError as error:
            return as_json(error_body(error, asked.id), error.status)

    def fail_and_keep(self, asked: Asked) -> Response:
        """Stripe broke in the middle: it happened, or not, and the same key gets this answer from now on."""
        if asked.fault and asked.fault.effect:
            self.handle(asked)
        error = StripeError("An unknown error occurred.", status=500, kind="api_error")
        return as_json(error_body(error, asked.id), 500, Stripe_Should_Retry="false")

    # --- answers --------------------------------------------------------------------------------------------------

    def answered(self, asked: Asked, response: Response, *, replayed: bool = False) -> Response:
        response.headers |= self.headers(asked.id, asked.request)
        code = json.loads(response.body).get("error", {}).get("code") if response.status >= 400 else None
        fault = asked.fault.kind if asked.fault else None
        self.note(
            asked.id,
            asked.request,
            asked.call.account,
            asked.fields,
            response.status,
            code=code,
            fault=fault,
            ignored=asked.call.params.ignored() if response.status == 200 and not replayed else None,
            replayed=replayed,
        )
        return response

    def refuse(
        self,
        pk: str,
        request: Request,
        fields: Doc,
        error: StripeError,
        *,
        account: str | None = None,
        fault: str | None = None,
        violation: bool = False,
    ) -> Response:
        """An answer that is not kept for the key."""
        response = as_json(error_body(error, pk), error.status)
        response.headers |= self.headers(pk, request)
        if error.status == 409:
            response.headers["Stripe-Should-Retry"] = "true"
        words = str(error) if violation else None
        whose = account or request.headers.get("stripe-account") or PLATFORM
        with self.world.store.transaction():
            self.note(pk, request, whose, fields, error.status, code=error.code, fault=fault, violation=words)
        return response

    def headers(self, pk: str, request: Request) -> dict[str, str]:
        found = {"Request-Id": pk, "Stripe-Version": request.headers.get("stripe-version", stripe.api_version)}
        if key := request.headers.get("idempotency-key"):
            found["Idempotency-Key"] = key
        return found

    def note(
        self,
        pk: str,
        request: Request,
        account: str,
        fields: Doc,
        status: int,
        *,
        code: str | None = None,
        fault: str | None = None,
        violation: str | None = None,
        ignored: list[str] | None = None,
        replayed: bool = False,
    ) -> None:
        self.world.store.write(
            "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            pk,
            self.world.time(),
            request.method,
            request.path,
            account,
            request.headers.get("idempotency-key"),
            json.dumps(fields),
            status,
            code,
            fault,
            violation,
            json.dumps(ignored or []),
            int(replayed),
        )


def error_body(error: StripeError, pk: str) -> Doc:
    return {"error": error.body | {"request_log_url": f"https://dashboard.stripe.com/test/workbench/logs?object={pk}"}}


def authenticate(request: Request) -> bool:
    """Whether the key is a publishable one. Raises StripeError 401 for anything but a key of the test mode."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key = b64decode(key).decode().split(":")[0]
        except (Base64Error, UnicodeDecodeError):
            key = ""
    if key.startswith(("sk_test_", "rk_test_")):
        return False
    if key.startswith("pk_test_"):
        return True
    if not key:
        message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth."
        raise StripeError(message, status=401)
    shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
    raise StripeError(f"Invalid API Key provided: {shown}. The simulator takes keys of the test mode only.", status=401)


def account_of(world: World, request: Request) -> str:
    pk = request.headers.get("stripe-account")
    if pk in (None, "", PLATFORM):
        return PLATFORM
    account = world.store.get("account", pk or "")
    if account is None or account.get("_gone"):
        message = (
            f"The provided key does not have access to account '{pk}' (or that account does not exist)."
            " Application access may have been revoked."
        )
        raise StripeError(message, status=403, code="account_invalid")
    return pk or PLATFORM


def typed(fields: Doc, route: Route, *, publishable: bool) -> Doc:
    """The parameters as the call's TypedDict has them. Two things that only Stripe.js sends are judged apart."""
    rest, kept = dict(fields), {}
    if publishable and "client_secret" in rest:
        kept["client_secret"] = rest.pop("client_secret")
    card = rest.get("payment_method_data")
    if isinstance(card, dict) and card.get("type") == "card" and "PaymentIntent" in route.params:
        kept["payment_method_data"] = judge(rest.pop("payment_method_data"), "PaymentMethodCreateParams")
    return judge(rest, route.params) | kept
