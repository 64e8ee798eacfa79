# ruff: noqa: S608 - tables and conditions of this file alone
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.money import Money
from orders.actions import confirm_cash_back, say_cash_given_back
from orders.actions.cash_returns import owe_cash_back
from orders.states import Side
from orders.tests.dealing import held, in_cash, sold_for_cash
from payments import ports
from payments.actions import charge_cash_commission
from payments.selectors import audit_ledger
from payments.tests.money import brought_up

pytestmark = pytest.mark.django_db
FEE = 12_50


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def unposted(kind: str, ref: str) -> None:
    """Those postings never were: no line, and every balance is right."""
    tables = ("entry", "transaction", "balance")
    for table in tables:
        run(f"ALTER TABLE payments_ledger{table} DISABLE TRIGGER USER")
    of_them = f"(SELECT id FROM payments_ledgertransaction WHERE kind = '{kind}' AND subject = '{ref}')"
    run(f"DELETE FROM payments_ledgerentry WHERE transaction_id IN {of_them}")
    run(f"DELETE FROM payments_ledgertransaction WHERE kind = '{kind}' AND subject = '{ref}'")
    run(
        "UPDATE payments_ledgerbalance b SET amount = coalesce("
        "(SELECT sum(amount) FROM payments_ledgerentry e WHERE e.account_id = b.account_id), 0)"
    )
    for table in tables:
        run(f"ALTER TABLE payments_ledger{table} ENABLE TRIGGER USER")


def found() -> list[tuple[str, str, int | None, int | None]]:
    brought_up()
    return [(fault.kind.value, fault.ref, fault.in_ledger, fault.by_itself) for fault in audit_ledger().found]


def undone():
    order = sold_for_cash()
    say_cash_given_back(seller=order.seller, order_id=order.pk)
    confirm_cash_back(buyer=order.buyer, order_id=order.pk)
    return order


def undone_in_part(*parts):
    order = sold_for_cash()
    for part in parts:
        owe_cash_back(order, Money(part, "AED"), side=Side.STAFF, by=None)
    return order


def test_cash_sales_of_all_kinds_hold():
    sold_for_cash()
    undone()
    undone_in_part(100_00)
    undone_in_part(33_33, 1, 66_67)
    in_cash()  # not handed over yet: nothing is owed for it
    held()
    assert found() == []


def test_a_cash_sale_without_its_commission_is_found():
    order = sold_for_cash()
    unposted("cash_commission", f"order:{order.pk}")
    assert found() == [("not_posted", f"cash_commission order:{order.pk}", 0, FEE)]
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit_ledger")


def test_control_without_its_question_nobody_sees_it(monkeypatch):
    order = sold_for_cash()
    unposted("cash_commission", f"order:{order.pk}")
    monkeypatch.setattr(ports, "_audit_questions", [])
    assert found() == []


def test_a_sale_that_was_finished_past_our_code_is_found():
    order = in_cash()
    run(
        "UPDATE orders_order SET state = 'completed', payment_state = 'cash_paid', completed_at = now()"
        f" WHERE id = '{order.pk}'"
    )
    assert found() == [("not_posted", f"cash_commission order:{order.pk}", 0, FEE)]


def test_a_commission_without_its_sale_is_found():
    order = in_cash()
    charge_cash_commission(seller=order.seller, reference=f"order:{order.pk}", commission=order.commission)
    assert found() == [("never_happened", f"cash_commission order:{order.pk}", FEE, 0)]


def test_a_commission_of_a_sale_by_card_is_found():
    order = held()
    charge_cash_commission(seller=order.seller, reference=f"order:{order.pk}", commission=order.commission)
    assert found() == [("never_happened", f"cash_commission order:{order.pk}", FEE, 0)]


def test_another_amount_than_the_fee_of_that_day_is_found():
    order = in_cash()
    run(
        "UPDATE orders_order SET commission_minor = 700, payout_minor = total_minor - 700, state = 'completed',"
        f" payment_state = 'cash_paid', completed_at = now() WHERE id = '{order.pk}'"
    )
    charge_cash_commission(seller=order.seller, reference=f"order:{order.pk}", commission=Money(7_00, "AED"))
    assert found() == [("posted_otherwise", f"cash_commission order:{order.pk}", 7_00, FEE)]


def test_a_commission_that_another_seller_owes_is_found():
    order, other = sold_for_cash(), in_cash()
    unposted("cash_commission", f"order:{order.pk}")
    charge_cash_commission(seller=other.seller, reference=f"order:{order.pk}", commission=order.commission)
    kinds = {(kind, ref) for kind, ref, *_amounts in found()}
    ref = f"cash_commission order:{order.pk}"
    assert kinds == {("not_posted", ref), ("never_happened", ref)}


def test_an_undone_sale_whose_commission_was_kept_is_found():
    order = undone()
    unposted("cash_commission_back", f"order:{order.pk}")
    assert found() == [("not_posted", f"cash_commission_back order:{order.pk}", 0, -FEE)]


def test_a_part_of_which_too_much_was_returned_is_found():
    order = undone_in_part(100_00)
    run(f"UPDATE orders_order SET refunded_minor = 5000 WHERE id = '{order.pk}'")
    assert found() == [("posted_otherwise", f"cash_commission_back order:{order.pk}", -5_00, -2_50)]


def test_a_commission_that_was_returned_for_nothing_is_found():
    order = undone()
    run(f"UPDATE orders_order SET payment_state = 'cash_paid', refunded_minor = 0 WHERE id = '{order.pk}'")
    assert found() == [("never_happened", f"cash_commission_back order:{order.pk}", -FEE, 0)]
