"""What the ledger refuses, whoever asks, and that it is the guard that does: without it the same thing goes through."""

import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.actions import Line, post, reverse
from payments.models import LedgerAccount, LedgerBalance, LedgerEntry, LedgerTransaction
from payments.states import AccountKind, Postings
from payments.tests.money import aed, balances

pytestmark = pytest.mark.django_db
ROLE = "souk_app_of_a_test"


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def checked() -> None:
    """The checks of a commit, now."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


def at_commit(do: Callable[[], object]) -> None:
    with transaction.atomic():
        do()
        checked()


def adjusted(amount: int = 5_00, ref: str = "a") -> LedgerTransaction:
    return post(
        kind=Postings.ADJUSTMENT,
        ref=ref,
        lines=[
            Line(AccountKind.CLEARING, "", aed(amount)),
            Line(AccountKind.EQUITY, "", aed(-amount)),
        ],
    )


def accounts() -> tuple[LedgerAccount, LedgerAccount]:
    adjusted()
    return LedgerAccount.objects.get(code="clearing:AED"), LedgerAccount.objects.get(code="equity:AED")


def test_lines_move_balances():
    written = adjusted()
    assert balances() == {"clearing": 5_00, "equity": -5_00}
    assert adjusted() == written
    assert balances() == {"clearing": 5_00, "equity": -5_00}
    assert LedgerEntry.objects.count() == 2


def test_lines_on_one_account_are_one_and_those_of_nothing_are_none():
    post(
        kind=Postings.ADJUSTMENT,
        ref="a",
        lines=[
            Line(AccountKind.CLEARING, "", aed(2)),
            Line(AccountKind.CLEARING, "", aed(3)),
            Line(AccountKind.EXPENSE, "vouchers", aed(0)),
            Line(AccountKind.EQUITY, "", aed(-5)),
        ],
    )
    assert sorted(LedgerEntry.objects.values_list("account__code", "amount")) == [
        ("clearing:AED", 5),
        ("equity:AED", -5),
    ]


def test_a_transaction_is_taken_back_once():
    written = adjusted()
    for _again in range(2):
        back = reverse(kind=Postings.ADJUSTMENT, ref="a:back", of=written)
    assert (back.reverses, balances()) == (written, {})
    with pytest.raises(IntegrityError, match="reverses"), transaction.atomic():
        reverse(kind=Postings.ADJUSTMENT, ref="a:again", of=written)


def test_lines_that_do_not_balance_are_a_bug():
    with pytest.raises(ValueError, match="come to"):
        post(kind=Postings.ADJUSTMENT, ref="a", lines=[Line(AccountKind.CLEARING, "", aed(1))])
    assert not LedgerTransaction.objects.exists()


def unbalanced_orm() -> None:
    one, two = accounts()
    row = LedgerTransaction.objects.create(kind=Postings.ADJUSTMENT, ref="b")
    LedgerEntry.objects.create(transaction=row, account=one, amount=7)
    LedgerEntry.objects.create(transaction=row, account=two, amount=-6)


def unbalanced_bulk() -> None:
    one, two = accounts()
    row = LedgerTransaction.objects.create(kind=Postings.ADJUSTMENT, ref="b")
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(transaction=row, account=one, amount=7), LedgerEntry(transaction=row, account=two, amount=-6)]
    )


def unbalanced_sql() -> None:
    one, _two = accounts()
    row = LedgerTransaction.objects.get()
    run("INSERT INTO payments_ledgerentry (transaction_id, account_id, amount) VALUES (%s, %s, 1)", row.pk, one.pk)


def balanced_across_currencies() -> None:
    one, _two = accounts()
    other = LedgerAccount.objects.create(code="equity:EGP", kind="equity", currency="EGP")
    row = LedgerTransaction.objects.create(kind=Postings.ADJUSTMENT, ref="b")
    LedgerEntry.objects.create(transaction=row, account=one, amount=7)
    LedgerEntry.objects.create(transaction=row, account=other, amount=-7)


def no_lines() -> None:
    accounts()
    LedgerTransaction.objects.create(kind=Postings.ADJUSTMENT, ref="b")


UNBALANCED = [unbalanced_orm, unbalanced_bulk, unbalanced_sql, balanced_across_currencies, no_lines]


@pytest.mark.parametrize("wrong", UNBALANCED)
def test_lines_that_do_not_come_to_nothing_are_refused_at_the_commit(wrong):
    with pytest.raises(IntegrityError, match="do not come to nothing"):
        at_commit(wrong)


@pytest.mark.parametrize("wrong", UNBALANCED)
def test_a_session_that_ignores_other_triggers_is_refused_too(wrong):
    run("SELECT set_config('pgtrigger.ignore', '{payments_ledgerentry,payments_ledgertransaction}', true)")
    with pytest.raises(IntegrityError, match="do not come to nothing"):
        at_commit(wrong)


@pytest.mark.parametrize("wrong", UNBALANCED)
def test_without_the_guard_such_lines_would_stand(wrong):
    for table in ("payments_ledgerentry", "payments_ledgertransaction"):
        run(f"DROP TRIGGER comes_to_nothing ON {table}")
    at_commit(wrong)


REWRITES = {
    "entry, by a queryset": lambda: LedgerEntry.objects.update(amount=9),
    "entry, by bulk": lambda: LedgerEntry.objects.bulk_update(changed(LedgerEntry, amount=9), ["amount"]),
    "entry, by save": lambda: [row.save() for row in changed(LedgerEntry, amount=9)],
    "entry, by bulk_create": lambda: LedgerEntry.objects.bulk_create(
        changed(LedgerEntry, amount=9), update_conflicts=True, unique_fields=["pk"], update_fields=["amount"]
    ),
    "entry, by SQL": lambda: run("UPDATE payments_ledgerentry SET amount = 9"),
    "entry gone": lambda: LedgerEntry.objects.all().delete(),
    "entry gone, by SQL": lambda: run("DELETE FROM payments_ledgerentry"),
    "transaction": lambda: LedgerTransaction.objects.update(ref="z"),
    "transaction, by SQL": lambda: run("UPDATE payments_ledgertransaction SET occurred_at = now()"),
    "transaction gone": lambda: run("DELETE FROM payments_ledgertransaction"),
    "account": lambda: run("UPDATE payments_ledgeraccount SET code = 'x' WHERE kind = 'equity'"),
    "account gone": lambda: run("DELETE FROM payments_ledgeraccount"),
    "balance": lambda: LedgerBalance.objects.update(amount=9),
    "balance, by bulk": lambda: LedgerBalance.objects.bulk_update(changed(LedgerBalance, amount=9), ["amount"]),
    "balance, by bulk_create": lambda: LedgerBalance.objects.bulk_create(
        changed(LedgerBalance, amount=9), update_conflicts=True, unique_fields=["account"], update_fields=["amount"]
    ),
    "balance, by SQL": lambda: run("UPDATE payments_ledgerbalance SET highest = 900"),
    "balance gone": lambda: LedgerBalance.objects.all().delete(),
    "balance gone, by SQL": lambda: run("DELETE FROM payments_ledgerbalance"),
    "balance of one's own": lambda: run(
        "INSERT INTO payments_ledgerbalance (account_id, amount) SELECT max(id), 9 FROM payments_ledgeraccount"
    ),
    "all of it": lambda: run("TRUNCATE payments_ledgerentry, payments_ledgertransaction CASCADE"),
    "all balances": lambda: run("TRUNCATE payments_ledgerbalance"),
}
TABLES = ("account", "balance", "entry", "seal", "transaction")


def changed(model: type, **values: object) -> list:
    rows = list(model.objects.all())
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
    return rows


@pytest.mark.parametrize("rewrite", REWRITES)
def test_what_is_written_stays(rewrite):
    adjusted()
    checked()
    run("SET LOCAL souk.may_empty = ''")
    with pytest.raises(DatabaseError, match=r"Cannot|not emptied"), transaction.atomic():
        REWRITES[rewrite]()
    assert balances() == {"clearing": 5_00, "equity": -5_00}
    assert sorted(LedgerEntry.objects.values_list("amount", flat=True)) == [-5_00, 5_00]


@pytest.mark.parametrize("rewrite", REWRITES)
def test_without_the_guards_it_would_not_stay(rewrite):
    adjusted()
    checked()
    for table in TABLES:
        run(f"ALTER TABLE payments_ledger{table} DISABLE TRIGGER USER")
    with transaction.atomic():
        try:
            REWRITES[rewrite]()
        except IntegrityError as error:  # the row itself is free, only others point to it, or it is there already
            assert "foreign key" in str(error) or "duplicate key" in str(error)  # noqa: PT017
        transaction.set_rollback(True)


@pytest.fixture
def as_serving_role():
    """The rest of the test is the role that serves, as `grant_app_role` leaves it."""
    adjusted()
    checked()
    call_command("grant_app_role", ROLE, verbosity=0)
    run(f"SET LOCAL ROLE {ROLE}")
    yield
    run("RESET ROLE")


@pytest.mark.parametrize("rewrite", REWRITES)
def test_the_serving_role_has_no_right_to_rewrite(as_serving_role, rewrite):
    run("SELECT set_config('pgtrigger.ignore', '{}', true)")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        REWRITES[rewrite]()


def test_the_serving_role_posts(as_serving_role):
    adjusted(amount=3_00, ref="b")
    checked()
    assert balances() == {"clearing": 8_00, "equity": -8_00}


@pytest.mark.parametrize(
    ("kind", "owner", "amount"),
    [
        (AccountKind.HOLD, "order:a", 1),
        (AccountKind.PAYOUT, "p", 1),
        (AccountKind.REFUND, "r", 1),
        (AccountKind.CHARGEBACK, "d", -1),
        (AccountKind.CLEARING, "seller", -1),
    ],
)
def test_accounts_keep_to_the_bounds_of_their_kind(kind, owner, amount):
    def lines(sign: int) -> list[Line]:
        return [Line(kind, owner, aed(sign * amount)), Line(AccountKind.EQUITY, "", aed(-sign * amount))]

    with pytest.raises(IntegrityError, match="payments_balance_"), transaction.atomic():
        post(kind=Postings.ADJUSTMENT, ref="wrong", lines=lines(1))
    assert balances() == {}
    post(kind=Postings.ADJUSTMENT, ref="right", lines=lines(-1))
    checked()
    run("ALTER TABLE payments_ledgerbalance DROP CONSTRAINT payments_balance_floor")
    run("ALTER TABLE payments_ledgerbalance DROP CONSTRAINT payments_balance_ceiling")
    for n in range(2):
        post(kind=Postings.ADJUSTMENT, ref=f"without the bound {n}", lines=lines(1))


@pytest.mark.django_db(transaction=True)
def test_many_who_post_at_once_move_every_amount_once():
    failed: list[BaseException] = []

    def worker(number: int) -> None:
        try:
            for n in range(10):
                adjusted(amount=1, ref=f"own:{number}:{n}")
                adjusted(amount=100, ref=f"shared:{n}")  # by everybody: it counts once
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert balances() == {"clearing": 40 + 1000, "equity": -1040}
    assert LedgerTransaction.objects.count() == 50
