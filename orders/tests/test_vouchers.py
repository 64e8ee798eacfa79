from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from accounts.errors import NotASeller
from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory, SellerFactory
from core.errors import NotAllowed
from core.models import AuditEntry
from orders import errors
from orders.actions import change_platform_voucher, change_voucher, drop_voucher, issue_platform_voucher, issue_voucher
from orders.models import Voucher
from orders.rules import split, worth
from orders.tests.factories import VoucherFactory
from orders.tests.shopping import bought

pytestmark = pytest.mark.django_db
TEN = {"kind": "percent", "percent": Decimal("10.00"), "currency": "AED"}


def test_a_shop_issues_a_voucher_in_capitals():
    seller = SellerFactory()
    voucher = issue_voucher(seller=seller, code=" summer-10 ", fields=TEN)
    assert (voucher.code, voucher.funder, voucher.seller) == ("SUMMER-10", "shop", seller)


@pytest.mark.parametrize("code", ["", "ab", "x" * 31, "two words", "-dash", "عرض١٠"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(errors.NotAVoucherCode):
        issue_voucher(seller=SellerFactory(), code=code, fields=TEN)
    assert not Voucher.objects.exists()


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"percent": Decimal(0)}, "percent"),
        ({"percent": Decimal("100.01")}, "percent"),
        ({"kind": "fixed", "amount_minor": 0}, "amount"),
        ({"currency": "XXX"}, "currency"),
        ({"minimum_minor": -1}, "minimum"),
        ({"cap_minor": 0}, "cap"),
        ({"total_limit": 0}, "total_limit"),
        ({"person_limit": 0}, "person_limit"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused_by_name(fields, attr):
    with pytest.raises(errors.NotAVoucher) as caught:
        issue_voucher(seller=SellerFactory(), code="SUMMER", fields={**TEN, **fields})
    assert caught.value.at == attr
    assert not Voucher.objects.exists()


def test_a_code_is_taken_once_whatever_its_case():
    VoucherFactory(code="Summer")
    with pytest.raises(errors.VoucherCodeTaken):
        issue_voucher(seller=SellerFactory(), code="SUMMER", fields=TEN)
    assert Voucher.objects.count() == 1


def test_only_sellers_issue():
    with pytest.raises(NotASeller):
        issue_voucher(seller=UserFactory(buyer=True), code="SUMMER", fields=TEN)


def test_what_a_used_voucher_is_worth_stays_but_its_end_may_change():
    product = ProductFactory(images=0)
    voucher = VoucherFactory(shop=product.seller)
    bought(product, voucher_codes=[voucher.code])
    with pytest.raises(errors.VoucherWasUsed):
        change_voucher(seller=product.seller, voucher_id=voucher.pk, fields={"percent": Decimal("20.00")})
    change_voucher(seller=product.seller, voucher_id=voucher.pk, fields={"is_active": False, "total_limit": 5})
    voucher.refresh_from_db()
    assert (voucher.percent, voucher.is_active, voucher.total_limit) == (Decimal("10.00"), False, 5)


def test_a_used_voucher_is_switched_off_and_an_unused_one_goes():
    product = ProductFactory(images=0)
    used, unused = VoucherFactory(shop=product.seller), VoucherFactory(shop=product.seller)
    bought(product, voucher_codes=[used.code])
    for voucher in (used, unused):
        drop_voucher(seller=product.seller, voucher_id=voucher.pk)
    assert list(Voucher.objects.values_list("pk", "is_active")) == [(used.pk, False)]


def test_another_shops_voucher_is_not_there():
    voucher = VoucherFactory(shop=SellerFactory())
    for action, said in ((change_voucher, {"fields": {"is_active": False}}), (drop_voucher, {})):
        with pytest.raises(errors.VoucherNotFound):
            action(seller=SellerFactory(), voucher_id=voucher.pk, **said)
    assert Voucher.objects.get().is_active


def test_the_platforms_vouchers_are_issued_by_those_who_may_and_recorded():
    staff = UserFactory(is_staff=True)
    with pytest.raises(NotAllowed):
        issue_platform_voucher(staff=staff, code="WELCOME", fields=TEN)
    assert not Voucher.objects.exists()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["add_voucher", "change_voucher"]))
    staff = type(staff).objects.get(pk=staff.pk)
    voucher = issue_platform_voucher(staff=staff, code="WELCOME", fields=TEN)
    change_platform_voucher(staff=staff, voucher_id=voucher.pk, fields={"total_limit": 100})
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "orders.voucher_issued",
        "orders.voucher_changed",
    ]


def test_parts_are_whole_and_come_to_the_whole():
    assert split(10, [1, 1, 1]) == [4, 3, 3]
    assert split(0, [5, 5]) == [0, 0]
    assert split(7, [0, 0]) == [0, 0]
    assert sum(split(99_99, [33_33, 1, 77_77])) == 99_99


def test_a_percentage_is_rounded_half_up_once():
    assert worth(Voucher(kind="percent", percent=Decimal("12.5"), currency="AED"), 10_04) == 1_26
    assert worth(Voucher(kind="fixed", amount_minor=50_00, currency="AED"), 30_00) == 28_00
