"""What a file of boundaries, or a question about a place, can be refused for."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound


class NotBoundaries(Invalid):
    """The file is no GeoJSON FeatureCollection in degrees."""

    code = "places.not_boundaries"
    detail = _("This is not a GeoJSON FeatureCollection of polygons in degrees: {problem}")


class BadBoundary(Invalid):
    """One feature's polygon cannot be used. Nothing of the file was loaded."""

    code = "places.bad_boundary"
    detail = _("Feature {position} ({name}): {problem}")


class FieldNotFound(Invalid):
    """The property that should hold a name or an id is not in the file."""

    code = "places.field_not_found"
    detail = _("No field for {purpose}. The file has these fields: {fields}.")


class NeighborhoodNotFound(NotFound):
    code = "places.neighborhood_not_found"
    detail = _("There is no such neighbourhood.")


class NoNeighborhoodHere(NotFound):
    """The point is on Earth but in no boundary that we know."""

    code = "places.no_neighborhood_here"
    detail = _("No neighbourhood that we know lies at this point.")


class MeetingPointNotFound(NotFound):
    """There is none, or it is no longer in use."""

    code = "places.meeting_point_not_found"
    attr = "meeting_point_id"
    detail = _("There is no such meeting point any more. Choose another.")
