from django.urls import path

from moderation.api import views

urlpatterns = [
    path("users/<uuid:user_id>/report", views.ReportPerson.as_view()),
    path("reports/mine", views.MyReports.as_view()),
    path("moderation/reports", views.StaffReports.as_view()),
    path("moderation/reports/<uuid:report_id>", views.StaffReport.as_view()),
    path("moderation/reports/<uuid:report_id>/resolve", views.ResolveReport.as_view()),
    path("moderation/users/<uuid:user_id>/suspend", views.SuspendPerson.as_view()),
    path("moderation/users/<uuid:user_id>/unsuspend", views.UnsuspendPerson.as_view()),
    path("moderation/cases", views.Cases.as_view()),
    path("moderation/cases/<uuid:case_id>", views.CaseDetail.as_view()),
    path("moderation/cases/<uuid:case_id>/claim", views.ClaimCase.as_view()),
    path("moderation/cases/<uuid:case_id>/release", views.ReleaseCase.as_view()),
    path("moderation/cases/<uuid:case_id>/decide", views.DecideCase.as_view()),
    path("moderation/decisions/<uuid:decision_id>/undo", views.UndoDecision.as_view()),
]
