"""Is a request what Stripe's own library types allow? The referee that nobody here wrote.

Every call names one of `stripe.params.*Params`. Its TypedDict says which parameters exist, which are required and of what
type; form fields are read as those types. A value that the type lists (`Literal[...] | str`) must be one of the listed.
"""

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

import stripe
import stripe.params
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext
from stripe._stripe_object import UntypedStripeObject

from stripe_simulator.protocol import Doc, MisshapenError

# Options of the Python library, not parameters of the call.
NOT_SENT = frozenset(RequestOptions.__annotations__)


@cache
def shape(name: str) -> type:
    """The TypedDict of that name; `radar.X` lies in `stripe.params.radar`, and those of OAuth in its class."""
    place: Any = stripe if name.startswith("OAuth.") else stripe.params
    for part in name.split("."):
        place = getattr(place, part)
    return place


@cache
def fields_of(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls, localns={"StripeContext": StripeContext, "Mapping": Mapping})
    return {name: kind for name, kind in hints.items() if name not in NOT_SENT}


def judge(raw: Doc, name: str) -> Doc:
    """The parameters with their types. Raises MisshapenError in Stripe's words."""
    return _hash(raw, shape(name), "")


def _hash(raw: Doc, cls: Any, path: str) -> Doc:
    known = fields_of(cls)
    found = {}
    for key, value in raw.items():
        place = f"{path}[{key}]" if path else key
        if key not in known:
            _refuse(f"Received unknown parameter: {place}", "parameter_unknown", place)
        found[key] = _value(value, known[key], place)
    for key in sorted(cls.__required_keys__ - NOT_SENT - found.keys()):
        place = f"{path}[{key}]" if path else key
        _refuse(f"Missing required param: {place}.", "parameter_missing", place)
    return found


def _value(raw: Any, kind: Any, place: str) -> Any:
    choices = [choice for choice in _choices(kind) if get_origin(choice) is not UntypedStripeObject]
    if isinstance(raw, dict):
        return _nested(raw, choices, place)
    return _scalar(raw, choices, place)


def _choices(kind: Any) -> list[Any]:
    if get_origin(kind) in (Union, types.UnionType):
        return [inner for choice in get_args(kind) for inner in _choices(choice)]
    return [kind]


def _nested(raw: Doc, choices: list[Any], place: str) -> Any:
    problem: MisshapenError | None = None
    meant = [choice for choice in choices if _may_mean(choice, raw)]
    for choice in meant or choices:
        try:
            if hasattr(choice, "__required_keys__"):  # a TypedDict, whichever module made it
                return _hash(raw, choice, place)
            if get_origin(choice) is list:
                return _list(raw, get_args(choice)[0], place)
            if get_origin(choice) is dict:
                return {
                    key: _value(value, _or_empty(get_args(choice)[1]), f"{place}[{key}]") for key, value in raw.items()
                }
            if choice is Any:
                return raw
        except MisshapenError as error:
            problem = problem or error
    if problem:
        raise problem
    message = f"Invalid {place}: a hash was given where none is expected"
    raise MisshapenError(message, code="parameter_invalid_string", param=place)


def _may_mean(choice: Any, raw: Doc) -> bool:
    """Whether the words that tell one hash from another (`object`, `type`) say that it is this one."""
    if not hasattr(choice, "__required_keys__"):
        return True
    known = fields_of(choice)
    return all(
        raw[name] in get_args(kind) for name, kind in known.items() if get_origin(kind) is Literal and name in raw
    )


def _or_empty(kind: Any) -> Any:
    """In a hash of free keys, an empty value unsets the key."""
    return Union[kind, Literal[""]]  # noqa: UP007


def _list(raw: Doc, kind: Any, place: str) -> list[Any]:
    if not all(key.isdigit() for key in raw):
        _refuse(f"Invalid array {place}: its keys must be numbers", "parameter_invalid_array", place)
    return [_value(raw[key], kind, f"{place}[{key}]") for key in sorted(raw, key=int)]


def _scalar(raw: str, choices: list[Any], place: str) -> Any:
    listed = [word for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]
    if raw in listed:
        return raw
    if not raw:
        empty = f"You passed an empty string for '{place}'. We assume empty values are an attempt to unset a field; however "
        _refuse(f"{empty}'{place}' cannot be unset.", "parameter_invalid_empty", place)
    for choice in choices:
        if choice in READERS and (found := READERS[choice](raw)) is not None:
            return found
    words = [word for word in listed if isinstance(word, str) and word]
    if words:
        _refuse(f"Invalid {place}: must be one of {_either(words)}", None, place)
    if str in choices or Any in choices:
        return raw
    message, code = _wrong_type(raw, choices, place)
    raise MisshapenError(message, code=code, param=place)


def _read_bool(raw: str) -> bool | None:
    return {"true": True, "false": False}.get(raw)


def _read_int(raw: str) -> int | None:
    return int(raw) if raw.removeprefix("-").isdecimal() and raw.isascii() else None


def _read_float(raw: str) -> float | None:
    try:
        return float(raw)
    except ValueError:
        return None


READERS: dict[Any, Any] = {bool: _read_bool, int: _read_int, float: _read_float}


def _wrong_type(raw: str, choices: list[Any], place: str) -> tuple[str, str]:
    if int in choices:
        return f"Invalid integer: {raw}", "parameter_invalid_integer"
    if bool in choices:
        return f"Invalid boolean: {raw}", "parameter_invalid_boolean"
    if any(get_origin(choice) is list for choice in choices):
        return "Invalid array", "parameter_invalid_array"
    return f"Invalid object for '{place}'", "parameter_invalid_object"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _refuse(message: str, code: str | None, place: str) -> NoReturn:
    raise MisshapenError(message, code=code, param=place)
