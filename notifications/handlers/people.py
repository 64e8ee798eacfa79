"""What people are told about people and about their own account."""

import uuid

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.events import (
    ErasureRequested,
    ExportReady,
    IdentifierChanged,
    PasswordChanged,
    PersonFollowed,
    RefreshTokenReused,
    RestrictionLifted,
    SignedInOnNewDevice,
)
from accounts.models import IdentifierChange, User
from core.events import handles, starts_job
from notifications.actions import tell
from notifications.sending import send_mail
from notifications.states import NotificationKind


@handles(PersonFollowed)
def tell_person_about_new_follower(news: PersonFollowed) -> None:
    follower = User.objects.get(pk=news.follower_id)
    tell(
        user=User.objects.get(pk=news.followed_id),
        kind=NotificationKind.NEW_FOLLOWER,
        facts={"name": follower.display_name, "user_id": str(follower.pk)},
        url=f"/u/{follower.username}",
        once_key=f"follow:{follower.pk}",
    )


def _security(user_id: uuid.UUID, what: str, key: str) -> None:
    tell(
        user=User.objects.get(pk=user_id),
        kind=NotificationKind.SECURITY,
        facts={"what": what},
        url="/me/sessions",
        once_key=key,
    )


@handles(PasswordChanged)
def tell_person_that_password_changed(news: PasswordChanged) -> None:
    _security(news.user_id, "password_changed", "")


@handles(SignedInOnNewDevice)
def tell_person_about_new_device(news: SignedInOnNewDevice) -> None:
    _security(news.user_id, "new_device", f"session:{news.session_id}")


@handles(RefreshTokenReused)
def tell_person_that_session_ended(news: RefreshTokenReused) -> None:
    _security(news.user_id, "session_ended", f"reuse:{news.session_id}")


@handles(IdentifierChanged)
def tell_person_that_identifier_changed(news: IdentifierChanged) -> None:
    _security(news.user_id, "email_changed" if news.channel == "email" else "phone_changed", "")


@starts_job(IdentifierChanged)
def warn_the_old_address(news: IdentifierChanged) -> None:
    """The old address is told too, where it was theirs: whoever took the account over does not read it."""
    user = User.objects.get(pk=news.user_id)
    change = IdentifierChange.objects.filter(pk=news.change_id).first() if news.change_id else None
    old_address = change.old_value if change else news.old_value
    if news.channel != "email" or not old_address:
        return
    with translation.override(user.language):
        send_mail(
            to=old_address,
            language=user.language,
            subject=_("Security of your account"),
            template="notice",
            context={"body": _("Your email address was changed. If it was not you, write to us at once.")},
        )


@handles(RestrictionLifted)
def tell_person_that_restriction_ended(news: RestrictionLifted) -> None:
    tell(
        user=User.objects.get(pk=news.user_id),
        kind=NotificationKind.ACCOUNT_NOTICE,
        facts={"what": "restored"},
        once_key=f"restored:{news.restriction_id}",
    )


@handles(ExportReady)
def tell_person_that_export_is_ready(news: ExportReady) -> None:
    user = User.objects.get(exports=news.export_id)
    tell(user=user, kind=NotificationKind.DATA_EXPORT, facts={}, url="/me/export", once_key=f"export:{news.export_id}")


@handles(ErasureRequested)
def tell_person_that_erasure_is_planned(news: ErasureRequested) -> None:
    tell(
        user=User.objects.get(pk=news.user_id),
        kind=NotificationKind.ACCOUNT_NOTICE,
        facts={"what": "erasure"},
        url="/me/delete",
        once_key=f"erasure:{news.erasure_id}",
    )
