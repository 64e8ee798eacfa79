"""Buying: carts, checkouts, orders, how they are handed over, and what happens when they go wrong."""
