"""Which function answers which call, and which of Stripe's types its parameters have."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stripe_simulator.protocol import Doc, StripeError, list_of
from stripe_simulator.rendering import present
from stripe_simulator.world import World


class Params(dict[str, Any]):
    """The parameters of a call, and which of them somebody looked at: the rest had no effect."""

    def __init__(self, given: Doc) -> None:
        super().__init__(given)
        self.seen: set[str] = {"expand"}

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)

    def ignored(self) -> list[str]:
        return sorted(self.keys() - self.seen)


@dataclass
class Call:
    world: World
    account: str  # the platform, or the connected account named by the Stripe-Account header
    params: Params
    path: dict[str, str] = field(default_factory=dict)
    publishable: bool = False  # made with a key that browsers may know

    def get(self, kind: str, name: str) -> Doc:
        """The object that the path names, of this account."""
        return self.world.get(kind, self.path[name], self.account)


Handler = Callable[[Call], Doc]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    params: str
    handler: Handler
    template: str
    public: bool  # also with a publishable key and the object's client secret


ROUTES: list[Route] = []


def route(method: str, template: str, params: str, *, public: bool = False) -> Callable[[Handler], Handler]:
    """`params` is the name of a TypedDict in `stripe.params`."""

    def keep(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
        ROUTES.append(Route(method, pattern, params, handler, template, public))
        # Fixed words before placeholders: /payment_intents/search is no payment intent.
        ROUTES.sort(key=lambda kept: kept.template.count("{"))
        return handler

    return keep


def route_of(method: str, path: str) -> tuple[Route, dict[str, str]]:
    for candidate in ROUTES:
        if candidate.method == method and (match := candidate.pattern.fullmatch(path)):
            return candidate, match.groupdict()
    message = (
        f"Unrecognized request URL ({method}: {path}). The simulator answers the calls that docs/simulator.md lists."
    )
    raise StripeError(message, status=404)


def page_of(call: Call, kind: str, url: str, *, filters: tuple[str, ...] = (), **facets: str) -> Doc:
    """The list that the usual paging parameters ask for, of this account's objects."""
    params = call.params
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        message = "Invalid limit: must be between 1 and 100"
        raise StripeError(message, code="parameter_invalid_integer", param="limit")
    for cursor in ("starting_after", "ending_before"):
        if cursor in params:
            call.world.get(kind, params[cursor], call.account, cursor)
    strange = set(params) - {"limit", "starting_after", "ending_before", "created", "expand", *filters}
    if strange:
        message = f"The simulator does not filter {kind} by {', '.join(sorted(strange))}."
        raise StripeError(message, param=min(strange))
    facets |= {name: str(params[name]) for name in filters if name in params}
    docs, has_more = call.world.store.page(
        kind,
        call.account,
        facets=facets,
        created=bounds(params.get("created")),
        after=params.get("starting_after"),
        before=params.get("ending_before"),
        limit=limit,
    )
    return list_of([present(call.world, doc) for doc in docs], url, has_more=has_more)


def bounds(created: int | dict[str, int] | None) -> dict[str, int]:
    if isinstance(created, int):
        return {"gte": created, "lte": created}
    return created or {}
