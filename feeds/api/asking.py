"""Reading a feed's query string: every name known, every value checked by the field that the schema shows, none copied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from core.errors import PageNotSupported, UnknownParameter
from core.geo import LatLng
from core.rest.query import known_here
from feeds.rules import PAGE_SIZE, place_of

ATTRIBUTE = "attr_"


@dataclass(frozen=True)
class Asked:
    """Checked values by name, absent ones left out, and the attributes asked for by key."""

    values: dict[str, Any]
    attributes: dict[str, list[str]]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    @property
    def place(self) -> LatLng | None:
        """Raises HalfAPlace."""
        return place_of(self.get("latitude", self.get("location_lat")), self.get("longitude", self.get("location_lng")))

    @property
    def page(self) -> dict[str, Any]:
        return {"size": self.get("per_page", PAGE_SIZE), "cursor": self.get("cursor")}

    @property
    def filters(self) -> dict[str, Any]:
        """The arguments of `feeds.selectors.read_filters`."""
        found = {
            n: self.values[n]
            for n in ("category", "min_price", "max_price", "currency", "seller_type")
            if n in self.values
        }
        return found | {"conditions": self.get("condition", ()), "attributes": self.attributes}


def read(fields: Mapping[str, serializers.Field], request: Request, *, with_attributes: bool = False) -> Asked:
    """Check the query string by the fields of a serializer, which stay as they are: copying them for each request costs more than
    the checks.

    Raises:
        UnknownParameter, PageNotSupported, ValidationError.
    """
    known_here(request, request.query_params)  # what is not known is refused below
    values: dict[str, Any] = {}
    attributes: dict[str, list[str]] = {}
    wrong: dict[str, Any] = {}
    for name, given in request.query_params.lists():
        if with_attributes and name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
            attributes[name.removeprefix(ATTRIBUTE)] = given
            continue
        if name not in fields:
            raise PageNotSupported if name == "page" else UnknownParameter(name=name, attr=name)
        field = fields[name]
        try:
            values[name] = field.run_validation(given if isinstance(field, serializers.ListField) else given[-1])
        except ValidationError as error:
            wrong[name] = error.detail
    if wrong:
        raise ValidationError(wrong)
    return Asked(values, attributes)
