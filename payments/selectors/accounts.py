"""Sellers as the provider knows them."""

from accounts.models import User
from payments.models import SellerAccount


def seller_account(seller: User) -> SellerAccount:
    """What the provider lets a seller do, as last read; an empty one for who has not begun."""
    return SellerAccount.objects.filter(pk=seller.pk).first() or SellerAccount(user=seller)
