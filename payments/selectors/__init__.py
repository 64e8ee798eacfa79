"""The questions of payments."""

from payments.selectors.fees import fee_rules

__all__ = ["fee_rules"]
