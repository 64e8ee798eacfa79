from django.urls import path

from payments.api import views

urlpatterns = [path("fees/calculate", views.CalculateFee.as_view(), name="calculate-fee")]
