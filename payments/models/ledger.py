"""The double-entry ledger: append-only rows whose lines come to nothing, in each currency, at every commit.

Amounts are minor units, a debit positive and a credit negative. The database itself refuses what is wrong: lines that do not balance, a
balance outside its bounds, a row that is changed or deleted. What no session may switch off (lines that come to nothing, balances that
follow them, their bounds) is plain SQL in migration 0005; what the serving role lacks the right for is guarded by triggers too.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from payments.states import AccountKind, Postings

_STAYS = (
    pgtrigger.Protect(name="stays_as_written", operation=pgtrigger.Update),
    pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
)
# Whoever owns the tables could still empty them; tests do, and say so in their connection's options.
_IS_NOT_EMPTIED = pgtrigger.Trigger(
    name="is_not_emptied",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="""
        IF current_setting('souk.may_empty', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'The ledger is not emptied: % keeps its rows', TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    """,
)


class LedgerAccount(models.Model):
    """Where money is or to whom it is owed. `code` is `kind[:whose]:currency`, such as `hold:order:018f…:AED`."""

    code = models.CharField(max_length=120, unique=True, verbose_name=_("code"))
    kind = models.CharField(max_length=12, choices=AccountKind.choices, verbose_name=_("kind"))
    currency = models.CharField(max_length=3, verbose_name=_("currency"))
    owner = models.CharField(
        max_length=80, blank=True, verbose_name=_("whose")
    )  # a seller's id, "order:…", a payout's id

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        indexes = (models.Index(fields=["kind", "owner"], name="payments_account_of"),)
        triggers = (*_STAYS, _IS_NOT_EMPTIED)

    def __str__(self) -> str:
        return self.code


class LedgerTransaction(models.Model):
    """One reason why money moved. `ref` is the provider's or our id of the reason: nothing is posted twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=24, choices=Postings.choices, verbose_name=_("kind"))
    ref = models.CharField(max_length=120, verbose_name=_("reference"))
    subject = models.CharField(max_length=80, blank=True, verbose_name=_("concerns"))  # "order:…", to find it by
    actor_id = models.UUIDField(null=True, blank=True)  # None: the system
    reverses = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reversed_by",
        verbose_name=_("takes back"),
    )
    note = models.CharField(max_length=200, blank=True, verbose_name=_("note"))
    occurred_at = models.DateTimeField(default=timezone.now, verbose_name=_("at"))

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        constraints = (models.UniqueConstraint(fields=["kind", "ref"], name="payments_posted_once"),)
        indexes = (
            models.Index(fields=["subject", "id"], condition=~Q(subject=""), name="payments_postings_of"),
            models.Index(fields=["occurred_at"], name="payments_postings_by_day"),
        )
        triggers = (*_STAYS, _IS_NOT_EMPTIED)

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class LedgerEntry(models.Model):
    """One line. Σ of a transaction's lines is zero in each currency, which a deferred trigger checks at commit."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries", db_index=False)
    amount = models.BigIntegerField(verbose_name=_("amount in minor units"))  # debit +, credit −

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = (models.CheckConstraint(condition=~Q(amount=0), name="payments_entry_is_something"),)
        indexes = (models.Index(fields=["account", "-id"], name="payments_entries_of"),)
        triggers = (*_STAYS, _IS_NOT_EMPTIED)

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"


class LedgerBalance(models.Model):
    """What an account's lines come to. Made by a trigger of the accounts, kept by one of the lines, refused to anybody else.

    The bounds are those of the account's kind (migration 0005): nothing held or on its way is paid out twice. Whoever posts locks
    these rows first, by primary key.
    """

    account = models.OneToOneField(LedgerAccount, on_delete=models.PROTECT, primary_key=True, related_name="balance")
    amount = models.BigIntegerField(default=0)
    lowest = models.BigIntegerField(null=True, blank=True)  # None: no bound
    highest = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(lowest=None) | Q(amount__gte=F("lowest")), name="payments_balance_floor"
            ),
            models.CheckConstraint(
                condition=Q(highest=None) | Q(amount__lte=F("highest")), name="payments_balance_ceiling"
            ),
        )
        # At depth 0 somebody writes; one deeper it is the trigger of the accounts or of the lines.
        triggers = (
            pgtrigger.Protect(
                name="follows_its_lines",
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            _IS_NOT_EMPTIED,
        )

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount}"


class LedgerSeal(models.Model):
    """A link of the hash chain over the ledger's transactions, added by the one sealer."""

    transaction = models.OneToOneField(LedgerTransaction, on_delete=models.PROTECT, related_name="seal")
    position = models.PositiveBigIntegerField(unique=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = (*_STAYS, _IS_NOT_EMPTIED)

    def __str__(self) -> str:
        return f"{self.position}: {self.hash[:12]}"
