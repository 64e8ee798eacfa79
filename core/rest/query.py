"""Query strings in which every name must be known."""

from collections.abc import Iterable
from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers
from rest_framework.request import Request

from core.errors import PageNotSupported, UnknownParameter

PAGING = ("cursor", "per_page")


def read_query(serializer: type[serializers.Serializer], request: Request, **context: Any) -> dict[str, Any]:
    """Validate the query string by a serializer and return its values. Repeated names become lists where the field is one.

    Raises:
        UnknownParameter, PageNotSupported: a name that the serializer does not have.
        ValidationError: a value that is wrong.
    """
    known = serializer().fields
    refuse_unknown(request, set(known))
    data: dict[str, Any] = {}
    for name in request.query_params:
        many = isinstance(known[name], serializers.ListField | serializers.MultipleChoiceField)
        data[name] = request.query_params.getlist(name) if many else request.query_params[name]
    bound = serializer(data=data, context={"request": request, **context})
    bound.is_valid(raise_exception=True)
    return bound.validated_data


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raises UnknownParameter, PageNotSupported for a name that is not among `known`."""
    known_here(request, known)
    for name in request.query_params:
        if name in known:
            continue
        if name == "page":
            raise PageNotSupported
        raise UnknownParameter(name=name, attr=name)


def known_here(request: Request, names: Iterable[str]) -> None:
    """Note that the view reads these parameters. What nobody has read by the end of a GET is refused (`SoukView`)."""
    request.known_parameters = getattr(request, "known_parameters", set()) | set(names)  # type: ignore[attr-defined]


def refuse_unread(request: Request) -> None:
    refuse_unknown(request, getattr(request, "known_parameters", set()))


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, refusing names that the filter set does not have."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        refuse_unknown(request, {*PAGING, *(filterset.filters if filterset is not None else ())})
        return filterset
