"""Moderation on the wire. A private note is taken in and never given out, to nobody."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.money import Money
from core.rest.serializers import StrictSerializer
from media.shapes import AssetIdField
from moderation import rules, selectors
from moderation.dossier import Dossier, Said
from moderation.models import Case, Decision, Report
from moderation.states import CaseKind, CaseState, ReportReason

REPORT_STATUSES = tuple(selectors.STATES_OF_STATUS)
REPORT_ACTIONS = ("remove_content", "suspend_user", "warn_user", "no_action")


# --- in ------------------------------------------------------------------------------------------------------------


class ReportPersonIn(StrictSerializer):
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    description = serializers.CharField(required=False, allow_blank=True, default="", max_length=rules.MAX_DESCRIPTION)
    evidence_ids = serializers.ListField(child=AssetIdField(), required=False, max_length=rules.MAX_EVIDENCE)
    related_conversation_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class StaffReportsIn(StrictSerializer):
    """The filters of the list of reports."""

    type = serializers.CharField(required=False, help_text="A kind of target: product, user.")
    status = serializers.ChoiceField(choices=REPORT_STATUSES, required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100)


class ResolveReportIn(StrictSerializer):
    action = serializers.ChoiceField(choices=REPORT_ACTIONS)
    admin_notes = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    policy = serializers.CharField(
        required=False, help_text="A policy's number; by default the one that fits the report's reason."
    )
    revision = serializers.IntegerField(
        required=False, min_value=1, help_text="The revision that was read; by default the one that was reported."
    )
    reason_en = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    reason_ar = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    duration_days = serializers.IntegerField(required=False, min_value=1, max_value=rules.MAX_DAYS)


class SuspendPersonIn(StrictSerializer):
    reason = serializers.CharField(max_length=2000, help_text="What the person is told, in English.")
    reason_ar = serializers.CharField(
        required=False, default="", max_length=2000, help_text="The same in Arabic; by default the policy's words."
    )
    policy = serializers.CharField(required=False, default="5.1", help_text="A policy's number.")
    duration_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=rules.MAX_DAYS,
        help_text="Until it is lifted where none is given.",
    )  # fmt: skip


class UnsuspendPersonIn(StrictSerializer):
    reason = serializers.CharField(max_length=2000, help_text="For the audit log.")


class CasesIn(StrictSerializer):
    """The filters of the queue."""

    kind = serializers.ChoiceField(choices=CaseKind.choices, required=False)
    state = serializers.ChoiceField(choices=CaseState.choices, required=False)
    view = serializers.ChoiceField(choices=("mine", "unassigned", "overdue"), required=False)
    cursor = serializers.CharField(required=False)
    per_page = serializers.IntegerField(required=False, min_value=1, max_value=100, default=20)


class TakeCaseIn(StrictSerializer):
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=1000,
        help_text="With a note the case is taken over from whoever holds it.",
    )  # fmt: skip


class DecideCaseIn(StrictSerializer):
    outcome = serializers.CharField(max_length=30)
    revision = serializers.IntegerField(min_value=1, help_text="The revision of the content that was read.")
    policy = serializers.CharField(required=False, allow_null=True, default=None, help_text="A policy's number.")
    reason_en = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    reason_ar = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    private_note = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    duration_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=rules.MAX_DAYS
    )


class UndoDecisionIn(StrictSerializer):
    reason = serializers.CharField(max_length=2000)


# --- out -----------------------------------------------------------------------------------------------------------


class ReportOut(serializers.ModelSerializer):
    """A report as its own reporter sees it: what they said, and how it ended in plain words."""

    target_kind = serializers.CharField(source="case.target_kind")
    target_id = serializers.UUIDField(source="case.target_id")
    title = serializers.CharField(source="case.title")
    status = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField(help_text="What came of it, in a sentence.")
    resolved_at = serializers.DateTimeField(source="case.closed_at", allow_null=True)

    class Meta:
        model = Report
        fields = (
            "id",
            "target_kind",
            "target_id",
            "title",
            "reason",
            "description",
            "status",
            "outcome",
            "created_at",
            "resolved_at",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["pending", "under_review", "resolved", "dismissed"]))
    def get_status(self, report: Report) -> str:
        return selectors.report_told(report).status

    def get_outcome(self, report: Report) -> str:
        return str(selectors.report_told(report).words)


class PersonRefOut(serializers.Serializer):
    id = serializers.UUIDField(source="pk")
    username = serializers.CharField()
    display_name = serializers.CharField()


class MoneyOut(serializers.Serializer):
    amount = serializers.CharField()
    currency = serializers.CharField()


class CaseOut(serializers.ModelSerializer):
    """A case in the queue."""

    author = PersonRefOut(help_text="Whose content or account it is.")
    at_risk = serializers.SerializerMethodField()
    claimed_by = PersonRefOut(allow_null=True)
    weight = serializers.DecimalField(max_digits=6, decimal_places=2, coerce_to_string=False)

    class Meta:
        model = Case
        fields = (
            "id",
            "number",
            "kind",
            "state",
            "target_kind",
            "target_id",
            "author",
            "title",
            "severity",
            "weight",
            "report_count",
            "at_risk",
            "auto_hidden_at",
            "withdrawn_at",
            "escalated_at",
            "due_at",
            "claimed_by",
            "claimed_until",
            "opened_at",
            "closed_at",
        )

    @extend_schema_field(MoneyOut(allow_null=True))
    def get_at_risk(self, case: Case) -> dict[str, str] | None:
        if not case.at_risk_currency:
            return None
        return {"amount": str(Money(case.at_risk_minor, case.at_risk_currency)), "currency": case.at_risk_currency}


class DecisionOut(serializers.ModelSerializer):
    """A decision. Its private note is for the console only."""

    policy = serializers.CharField(source="policy.number", allow_null=True, default=None)
    actor = PersonRefOut(allow_null=True, help_text="Null where the weight of the reports did it.")
    undone_by = PersonRefOut(allow_null=True)

    class Meta:
        model = Decision
        fields = (
            "id",
            "case_id",
            "outcome",
            "upheld",
            "policy",
            "policy_version",
            "actor",
            "target_revision",
            "reason_en",
            "reason_ar",
            "duration_days",
            "made_at",
            "undone_at",
            "undone_by",
        )


class ReporterOut(PersonRefOut):
    reliability = serializers.FloatField(help_text="From 0 to 1: how often earlier reports were upheld, smoothed.")


class StaffReportOut(serializers.ModelSerializer):
    """A report as staff see it."""

    type = serializers.CharField(source="case.target_kind")
    target_id = serializers.UUIDField(source="case.target_id")
    title = serializers.CharField(source="case.title")
    case_id = serializers.UUIDField()
    case_number = serializers.CharField(source="case.number")
    report_count = serializers.IntegerField(source="case.report_count")
    reporter = PersonRefOut()
    author = PersonRefOut(source="case.author")
    status = serializers.SerializerMethodField()
    weight = serializers.DecimalField(max_digits=4, decimal_places=2, coerce_to_string=False)

    class Meta:
        model = Report
        fields = (
            "id",
            "type",
            "target_id",
            "title",
            "case_id",
            "case_number",
            "report_count",
            "reporter",
            "author",
            "reason",
            "description",
            "weight",
            "target_revision",
            "status",
            "created_at",
        )

    @extend_schema_field(serializers.ChoiceField(choices=["pending", "under_review", "resolved", "dismissed"]))
    def get_status(self, report: Report) -> str:
        return selectors.status_of(report.case)


class MomentOut(serializers.Serializer):
    at = serializers.DateTimeField()
    words = serializers.CharField()
    detail = serializers.CharField()


class StaffReportDetailOut(StaffReportOut):
    """A report with its evidence and what happened in its case."""

    evidence_ids = serializers.SerializerMethodField()
    related_conversation_id = serializers.UUIDField(
        source="related_id",
        allow_null=True,
        help_text="A conversation that the reporter names; where a conversation is reported, the message in it.",
    )
    history = serializers.SerializerMethodField()

    class Meta(StaffReportOut.Meta):
        fields = (*StaffReportOut.Meta.fields, "evidence_ids", "related_conversation_id", "history")  # type: ignore[assignment]

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_evidence_ids(self, report: Report) -> list[str]:
        return [str(asset.pk) for asset in report.evidence.all()]

    @extend_schema_field(MomentOut(many=True))
    def get_history(self, report: Report) -> Any:
        return MomentOut(self.context["dossier"].timeline, many=True).data


class OutcomeOut(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    needs_reason = serializers.BooleanField()
    takes_days = serializers.BooleanField()


class SnapshotOut(serializers.Serializer):
    revision = serializers.IntegerField()
    sha256 = serializers.CharField()
    taken_at = serializers.DateTimeField()
    content = serializers.DictField()


class SaidOut(serializers.Serializer):
    """A report in its case."""

    id = serializers.UUIDField(source="report.pk")
    reason = serializers.CharField(source="report.reason")
    description = serializers.CharField(source="report.description")
    weight = serializers.DecimalField(source="report.weight", max_digits=4, decimal_places=2, coerce_to_string=False)
    created_at = serializers.DateTimeField(source="report.created_at")
    reporter = serializers.SerializerMethodField()

    @extend_schema_field(ReporterOut)
    def get_reporter(self, said: Said) -> dict[str, Any]:
        return {**PersonRefOut(said.report.reporter).data, "reliability": said.reliability}


class FactOut(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class DossierOut(serializers.Serializer):
    """A case with its evidence, its person, its history and what may be decided."""

    case = CaseOut()
    revision = serializers.SerializerMethodField(help_text="Name it when deciding; null when the subject is gone.")
    content = serializers.SerializerMethodField(help_text="The subject as it is now.")
    snapshots = serializers.SerializerMethodField()
    reports = SaidOut(many=True)
    person = FactOut(many=True)
    outcomes = serializers.SerializerMethodField()
    decisions = DecisionOut(many=True)
    timeline = MomentOut(many=True)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_revision(self, dossier: Dossier) -> int | None:
        return dossier.look.revision if dossier.look else None

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_content(self, dossier: Dossier) -> dict[str, Any] | None:
        return dossier.look.content if dossier.look else None

    @extend_schema_field(SnapshotOut(many=True))
    def get_snapshots(self, dossier: Dossier) -> Any:
        return SnapshotOut(dossier.case.snapshots.all(), many=True).data

    @extend_schema_field(OutcomeOut(many=True))
    def get_outcomes(self, dossier: Dossier) -> Any:
        return OutcomeOut(dossier.target.outcomes(case_kind=dossier.case.kind), many=True).data
