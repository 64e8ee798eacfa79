"""The words of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class RestrictionKind(models.TextChoices):
    """What a person may not do for a while. `account` is suspension: nothing at all."""

    ACCOUNT = "account", _("account suspended")
    SELL = "sell", _("may not sell")
    MESSAGE = "message", _("may not write")
    GO_LIVE = "go_live", _("may not go live")
    WITHDRAW = "withdraw", _("may not withdraw")


class ChallengePurpose(models.TextChoices):
    """What a one-time code or link proves."""

    VERIFY = "verify", _("verify an identifier")
    LOGIN = "login", _("sign in")
    RESET_PASSWORD = "reset_password", _("reset a password")
    CHANGE_OLD = "change_old", _("confirm a change from the old identifier")
    CHANGE_NEW = "change_new", _("confirm a change from the new identifier")
    CONFIRM = "confirm", _("confirm a serious step")


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    SMS = "sms", _("SMS")


class SessionKind(models.TextChoices):
    API = "api", _("app")
    WEB = "web", _("browser")


class Platform(models.TextChoices):
    IOS = "ios", "iOS"
    ANDROID = "android", "Android"
    WEB = "web", _("browser")


class ProfileVisibility(models.TextChoices):
    EVERYONE = "everyone", _("everyone")
    MEMBERS = "members", _("people who are signed in")
    FOLLOWERS = "followers", _("followers")


class MessagesFrom(models.TextChoices):
    EVERYONE = "everyone", _("everyone")
    FOLLOWING = "following", _("people I follow")
    NOBODY = "nobody", _("nobody")


class ExportState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")


EXPORT_MOVES = moves(
    {
        ExportState.REQUESTED: (ExportState.READY, ExportState.FAILED),
        ExportState.READY: (ExportState.EXPIRED,),
    }
)


class ErasureState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    CANCELLED = "cancelled", _("cancelled")
    DONE = "done", _("done")


ERASURE_MOVES = moves({ErasureState.REQUESTED: (ErasureState.CANCELLED, ErasureState.DONE)})


class SellerType(models.TextChoices):
    """By whom a reader wants things to be sold. What each means, `selectors.sellers` says."""

    VERIFIED = "verified", _("checked by a verifier")
    POWER = "power", _("power seller")
    INDIVIDUAL = "individual", _("private person")
