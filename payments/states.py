"""The lives of payments, holds, refunds, payouts and of what we ask the provider to do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.states import moves


class PaymentState(models.TextChoices):
    """Money on its way in. A card that was declined leaves a payment open: the payer tries another."""

    OPEN = "open", _("waiting for the payer")
    PROCESSING = "processing", _("being processed")
    CAPTURED = "captured", _("paid")
    CANCELLED = "cancelled", _("cancelled")


PAYMENT_MOVES = moves(
    {
        PaymentState.OPEN: (PaymentState.PROCESSING, PaymentState.CAPTURED, PaymentState.CANCELLED),
        PaymentState.PROCESSING: (PaymentState.OPEN, PaymentState.CAPTURED, PaymentState.CANCELLED),
        # The provider took the money while we called it off: it is captured, and given back.
        PaymentState.CANCELLED: (PaymentState.CAPTURED,),
    }
)


class HoldState(models.TextChoices):
    """One payee's part of a payment."""

    PENDING = "pending", _("not paid yet")
    HELD = "held", _("held")
    RELEASED = "released", _("released to the seller")
    REFUNDED = "refunded", _("given back")  # all of it
    CANCELLED = "cancelled", _("cancelled")


HOLD_MOVES = moves(
    {
        HoldState.PENDING: (HoldState.HELD, HoldState.CANCELLED),
        HoldState.HELD: (HoldState.RELEASED, HoldState.REFUNDED),
        HoldState.RELEASED: (HoldState.REFUNDED,),
        HoldState.REFUNDED: (HoldState.HELD, HoldState.RELEASED),  # the provider could not carry the refund out
        HoldState.CANCELLED: (HoldState.HELD,),  # captured after all
    }
)


class RefundState(models.TextChoices):
    AWAITING_APPROVAL = "awaiting_approval", _("waits for a second person")
    REQUESTED = "requested", _("on its way to the provider")
    PENDING = "pending", _("on its way to the buyer")
    SUCCEEDED = "succeeded", _("given back")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("not approved")


REFUND_MOVES = moves(
    {
        RefundState.AWAITING_APPROVAL: (RefundState.REQUESTED, RefundState.REFUSED),
        RefundState.REQUESTED: (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED),
        RefundState.PENDING: (RefundState.SUCCEEDED, RefundState.FAILED),
        RefundState.SUCCEEDED: (RefundState.FAILED,),  # a bank may send it back days later
        RefundState.FAILED: (RefundState.REQUESTED,),
    }
)


class PayoutState(models.TextChoices):
    AWAITING_APPROVAL = "awaiting_approval", _("waits for a second person")
    PENDING = "pending", _("ordered")
    PROCESSING = "processing", _("on its way to the bank")
    PAID = "paid", _("paid")
    FAILED = "failed", _("failed")
    REFUSED = "refused", _("not approved")


PAYOUT_MOVES = moves(
    {
        PayoutState.AWAITING_APPROVAL: (PayoutState.PENDING, PayoutState.REFUSED),
        PayoutState.PENDING: (PayoutState.PROCESSING, PayoutState.FAILED),
        PayoutState.PROCESSING: (PayoutState.PAID, PayoutState.FAILED),
        PayoutState.PAID: (PayoutState.FAILED,),  # for some days a bank may still send it back
    }
)


class CommandState(models.TextChoices):
    """What we ask the provider to do. Once in an end state it is never sent again."""

    PENDING = "pending", _("waiting")
    SENT = "sent", _("sent, no answer yet")
    DONE = "done", _("done")
    FAILED = "failed", _("refused by the provider")
    PARKED = "parked", _("needs a person")


COMMAND_MOVES = moves(
    {
        CommandState.PENDING: (CommandState.SENT, CommandState.FAILED, CommandState.PARKED),
        CommandState.SENT: (CommandState.PENDING, CommandState.DONE, CommandState.FAILED, CommandState.PARKED),
        CommandState.PARKED: (CommandState.PENDING, CommandState.DONE, CommandState.FAILED),
    }
)


class CommandKind(models.TextChoices):
    CREATE_CUSTOMER = "create_customer", _("customer")
    CREATE_ACCOUNT = "create_account", _("seller account")
    CREATE_CHARGE = "create_charge", _("charge")
    CANCEL_CHARGE = "cancel_charge", _("cancel a charge")
    REFUND = "refund", _("refund")
    TRANSFER = "transfer", _("transfer to a seller")
    PAY_OUT = "pay_out", _("payout to a bank")
    CLAW_BACK = "claw_back", _("take a transfer back")


