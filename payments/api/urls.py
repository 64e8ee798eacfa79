from django.urls import path

from payments.api import onboarding, payouts, views, webhooks

urlpatterns = [
    path("fees/calculate", views.CalculateFee.as_view(), name="calculate-fee"),
    path("payouts", payouts.Payouts.as_view(), name="payouts"),
    path("payouts/account", onboarding.PayoutAccount.as_view(), name="payout-account"),
    path("payouts/balance", payouts.Balance.as_view(), name="payout-balance"),
    path("payouts/commission", payouts.Commission.as_view(), name="payout-commission"),
    path("payouts/onboarding", onboarding.Onboarding.as_view(), name="payout-onboarding"),
    path("payouts/request", payouts.RequestPayout.as_view(), name="payout-request"),
    path("payouts/settings", payouts.PayoutSettings.as_view(), name="payout-settings"),
    path("payouts/statement", payouts.Statement.as_view(), name="payout-statement"),
    path("webhooks/stripe", webhooks.StripeWebhook.as_view(), name="stripe-webhook"),
    path("webhooks/stripe/connect", webhooks.StripeConnectWebhook.as_view(), name="stripe-connect-webhook"),
    path("payouts/<uuid:payout_id>", payouts.PayoutDetail.as_view(), name="payout"),
]
