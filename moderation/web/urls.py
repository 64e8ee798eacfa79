from django.urls import path

from moderation.web import views

urlpatterns = [
    path("report/<slug:kind>/<uuid:target_id>", views.report, name="report"),
    path("u/<str:username>/report", views.report_person, name="report_person"),
    path("me/reports", views.my_reports, name="my-reports"),
    path("me/reports/<uuid:report_id>", views.my_report, name="my_report"),
]
