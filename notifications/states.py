"""The words of notifications."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class NotificationKind(models.TextChoices):
    """What people can be told; each can be switched per channel. Later apps add theirs."""

    NEW_FOLLOWER = "new_follower", _("new follower")
    LISTING_APPROVED = "listing_approved", _("listing approved")
    LISTING_NOT_APPROVED = "listing_not_approved", _("listing not approved")
    LISTING_REMOVED = "listing_removed", _("listing removed or hidden")
    LISTING_RESTORED = "listing_restored", _("listing restored")
    LISTING_EXPIRING = "listing_expiring", _("listing expires soon")
    PRODUCT_SOLD = "product_sold", _("a listing you saved is sold")
    PRICE_DROP = "price_drop", _("price drop on a listing you saved")
    BACK_ON_SALE = "back_on_sale", _("a listing you saved is for sale again")
    SAVED_SEARCH = "saved_search", _("found by a saved search, at once")
    SEARCH_DIGEST = "search_digest", _("digest of what you follow")
    NEW_MESSAGE = "new_message", _("new message while you are away")
    MESSAGE_NOT_DELIVERED = "message_not_delivered", _("message not delivered")
    NEW_OFFER = "new_offer", _("new offer")
    OFFER_COUNTERED = "offer_countered", _("counter-offer")
    OFFER_ACCEPTED = "offer_accepted", _("offer accepted")
    OFFER_DECLINED = "offer_declined", _("offer declined")
    OFFER_ENDED = "offer_ended", _("offer withdrawn, expired or overtaken")
    ORDER_PAID = "order_paid", _("an order is paid or agreed")
    ORDER_NEWS = "order_news", _("an order is prepared, sent, delivered or complete")
    ORDER_CANCELLED = "order_cancelled", _("an order is cancelled")
    ORDER_REFUND = "order_refund", _("money goes back")
    MEETING = "meeting", _("meetings")
    DISPUTE = "dispute", _("problems with orders")
    PAYOUT = "payout", _("payouts and your payment account")
    REPORT_OUTCOME = "report_outcome", _("outcome of your report")
    ACCOUNT_NOTICE = "account_notice", _("notice about your account")
    SECURITY = "security", _("security")
    DATA_EXPORT = "data_export", _("your data export")


ALWAYS_MAILED = frozenset({NotificationKind.ACCOUNT_NOTICE, NotificationKind.SECURITY, NotificationKind.DATA_EXPORT})

# Not on the list, which would say twice what the inbox says: these only go out, to somebody who is away.
OFF_LIST = frozenset({NotificationKind.NEW_MESSAGE})

# About what one saved: can wait for the digest, where somebody likes that better.
DIGESTIBLE = frozenset({NotificationKind.PRICE_DROP, NotificationKind.BACK_ON_SALE, NotificationKind.PRODUCT_SOLD})


class SendChannel(models.TextChoices):
    EMAIL = "email", _("email")
    PUSH = "push", _("push")
    SMS = "sms", _("SMS")


class SendState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")


SEND_MOVES = moves(
    {SendState.WAITING: (SendState.SENT, SendState.FAILED), SendState.FAILED: (SendState.SENT, SendState.FAILED)}
)
