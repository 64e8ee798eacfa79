"""People who buy as fast as they can, in a process of their own, whatever happens to the database.

`python -m tests.operations.shopper prepare | shop FILE | judge FILE`: make a market; buy in it until the process is stopped, noting in
FILE what was acknowledged; bring everything to its end and tell as JSON what is wrong.
"""

import contextlib
import json
import random
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection, transaction  # noqa: E402
from django.db.models import Count, F, Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.tests.factories import UserFactory  # noqa: E402
from catalog.models import ProductVariant, StockHold  # noqa: E402
from catalog.tests.factories import ProductFactory  # noqa: E402
from core.errors import Refusal  # noqa: E402
from orders.actions import confirm_paid_checkout, expire_due_checkouts, open_checkout  # noqa: E402
from orders.errors import AlreadyPaying  # noqa: E402
from orders.models import Checkout, Order, Voucher, VoucherUse  # noqa: E402
from orders.quotes import Wanted  # noqa: E402
from orders.tests.factories import VoucherFactory  # noqa: E402
from payments.actions import note_intent  # noqa: E402
from payments.models import LedgerEntry, Payment, PaymentHold, ProviderCommand  # noqa: E402
from payments.tests.money import seen  # noqa: E402

SHOPPERS, THINGS, STOCK = 6, 8, 100_000


def prepare() -> None:
    UserFactory.create_batch(SHOPPERS, full_name="Shopper")
    for number in range(THINGS):
        product = ProductFactory(images=0, price_minor=10_000 + number)
        ProductVariant.objects.filter(product=product).update(stock=STOCK)
    VoucherFactory(code="ALWAYS", percent="10.00", total_limit=10**6, person_limit=10**6)


def shop(notes: Path) -> None:
    variants = list(ProductVariant.objects.filter(stock__gte=STOCK // 2).values_list("pk", flat=True))
    lock = threading.Lock()
    buyers = list(User.objects.filter(full_name="Shopper"))

    def note(what: str, checkout_id: object) -> None:
        with lock, notes.open("a") as out:
            out.write(f"{what} {checkout_id}\n")

    def buy(buyer: User) -> None:
        dice = random.Random(str(buyer.pk))
        while True:
            try:
                lines = [Wanted(variant_id=pk, quantity=dice.randint(1, 3)) for pk in dice.sample(variants, 2)]
                checkout = open_checkout(buyer=buyer, lines=lines, voucher_codes=["ALWAYS"])
                note("opened", checkout.pk)
                if dice.random() < 0.7:
                    payment = Payment.objects.get(pk=checkout.payment_id)
                    with transaction.atomic():
                        note_intent(payment_id=payment.pk, view=seen(payment))
                    note("captured", checkout.pk)
                    confirm_paid_checkout(payment_id=payment.pk)
                    note("paid", checkout.pk)
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(0.2)
            except (
                AlreadyPaying
            ) as refusal:  # charged before the database died, and not confirmed: the buyer comes back
                with contextlib.suppress(DatabaseError, InterfaceError):
                    checkout = Checkout.objects.get(pk=refusal.facts["checkout_id"])
                    confirm_paid_checkout(payment_id=checkout.payment_id)
            except Refusal as refusal:
                note(f"refused:{refusal.code}", "-")

    for buyer in buyers:
        threading.Thread(target=buy, args=(buyer,), daemon=True).start()
    print("shopping", flush=True)
    threading.Event().wait()


def judge(notes: Path) -> None:
    """What is open ends now, what is captured is confirmed as its news would; then everything must add up."""
    for payment in Payment.objects.filter(state="captured"):
        confirm_paid_checkout(payment_id=payment.pk)
    Checkout.objects.filter(state="open").update(expires_at=timezone.now() - timedelta(minutes=1))
    while expire_due_checkouts():
        pass
    said = [line.split() for line in notes.read_text().splitlines()]
    state = {str(pk): state for pk, state in Checkout.objects.values_list("pk", "state")}
    wrong = [line for line in said if line[0].startswith("refused")]
    wrong += [line for line in said if line[0] == "opened" and line[1] not in state]
    wrong += [line for line in said if line[0] in ("captured", "paid") and state.get(line[1]) != "paid"]
    checks = {
        "checkouts without all their orders": Checkout.objects.annotate(n=Count("orders")).exclude(n=2).count(),
        "totals that differ": Checkout.objects.annotate(s=Sum("orders__total_minor"))
        .exclude(s=F("total_minor"))
        .count(),
        "orders without their line": Order.objects.annotate(n=Count("items")).exclude(n=1).count(),
        "orders without their timeline": Order.objects.filter(events=None).count(),
        "holds that stand": StockHold.objects.filter(released_at=None, committed_at=None).count(),
        "confirmed and not paid": Order.objects.filter(state="confirmed").exclude(payment_state="held").count(),
        "payments without their command": Payment.objects.count()
        - ProviderCommand.objects.filter(kind="create_charge").count(),
        "parts that are missing": Order.objects.count() - PaymentHold.objects.count(),
        "the ledger": LedgerEntry.objects.aggregate(n=Sum("amount"))["n"] or 0,
        "uses of the voucher": Voucher.objects.get(code="ALWAYS").used
        - VoucherUse.objects.filter(released_at=None).count(),
        "pieces": THINGS * STOCK
        - (ProductVariant.objects.filter(stock__gte=STOCK // 2).aggregate(n=Sum("stock"))["n"] or 0)
        - (StockHold.objects.filter(committed_at__isnull=False).aggregate(n=Sum("quantity"))["n"] or 0),
    }
    paid = sum(value == "paid" for value in state.values())
    told = {"wrong": wrong, **{name: n for name, n in checks.items() if n}}
    print(json.dumps({"told": told if any(told.values()) else {}, "paid": paid, "checkouts": len(state)}))


if __name__ == "__main__":
    {"prepare": prepare, "shop": lambda: shop(Path(sys.argv[2])), "judge": lambda: judge(Path(sys.argv[2]))}[
        sys.argv[1]
    ]()
