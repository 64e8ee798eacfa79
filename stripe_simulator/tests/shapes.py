"""Are the answers what Stripe's own library declares? Its classes' annotations are the referee."""

import builtins
import types
import typing
from functools import cache
from inspect import isclass
from typing import Any, ClassVar, Literal, Union, get_args, get_origin

import stripe
from stripe._list_object import ListObject
from stripe._object_classes import OBJECT_CLASSES, get_object_class
from stripe._stripe_object import StripeObject, UntypedStripeObject
from typing_extensions import get_type_hints

from stripe_simulator.protocol import Doc


class Names(dict[str, Any]):
    """Classes that the library imports for type checkers only; those that no answer of ours holds have any shape."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) or hasattr(typing, name):
            raise KeyError(name)
        for place in (stripe, stripe.radar):
            if hasattr(place, name):
                return getattr(place, name)
        return UntypedStripeObject


@cache
def fields_of(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("stripe.") and base is not StripeObject and "__annotations__" in base.__dict__:
            only = type(base.__name__, (), {"__annotations__": base.__annotations__, "__module__": base.__module__})
            found |= get_type_hints(only, localns=Names())
    return {name: kind for name, kind in found.items() if not name.startswith("_") and get_origin(kind) is not ClassVar}


def problems(doc: Doc) -> list[str]:
    """Fields that are missing, unknown or of another type than declared."""
    if doc["object"] == "list":
        return [problem for item in doc["data"] for problem in problems(item)]
    if doc["object"] not in OBJECT_CLASSES:
        return [f"{doc['object']}: no such object"]
    return _object(doc, get_object_class("V1", doc["object"]), doc["object"])


def _object(doc: Doc, cls: type, place: str) -> list[str]:
    known = fields_of(cls)
    wrong = [f"{place}.{name} is unknown" for name in doc.keys() - known.keys()]
    for name, kind in known.items():
        if name not in doc:
            if not _may_be_missing(kind):
                wrong.append(f"{place}.{name} is missing")
        else:
            wrong += _value(doc[name], kind, f"{place}.{name}")
    return wrong


def _may_be_missing(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _value(value: Any, kind: Any, place: str) -> list[str]:  # noqa: PLR0911  one line per sort of type
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(value, get_args(kind), place)
    if origin is Literal:
        return [] if value in get_args(kind) else [f"{place} is {value!r}, none of {get_args(kind)}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{place} is no list"]
        return [problem for item in value for problem in _value(item, get_args(kind)[0], place)]
    if origin is ListObject:
        return [problem for item in value["data"] for problem in _value(item, get_args(kind)[0], place)]
    if kind is Any or origin is UntypedStripeObject or kind is UntypedStripeObject:
        return []
    if isclass(kind) and issubclass(kind, StripeObject):
        return _object(value, kind, place) if isinstance(value, dict) else [f"{place} is {value!r}, no {kind.__name__}"]
    good = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    return [] if good else [f"{place} is {value!r}, no {kind}"]


def _union(value: Any, kinds: tuple[Any, ...], place: str) -> list[str]:
    if value is None and type(None) in kinds:
        return []
    listed = [kind for kind in kinds if get_origin(kind) is Literal]
    if listed and isinstance(value, str):
        return _value(value, listed[0], place)  # `Literal[...] | str`: only what is listed
    tried = [_value(value, kind, place) for kind in kinds if kind is not type(None)]
    return min(tried, key=len)
