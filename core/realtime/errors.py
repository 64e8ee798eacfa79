"""What a socket's frames can be refused for. Frames that begin a command are refused by its app with the app's own codes."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal


class NotAFrame(Invalid):
    """Not JSON, or not an object with a `type`. The third in a row closes the socket."""

    code = "realtime.not_a_frame"
    detail = _("A frame is a JSON object with a “type”, and mostly a “ref” and “data”.")


class UnknownCommand(Invalid):
    code = "realtime.unknown_command"
    attr = "type"
    detail = _("There is no command named “{name}” here.")


class OriginNotAllowed(Refusal):
    """A page of another site, or a browser's ticket without saying which page it comes from."""

    code = "realtime.origin_not_allowed"
    status = 403
    title = _("Not allowed")
    detail = _("Sockets open from our own pages only.")


class NoProof(Refusal):
    code = "realtime.no_proof"
    status = 401
    title = _("Not signed in")
    detail = _("Send a ticket in the address or a bearer token in the Authorization header.")


class TooManyRooms(Refusal):
    code = "realtime.too_many_rooms"
    detail = _("This socket is in {limit} rooms already. Leave one first.")


class UnknownStream(Invalid):
    code = "realtime.unknown_stream"
    attr = "streams"
    detail = _("A stream is named such as “conversation:0190…”, and none begins with “{kind}”.")
