"""A server that speaks Stripe's protocol, for development and tests. It imports nothing of Souk Loop, nor is it imported."""
