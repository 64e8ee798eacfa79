"""Who may use the moderators' part of the API."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import NotFound


class Staff(BasePermission):
    """Staff with the view's `permission`. Strangers are asked to sign in, other people find nothing here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if not request.user.is_staff:
            raise NotFound
        return request.user.has_perm(view.permission)
