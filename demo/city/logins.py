"""The accounts with which a newcomer walks through the demo: their password is known to everybody."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.actions import register_person
from accounts.actions.profile import set_location
from accounts.models import User
from core.geo import LatLng
from demo.city import past

PASSWORD = "souk-loop-demo"  # noqa: S105 - printed on the screen; the command refuses to run in production
MARINA_MALL = LatLng(25.0763, 55.1398)


@dataclass(frozen=True)
class Login:
    """One of them: `group` is a staff group, "" for a person like others."""

    username: str
    full_name: str
    language: str
    what: str
    group: str = ""
    superuser: bool = False

    @property
    def email(self) -> str:
        return f"{self.username}@demo.example"

    @property
    def is_staff(self) -> bool:
        return bool(self.group or self.superuser)


LOGINS = (
    Login("admin", "Amna Al Falasi", "en", "everything, in the console", superuser=True),
    Login("moderator", "Mariam Haddad", "en", "the queue of cases, in the console", "moderator"),
    Login("verifier", "Yousef Darwish", "en", "looks people up, in the console", "verifier"),
    Login("finance", "Reem Al Suwaidi", "en", "fees and money, in the console", "finance"),
    Login("seller", "Layla Haddad", "en", "sells around Dubai Marina"),
    Login("buyer", "عمر المنصوري", "ar", "looks around Dubai Marina, in Arabic"),
)
# Colleagues of the past: the demo's own staff decided nothing yet, so nothing is closed to them, also not a second look.
DECIDERS = (
    Login("salem.moderates", "Salem Al Marri", "ar", "decided before you came", "moderator"),
    Login("nadia.moderates", "Nadia Khoury", "en", "decided before you came", "moderator"),
    Login("faris.settles", "Faris Al Ketbi", "en", "decided about money before you came", "finance"),
)


@transaction.atomic
def let_in(login: Login, *, password_hash: str) -> User:
    """The account of a login, made on the first call; they share one password and its hash, which takes long to make.

    Everybody lives at Dubai Marina Mall, where the demo opens.
    """
    user = User.objects.filter(username__iexact=login.username).first()
    if user is not None:
        return user
    if login.superuser:  # as `manage.py createsuperuser` does; a newcomer may not register under this name
        user = User.objects.create_superuser(login.username, None, login.email)
        user.full_name = login.full_name
        user.save(update_fields=["full_name"])
    else:
        user = register_person(
            username=login.username,
            email=login.email,
            full_name=login.full_name,
            language=login.language,
            role="both" if login.username == "seller" else "buyer",
            proven=("email",),
        )
    past.password_chosen(user, password_hash)
    if login.group:
        _appoint(user, login.group)
    else:
        set_location(user=user, place=MARINA_MALL)
    user.refresh_from_db()
    return user


def _appoint(user: User, name: str) -> None:
    """Make somebody staff in one group, as an administrator does in the console."""
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name=name))
