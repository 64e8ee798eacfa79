from django.urls import path

from payments.web import views

urlpatterns = [
    path("selling/money", views.money, name="my_money"),
    path("selling/money/settings", views.change_settings, name="payout_settings"),
    path("selling/money/payout", views.payout_now, name="payout_now"),
    path("selling/money/payouts/<uuid:payout_id>", views.payout, name="my_payout"),
    path("selling/money/onboarding", views.onboarding, name="onboarding"),
    path("selling/money/onboarding/back", views.onboarded, name="onboarded"),
]
