"""Reports by people, and the moderators' queue: `/api/v1/users/{id}/report`, `/reports/mine`, `/moderation/…`."""

import uuid
from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.pagination import CursorPages
from core.rest.query import read_query
from core.rest.views import SoukView
from moderation import actions, rules, selectors
from moderation.api.permissions import Staff
from moderation.api.serializers import (
    CaseOut,
    CasesIn,
    DecideCaseIn,
    DecisionOut,
    DossierOut,
    ReportOut,
    ReportPersonIn,
    ResolveReportIn,
    StaffReportDetailOut,
    StaffReportOut,
    StaffReportsIn,
    SuspendPersonIn,
    TakeCaseIn,
    UndoDecisionIn,
    UnsuspendPersonIn,
)
from moderation.dossier import dossier_of
from moderation.targets import ACCOUNT

TYPE_ALIASES = {"user": ACCOUNT}  # the specification's word


def _body(serializer: type, request: Request) -> dict:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


# --- everybody -----------------------------------------------------------------------------------------------------


class ReportPerson(SoukView):
    @extend_schema(
        operation_id="users_report",
        request=ReportPersonIn,
        responses={201: ReportOut, 200: OpenApiResponse(ReportOut, description="You reported this person already.")},
    )
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Tell the moderators about a person. Somebody who blocked you can be reported too."""
        said = _body(ReportPersonIn, request)
        report = actions.report_target(
            reporter=request.user,
            target_kind=ACCOUNT,
            target_id=user_id,
            reason=said["reason"],
            description=said["description"],
            evidence_ids=said.get("evidence_ids", ()),
            related_id=said["related_conversation_id"],
        )
        return Response(ReportOut(report).data, status=201 if report.is_new else 200)


class Newest(CursorPages):
    ordering = "-id"


class MyReports(SoukView):
    @extend_schema(operation_id="reports_mine", responses=ReportOut(many=True))
    def get(self, request: Request) -> Response:
        """What I reported and how it ended."""
        pages = Newest()
        page = pages.paginate_queryset(selectors.reports_of(request.user), request, view=self)
        return pages.get_paginated_response(ReportOut(page, many=True).data)


# --- staff: reports ------------------------------------------------------------------------------------------------


class StaffView(SoukView):
    permission_classes = (Staff,)
    permission: ClassVar[str] = "moderation.view_case"


class MostReported(CursorPages):
    ordering = ("-report_count", "-id")


class StaffReports(StaffView):
    permission = "moderation.view_report"

    @extend_schema(operation_id="moderation_reports", parameters=[StaffReportsIn], responses=StaffReportOut(many=True))
    def get(self, request: Request) -> Response:
        """All reports, those of the most reported things first."""
        wanted = read_query(StaffReportsIn, request)
        kind = wanted.get("type", "")
        reports = selectors.reports_for_staff(
            reader=request.user,
            target_kind=TYPE_ALIASES.get(kind, kind),
            states=selectors.STATES_OF_STATUS.get(wanted.get("status", ""), ()),
        )
        pages = MostReported()
        page = pages.paginate_queryset(reports, request, view=self)
        return pages.get_paginated_response(StaffReportOut(page, many=True).data)


class StaffReport(StaffView):
    permission = "moderation.view_report"

    @extend_schema(operation_id="moderation_report", responses=StaffReportDetailOut)
    def get(self, request: Request, report_id: uuid.UUID) -> Response:
        """One report, with its evidence and what was done so far."""
        report = selectors.report_with_id(report_id)
        dossier = dossier_of(selectors.case_with_id(report.case_id), reader=request.user)
        return Response(StaffReportDetailOut(report, context={"dossier": dossier}).data)


class ResolveReport(StaffView):
    permission = rules.DECIDE

    @extend_schema(operation_id="moderation_resolve_report", request=ResolveReportIn, responses=DecisionOut)
    def patch(self, request: Request, report_id: uuid.UUID) -> Response:
        """Decide the case of a report by one of four words."""
        wanted = _body(ResolveReportIn, request)
        number = wanted.get("policy")
        decision = actions.resolve_report(
            report_id=report_id,
            moderator=request.user,
            action=wanted["action"],
            policy=selectors.policy_numbered(number) if number else None,
            revision=wanted.get("revision"),
            reason_en=wanted["reason_en"],
            reason_ar=wanted["reason_ar"],
            private_note=wanted["admin_notes"],
            duration_days=wanted.get("duration_days"),
        )
        return Response(DecisionOut(decision).data)


# --- staff: people -------------------------------------------------------------------------------------------------


class SuspendPerson(StaffView):
    permission = rules.SUSPEND

    @extend_schema(operation_id="moderation_suspend_user", request=SuspendPersonIn, responses={201: DecisionOut})
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Suspend a person for some days or until it is lifted, and hide what they sell."""
        wanted = _body(SuspendPersonIn, request)
        decision = actions.suspend_person(
            user_id=user_id,
            moderator=request.user,
            policy=selectors.policy_numbered(wanted["policy"]),
            reason_en=wanted["reason"],
            reason_ar=wanted["reason_ar"],
            duration_days=wanted["duration_days"],
        )
        return Response(DecisionOut(decision).data, status=201)


