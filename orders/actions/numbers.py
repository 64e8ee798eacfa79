"""Order numbers for people."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read as something else over a telephone
LENGTH = 8


def new_order_code() -> str:
    """A number such as SL-7K3F9QXM, in no order: it tells nobody how many were sold."""
    return "SL-" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
