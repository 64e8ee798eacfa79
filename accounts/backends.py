"""Who is it? Sign-in by email, username or phone."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.signin import find_person


class IdentifierBackend(ModelBackend):
    """Django's backend; looks a person up by any of their identifiers.

    Suspended people pass (see `accounts.rules`), erased ones do not exist. An unknown name, or a person without a password, costs one
    hash like everybody else.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        person = find_person(username)
        if person is None:
            User().set_password(password)
            return None
        return person if person.check_password(password) and self.user_can_authenticate(person) else None