class UnsuspendPerson(StaffView):
    permission = rules.SUSPEND

    @extend_schema(
        operation_id="moderation_unsuspend_user", request=UnsuspendPersonIn, responses=DecisionOut(many=True)
    )
    def post(self, request: Request, user_id: uuid.UUID) -> Response:
        """Undo every suspension of a person; their listings show again. Answers with the decisions that were undone."""
        wanted = _body(UnsuspendPersonIn, request)
        undone = actions.unsuspend_person(user_id=user_id, moderator=request.user, reason=wanted["reason"])
        return Response(DecisionOut(undone, many=True).data)


# --- staff: cases --------------------------------------------------------------------------------------------------


class Cases(StaffView):
    @extend_schema(operation_id="moderation_cases", parameters=[CasesIn], responses=CaseOut(many=True))
    def get(self, request: Request) -> Response:
        """The queue in its order: severity × weight × money at risk × deadline. With a closed `state`, the newest first."""
        wanted = read_query(CasesIn, request)
        page = selectors.queue_page(
            moderator=request.user,
            now=timezone.now(),
            kind=wanted.get("kind", ""),
            state=wanted.get("state", ""),
            view=wanted.get("view", ""),
            cursor=wanted.get("cursor", ""),
            size=wanted["per_page"],
        )
        following = None
        if page.cursor:
            query = request.query_params.copy()
            query["cursor"] = page.cursor
            following = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        return Response({"results": CaseOut(page.cases, many=True).data, "next": following, "previous": None})


class CaseDetail(StaffView):
    @extend_schema(operation_id="moderation_case", responses=DossierOut)
    def get(self, request: Request, case_id: uuid.UUID) -> Response:
        """One case with everything about it."""
        return Response(DossierOut(dossier_of(selectors.case_with_id(case_id), reader=request.user)).data)


class ClaimCase(StaffView):
    permission = rules.DECIDE

    @extend_schema(operation_id="moderation_claim_case", request=TakeCaseIn, responses=CaseOut)
    def post(self, request: Request, case_id: uuid.UUID) -> Response:
        """Hold a case for some minutes, or hold it longer. With a note it is taken over from a colleague."""
        note = _body(TakeCaseIn, request)["note"]
        if note:
            case = actions.take_over_case(case_id=case_id, moderator=request.user, note=note)
        else:
            case = actions.claim_case(case_id=case_id, moderator=request.user)
        return Response(CaseOut(case).data)


class ReleaseCase(StaffView):
    bodyless = frozenset({"post"})
    permission = rules.DECIDE

    @extend_schema(operation_id="moderation_release_case", request=None, responses=CaseOut)
    def post(self, request: Request, case_id: uuid.UUID) -> Response:
        """Put a case back into the queue."""
        return Response(CaseOut(actions.release_case(case_id=case_id, moderator=request.user)).data)


class DecideCase(StaffView):
    permission = rules.DECIDE

    @extend_schema(operation_id="moderation_decide_case", request=DecideCaseIn, responses={201: DecisionOut})
    def post(self, request: Request, case_id: uuid.UUID) -> Response:
        """Decide a case. 412 when the content changed since the named revision; then nothing is written."""
        wanted = _body(DecideCaseIn, request)
        number = wanted.pop("policy")
        decision = actions.decide_case(
            case_id=case_id,
            moderator=request.user,
            policy=selectors.policy_numbered(number) if number else None,
            **wanted,
        )
        return Response(DecisionOut(decision).data, status=201)


class UndoDecision(StaffView):
    permission = rules.UNDO

    @extend_schema(operation_id="moderation_undo_decision", request=UndoDecisionIn, responses=DecisionOut)
    def post(self, request: Request, decision_id: uuid.UUID) -> Response:
        """Restore what a decision changed and put its case back into the queue."""
        reason = _body(UndoDecisionIn, request)["reason"]
        decision = actions.undo_decision(decision_id=decision_id, moderator=request.user, reason=reason)
        return Response(DecisionOut(decision).data)
