"""Refusals of notifications."""

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound


class NoSuchNotification(NotFound):
    code = "notifications.no_such_notification"
    detail = _("There is no such notification among yours.")


class UnknownKind(Invalid):
    code = "notifications.unknown_kind"
    attr = "notification_types"
    detail = _("There is no kind of notification named “{kind}”.")


class InvalidUnsubscribeLink(Invalid):
    code = "notifications.invalid_unsubscribe_link"
    detail = _("This link is not one of ours, or it is damaged. You can change your settings after signing in.")
