from django.urls import path

from payments.api import onboarding, views, webhooks

urlpatterns = [
    path("fees/calculate", views.CalculateFee.as_view(), name="calculate-fee"),
    path("payouts/account", onboarding.PayoutAccount.as_view(), name="payout-account"),
    path("payouts/onboarding", onboarding.Onboarding.as_view(), name="payout-onboarding"),
    path("webhooks/stripe", webhooks.StripeWebhook.as_view(), name="stripe-webhook"),
    path("webhooks/stripe/connect", webhooks.StripeConnectWebhook.as_view(), name="stripe-connect-webhook"),
]