class InboxState(models.TextChoices):
    """A provider's event: a doorbell, by which we look at the thing itself."""

    RECEIVED = "received", _("received")
    PROCESSED = "processed", _("looked at")
    IGNORED = "ignored", _("not ours")
    FAILED = "failed", _("failed")


INBOX_MOVES = moves(
    {
        InboxState.RECEIVED: (InboxState.PROCESSED, InboxState.IGNORED, InboxState.FAILED),
        InboxState.FAILED: (InboxState.RECEIVED, InboxState.PROCESSED, InboxState.IGNORED),
    }
)


class ChargebackState(models.TextChoices):
    """A payer took it up with their bank."""

    OPEN = "open", _("open")
    ANSWERED = "answered", _("evidence sent")
    WON = "won", _("won")
    LOST = "lost", _("lost")


REINSTATED = "reinstated"  # why a refund that a bank had carried out counts no more: it sent the money back

CHARGEBACK_MOVES = moves(
    {
        ChargebackState.OPEN: (ChargebackState.ANSWERED, ChargebackState.WON, ChargebackState.LOST),
        ChargebackState.ANSWERED: (ChargebackState.WON, ChargebackState.LOST),
        ChargebackState.LOST: (ChargebackState.WON,),  # reinstated
    }
)


class BreakState(models.TextChoices):
    OPEN = "open", _("open")
    EXPLAINED = "explained", _("explained")
    MENDED = "mended", _("gone by itself")


BREAK_MOVES = moves({BreakState.OPEN: (BreakState.EXPLAINED, BreakState.MENDED)})


class BreakKind(models.TextChoices):
    NOT_IN_LEDGER = "not_in_ledger", _("at the provider, not in the ledger")
    NOT_AT_PROVIDER = "not_at_provider", _("in the ledger, not at the provider")
    AMOUNT = "amount", _("amounts differ")
    FEE = "fee", _("fees differ")
    IN_TRANSIT = "in_transit", _("too long on its way")
    DUPLICATE = "duplicate", _("twice at the provider")
    BALANCE = "balance", _("balances differ")
    UNKNOWN_PAYOUT = "unknown_payout", _("a payout that we did not order")
    NOT_POSTED = "not_posted", _("happened, not posted in the ledger")
    NEVER_HAPPENED = "never_happened", _("posted in the ledger, never happened")
    POSTED_OTHERWISE = "posted_otherwise", _("posted with another amount")
    LEDGER_BROKEN = "ledger_broken", _("the ledger itself does not hold")


# What the nightly audit of our own ledger finds; the others come of comparing it with the provider's books.
OF_THE_AUDIT = (BreakKind.NOT_POSTED, BreakKind.NEVER_HAPPENED, BreakKind.POSTED_OTHERWISE, BreakKind.LEDGER_BROKEN)


class Schedule(models.TextChoices):
    """When a seller is paid out."""

    INSTANT = "instant", _("at once, for a fee")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class AccountKind(models.TextChoices):
    """The ledger's accounts. A debit is positive, a credit negative."""

    CLEARING = "clearing", _("money at the provider")
    HOLD = "hold", _("held for an order")
    SELLER = "seller", _("owed to a seller")
    PAYOUT = "payout", _("on its way to a seller")
    REFUND = "refund", _("on its way back to a buyer")
    REVENUE = "revenue", _("earned")
    EXPENSE = "expense", _("spent")
    CHARGEBACK = "chargeback", _("in dispute with a bank")
    CASH = "cash", _("paid in cash, beside us")
    EQUITY = "equity", _("adjustments")


class Postings(models.TextChoices):
    """Why money moved in the ledger; `(kind, ref)` is unique, so that nothing is posted twice."""

    CAPTURE = "capture", _("payment")
    RELEASE = "release", _("release")
    REFUND_ORDERED = "refund_ordered", _("refund ordered")
    REFUND = "refund", _("refund")
    REFUND_FAILED = "refund_failed", _("refund came back")
    PAYOUT_ORDERED = "payout_ordered", _("payout ordered")
    TRANSFER = "transfer", _("transfer")
    PAYOUT_FAILED = "payout_failed", _("payout came back")
    CLAW_BACK = "claw_back", _("clawed back")
    CHARGEBACK = "chargeback", _("disputed with a bank")
    CHARGEBACK_WON = "chargeback_won", _("dispute won")
    CHARGEBACK_LOST = "chargeback_lost", _("dispute lost")
    CASH_COMMISSION = "cash_commission", _("commission of a cash sale")
    CASH_COMMISSION_BACK = "cash_commission_back", _("commission of a cash sale given back")
    PROVIDER_FEE = "provider_fee", _("fee of the provider")
    ADJUSTMENT = "adjustment", _("adjustment")
