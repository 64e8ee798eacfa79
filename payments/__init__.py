"""Fees now; charges, the ledger and payouts when money moves."""
