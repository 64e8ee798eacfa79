"""Reading a search's query string: every name known, every value checked by the field that the schema shows."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from core.errors import UnknownParameter
from core.geo import LatLng
from core.rest.query import known_here
from feeds.rules import place_of
from search.api.serializers import SearchIn
from search.errors import FiltersNotAnObject
from search.selectors import Asked

ATTRIBUTE = "attr_"
_SHOWN = ("facets", "verbatim", "page", "cursor", "per_page")
_FIELDS = {name: field for name, field in SearchIn().fields.items() if name not in _SHOWN}
_REMEMBERED = _FIELDS | {"verbatim": SearchIn().fields["verbatim"]}
Values = dict[str, Any]


def read(fields: Mapping[str, serializers.Field], request: Request) -> Values:
    """Checked values by name, absent ones left out; attributes by key under "attributes".

    Raises:
        UnknownParameter, FiltersNotAnObject, ValidationError.
    """
    known_here(request, request.query_params)  # what is not known is refused below
    return read_given(fields, dict(request.query_params.lists()))


def read_given(fields: Mapping[str, serializers.Field], given: dict[str, list[str]]) -> Values:
    """The same of parameters by name. Raises the same."""
    if "filters" in given and "filters" in fields:
        given = {**_unfolded(_object_in(given.pop("filters")[-1])), **given}
    values: Values = {"attributes": {}}
    wrong: dict[str, Any] = {}
    for name, said in given.items():
        if name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE) and "category" in fields:
            values["attributes"][name.removeprefix(ATTRIBUTE)] = said
            continue
        if name not in fields:
            raise UnknownParameter(name=name, attr=name)
        field = fields[name]
        if not said:  # an empty list of a body asks nothing, also where one value is asked
            continue
        try:
            values[name] = field.run_validation(said if isinstance(field, serializers.ListField) else said[-1])
        except ValidationError as error:
            wrong[name] = error.detail
    if wrong:
        raise ValidationError(wrong)
    return values


def asked_by(values: Values) -> Asked:
    """The search that checked values describe. Raises HalfAPlace."""
    names = {
        "q": "q",
        "category": "category",
        "brand": "brands",
        "min_price": "min_price",
        "max_price": "max_price",
        "price_band": "price_bands",
        "currency": "currency",
        "condition": "conditions",
        "seller_type": "seller_type",
        "availability": "availability",
        "neighborhood": "neighborhood",
        "radius_km": "radius_km",
        "distance": "distance",
        "anywhere": "anywhere",
        "sort": "sort",
        "attributes": "attributes",
    }
    feed_type = values.get("feed_type", "all")
    return Asked(
        **{theirs: values[ours] for ours, theirs in names.items() if ours in values},
        feed_type="" if feed_type == "all" else feed_type,
        place=place(values),
    )


def question_in(body: Mapping[str, Any]) -> Asked:
    """The search that a body describes by the parameters of `GET /search`: what is asked, not how an answer is shown.

    Raises:
        UnknownParameter, FiltersNotAnObject, ValidationError, HalfAPlace.
    """
    return asked_by(read_given(_FIELDS, _given(body)))


def remembered_in(body: Mapping[str, Any]) -> tuple[Asked, bool]:
    """The same for a history, which also keeps whether just these words were looked for. Raises the same."""
    values = read_given(_REMEMBERED, _given(body))
    return asked_by(values), values.get("verbatim", False)


def place(values: Values) -> LatLng | None:
    """Raises HalfAPlace."""
    return place_of(
        values.get("latitude", values.get("location_lat")), values.get("longitude", values.get("location_lng"))
    )


def _given(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """A body's parameters as an address has them. `filters` is an object here, or the same as a text."""
    plain = {name: _plain(value, of=name) for name, value in body.items() if name != "filters"}
    if "filters" not in body:
        return plain
    filters = body["filters"]
    return {**_unfolded(_object_in(filters) if isinstance(filters, str) else filters), **plain}


def _object_in(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise FiltersNotAnObject from None


def _unfolded(said: Any) -> dict[str, list[str]]:
    """What the specification's `filters` object stands for: {"brand": ["apple"], "attributes": {"year": {"min": 2020}}}."""
    if not isinstance(said, dict) or not isinstance(said.get("attributes", {}), dict):
        raise FiltersNotAnObject
    if "filters" in said:  # one inside the other would be read by nobody
        raise UnknownParameter(name="filters", attr="filters")
    said = dict(said)
    answers = said.pop("attributes", {})
    found = {name: _plain(value) for name, value in said.items()}
    for key, value in answers.items():
        if isinstance(value, dict):
            found |= {f"{ATTRIBUTE}{key}_{end}": _plain(limit) for end, limit in value.items()}
        else:
            found[f"{ATTRIBUTE}{key}"] = _plain(value)
    return found


def _plain(value: Any, *, of: str | None = None) -> list[str]:
    """Values as an address has them."""
    many: Sequence[Any] = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list) or one is None for one in many):
        raise FiltersNotAnObject(attr=of)
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in many]
