import pytest
from django.utils import timezone

from accounts.models import SellerStanding, User
from accounts.selectors import SOLD_BY_SQL, sold_by
from accounts.states import SellerType
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sellers():
    now = timezone.now()
    found = {
        "plain": UserFactory(),
        "checked": UserFactory(identity_verified_at=now),
        "shop": UserFactory(business_verified_at=now),
        "proven": UserFactory(),
        "few sales": UserFactory(),
        "low rating": UserFactory(),
        "unrated": UserFactory(),
    }
    for name, rating, sales in (
        ("proven", "4.50", 20),
        ("few sales", "5", 19),
        ("low rating", "4.49", 99),
        ("unrated", None, 99),
    ):
        SellerStanding.objects.create(user=found[name], rating=rating, sales_count=sales)
    return found


@pytest.mark.parametrize(
    ("seller_type", "names"),
    [
        ("verified", {"checked", "shop"}),
        ("individual", {"plain", "checked", "proven", "few sales", "low rating", "unrated"}),
        ("power", {"proven"}),
    ],
)
def test_a_type_of_seller_means_the_same_for_lists_and_for_feeds(sellers, seller_type, names):
    wanted = {sellers[name].pk for name in names}
    assert set(User.objects.filter(sold_by(seller_type, prefix="")).values_list("pk", flat=True)) == wanted
    by_sql = User.objects.raw(f"SELECT u.id FROM accounts_user u WHERE {SOLD_BY_SQL[seller_type]}")  # noqa: S608
    assert {user.pk for user in by_sql} == wanted


def test_every_type_is_said_in_both_ways():
    assert set(SOLD_BY_SQL) == set(SellerType)
