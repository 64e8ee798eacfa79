"""A visitor's standpoint: from the address, else from two cookies, else their own neighbourhood."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from places.selectors import Standpoint, standpoint

REMEMBERED_FOR = int(timedelta(days=365).total_seconds())


def looking_around(request: HttpRequest) -> Standpoint | None:
    """Where this request looks around from; None where there is no map yet."""
    return standpoint(
        request.GET.get("neighborhood", ""),
        request.COOKIES.get("place", ""),
        radius=request.GET.get("radius_km") or request.COOKIES.get("radius", ""),
        own=getattr(request.user, "neighborhood", None),
    )


def remember(response: HttpResponse, place: Standpoint) -> None:
    for name, value in (("place", place.written), ("radius", str(place.radius_km))):
        response.set_cookie(name, value, max_age=REMEMBERED_FOR, samesite="Lax", httponly=True)
