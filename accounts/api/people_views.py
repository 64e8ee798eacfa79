"""Other people: profiles, follows, blocks: `/api/v1/users/`."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, rules, selectors
from accounts.api.serializers import (
    BlockedOut,
    FollowOut,
    PagingIn,
    PeopleIn,
    ProfileOut,
    RelationshipOut,
)
from accounts.errors import NotYourself
from accounts.models import User
from core.rest.pagination import CursorPages
from core.rest.query import read_query, refuse_unknown
from core.rest.views import SoukView


class Profile(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="users_retrieve", responses=ProfileOut)
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """A person as the reader may see them: never their address, number or exact place."""
        refuse_unknown(request, set())
        person = selectors.visible_person(request.user, user_id)
        return Response(selectors.person_profile(request.user, person))


class ProfileByUsername(SoukView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="users_retrieve_by_username", responses=ProfileOut)
    def get(self, request: Request, username: str) -> Response:
        """The same by username, in whatever case it is written."""
        refuse_unknown(request, set())
        person = selectors.visible_person_by_username(request.user, username)
        return Response(selectors.person_profile(request.user, person))


class FollowPerson(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="users_follow", request=None, responses=RelationshipOut)
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Follow somebody; again changes nothing."""
        person = selectors.visible_person(request.user, user_id)
        actions.follow_person(follower=request.user, followed=person)
        return Response(relationship(request.user, person))

    @extend_schema(operation_id="users_unfollow", responses=RelationshipOut)
    def delete(self, request: Request, user_id: uuid.UUID) -> Response:
        """Stop following; again changes nothing."""
        person = selectors.person_with_erased(user_id)
        actions.unfollow_person(follower=request.user, followed=person)
        return Response(relationship(request.user, person))


class BlockPerson(SoukView):
    bodyless = frozenset({"post"})

    @extend_schema(operation_id="users_block", request=None, responses=RelationshipOut)
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Neither sees nor reaches the other from now on; follows between the two end."""
        person = selectors.person_with_erased(user_id)
        actions.block_person(blocker=request.user, blocked=person)
        return Response(relationship(request.user, person))

    @extend_schema(operation_id="users_unblock", responses=RelationshipOut)
    def delete(self, request: Request, user_id: uuid.UUID) -> Response:
        """Take a block back; again changes nothing."""
        person = selectors.person_with_erased(user_id)
        actions.unblock_person(blocker=request.user, blocked=person)
        return Response(relationship(request.user, person))


class RelationshipView(SoukView):
    @extend_schema(operation_id="users_relationship", responses=RelationshipOut)
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """Follows and blocks between the reader and a person, and whether the reader may write to them."""
        refuse_unknown(request, set())
        if user_id == request.user.pk:
            raise NotYourself
        person = rules.check_present(selectors.person_with_erased(user_id))
        return Response(relationship(request.user, person))


def relationship(viewer: User, person: User) -> dict[str, bool]:
    ties = selectors.ties(viewer, person.pk)
    may_message = rules.may_message(
        sender=viewer,
        person=person,
        person_follows_sender=ties.followed_by,
        blocked=ties.blocked or ties.blocked_by,
        open_kinds=selectors.open_restriction_kinds(viewer),
    )
    return {
        "following": ties.following,
        "followed_by": ties.followed_by,
        "blocked": ties.blocked,
        "blocked_by": ties.blocked_by,
        "can_message": may_message,
    }


def _page(view: SoukView, request: Request, links: Any, person_of: str, **dates: str) -> Response:
    pages = CursorPages()
    page = pages.paginate_queryset(links, request, view=view) or []
    rows = []
    for link in page:
        row = selectors.person_brief(getattr(link, person_of))
        row.update({name: getattr(link, field) for name, field in dates.items()})
        rows.append(row)
    return pages.get_paginated_response(rows)


class Followers(SoukView):
    permission_classes = (AllowAny,)
    pagination_class = CursorPages

    @extend_schema(operation_id="users_followers", parameters=[PeopleIn], responses=FollowOut(many=True))
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """Who follows a person, newest first."""
        wanted = read_query(PeopleIn, request)
        person = selectors.visible_person(request.user, user_id)
        links = selectors.followers(request.user, person, search=wanted.get("search", ""))
        return _page(self, request, links, "follower", followed_at="created_at", mutual="mutual")


class Following(SoukView):
    permission_classes = (AllowAny,)
    pagination_class = CursorPages

    @extend_schema(operation_id="users_following", parameters=[PeopleIn], responses=FollowOut(many=True))
    def get(self, request: Request, user_id: uuid.UUID) -> Response:
        """Whom a person follows, newest first."""
        wanted = read_query(PeopleIn, request)
        person = selectors.visible_person(request.user, user_id)
        links = selectors.following(request.user, person, search=wanted.get("search", ""))
        return _page(self, request, links, "followed", followed_at="created_at", mutual="mutual")


class Blocked(SoukView):
    pagination_class = CursorPages

    @extend_schema(operation_id="users_blocked", parameters=[PagingIn], responses=BlockedOut(many=True))
    def get(self, request: Request) -> Response:
        """Whom the reader blocked, newest first."""
        read_query(PagingIn, request)
        return _page(self, request, selectors.blocked_people(request.user), "blocked", blocked_at="created_at")
