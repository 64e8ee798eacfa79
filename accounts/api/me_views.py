"""One's own account: profile, place, privacy, selling, identifiers: `/api/v1/users/me`."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions
from accounts.api.auth_views import body, current_session, own_account, sent
from accounts.api.own_serializers import (
    ChangeEmailIn,
    ChangePhoneIn,
    ConfirmChangeIn,
    IdentifierChangeOut,
)
from accounts.api.serializers import (
    EditMeIn,
    MeOut,
    OwnLocationIn,
    OwnLocationOut,
    PrivacyIn,
    PrivacyOut,
    SentOut,
    location_of,
)
from accounts.identifiers import Identifier, read_email, read_phone
from accounts.models import User
from core.geo import LatLng
from core.rest.etags import IF_MATCH, etag, revision_wanted, with_etag
from core.rest.query import refuse_unknown
from core.rest.tagged import TaggedView
from core.rest.views import SoukView

IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)


def changed(request: Request, user: User, shown: Any) -> Response:
    return with_etag(request, Response(shown), etag(user.pk, user.revision))


class OwnAccount(SoukView):
    @extend_schema(operation_id="users_me", parameters=[IF_NONE_MATCH], responses={200: MeOut, 304: None})
    def get(self, request: Request) -> Response:
        """One's own account, with its ETag."""
        refuse_unknown(request, set())
        return own_account(request)

    @extend_schema(operation_id="users_me_edit", request=EditMeIn, parameters=[IF_MATCH], responses=MeOut)
    def patch(self, request: Request) -> Response:
        """Change one's name, username, words and language. With If-Match, only the revision that was read."""
        given = body(EditMeIn, request)
        actions.edit_profile(user=request.user, revision=revision_wanted(request, request.user.pk), **given)
        return own_account(request)


class OwnLocation(TaggedView):
    @extend_schema(operation_id="users_me_location", responses=OwnLocationOut)
    def get(self, request: Request) -> Response:
        """Where one lives, exactly: nobody else ever gets this."""
        refuse_unknown(request, set())
        return changed(request, request.user, location_of(request.user))

    @extend_schema(
        operation_id="users_me_location_set", request=OwnLocationIn, parameters=[IF_MATCH], responses=OwnLocationOut
    )
    def put(self, request: Request) -> Response:
        """Say where one lives. The neighbourhood follows from the point; it is null where we know of none."""
        given = body(OwnLocationIn, request)
        place = LatLng(given["latitude"], given["longitude"])
        user = actions.set_location(user=request.user, place=place, building_name=given["building_name"])
        return changed(request, user, location_of(user))

    @extend_schema(operation_id="users_me_location_clear", parameters=[IF_MATCH], responses={204: None})
    def delete(self, request: Request) -> Response:
        """Forget where one lives."""
        actions.clear_location(user=request.user)
        return Response(status=204)


class OwnPrivacy(SoukView):
    @extend_schema(operation_id="users_me_privacy", responses=PrivacyOut)
    def get(self, request: Request) -> Response:
        """What others may see, and who may write."""
        refuse_unknown(request, set())
        return changed(request, request.user, PrivacyOut(request.user).data)

    @extend_schema(operation_id="users_me_privacy_edit", request=PrivacyIn, parameters=[IF_MATCH], responses=PrivacyOut)
    def patch(self, request: Request) -> Response:
        """Change what others may see, and who may write."""
        given = body(PrivacyIn, request)
        user = actions.edit_privacy(user=request.user, revision=revision_wanted(request, request.user.pk), **given)
        return changed(request, user, PrivacyOut(user).data)


class OwnSelling(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="users_me_start_selling", request=None, responses=MeOut)
    def post(self, request: Request) -> Response:
        """Switch selling on; again changes nothing. Wants a proven email address or phone number."""
        actions.start_selling(user=request.user)
        return own_account(request)

    @extend_schema(operation_id="users_me_stop_selling", responses=MeOut)
    def delete(self, request: Request) -> Response:
        """Switch selling off; what is for sale goes off show."""
        actions.stop_selling(user=request.user)
        return own_account(request)


class ConfirmationCode(SoukView):
    bodyless = frozenset({"post"})
    unkeyed = None

    @extend_schema(operation_id="users_me_confirmation_code", request=None, responses={202: SentOut})
    def post(self, request: Request) -> Response:
        """Send oneself the code that confirms a serious step, where there is no password."""
        return sent(actions.send_confirmation_code(user=request.user))


class _ChangeIdentifier(SoukView):
    unkeyed = None

    def begin(self, request: Request, identifier: Identifier, given: dict[str, Any]) -> Response:
        change = actions.request_identifier_change(
            user=request.user, identifier=identifier, password=given["password"], code=given["code"]
        )
        return Response(IdentifierChangeOut(change).data, status=202)


class ChangeEmail(_ChangeIdentifier):
    @extend_schema(operation_id="users_me_change_email", request=ChangeEmailIn, responses={202: IdentifierChangeOut})
    def post(self, request: Request) -> Response:
        """Begin to change the email address. Codes go to the new one and to the old proven one; both must confirm. Without an old
        proven one the password or a confirmation code is needed instead."""
        given = body(ChangeEmailIn, request)
        return self.begin(request, read_email(given["email"]), given)


class ChangePhone(_ChangeIdentifier):
    @extend_schema(operation_id="users_me_change_phone", request=ChangePhoneIn, responses={202: IdentifierChangeOut})
    def post(self, request: Request) -> Response:
        """Begin to change the phone number, in the same way as the email address."""
        given = body(ChangePhoneIn, request)
        return self.begin(request, read_phone(given["phone"]), given)


class ConfirmChange(SoukView):
    unkeyed = None

    @extend_schema(operation_id="users_me_confirm_change", request=ConfirmChangeIn, responses=IdentifierChangeOut)
    def post(self, request: Request, change_id: uuid.UUID) -> Response:
        """Confirm a change from one side. With both sides it is in force, and all other sessions end."""
        session = current_session(request)
        change = actions.confirm_identifier_change(
            user=request.user,
            change_id=change_id,
            session_id=session.pk if session else None,
            **body(ConfirmChangeIn, request),
        )
        return Response(IdentifierChangeOut(change).data)
