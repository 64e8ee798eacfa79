"""The way in to sockets: `/api/v1/realtime/`."""

from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.auth_views import current_session
from accounts.errors import InvalidToken
from core.rest.views import SoukView


class SocketTicketOut(serializers.Serializer):
    ticket = serializers.CharField(help_text="Good for one socket, once.")
    expires_at = serializers.DateTimeField()
    url = serializers.CharField(help_text="The socket's address with the ticket in it.")


class Tickets(SoukView):
    bodyless = frozenset({"post"})
    unkeyed = None

    @extend_schema(operation_id="realtime_ticket", request=None, responses={201: SocketTicketOut})
    def post(self, request: Request) -> Response:
        """Ask for a ticket that opens one socket at `/ws/v1/me/` within thirty seconds, for browsers, which cannot send a header with a
        handshake. Apps may send their bearer token there instead. docs/realtime.md tells what is said on the socket.
        """
        session = current_session(request)
        if session is None:
            raise InvalidToken
        issued = actions.issue_socket_ticket(session=session)
        address = request.build_absolute_uri("/ws/v1/me/").replace("http", "ws", 1)
        url = f"{address}?{urlencode({'ticket': issued.ticket, 'lang': request.LANGUAGE_CODE})}"
        return Response({"ticket": issued.ticket, "expires_at": issued.expires_at, "url": url}, status=201)
