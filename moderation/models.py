"""Reports, cases and decisions."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.ids import uuid7
from core.states import known_state
from core.text import localized
from media.models import MediaAsset
from moderation.states import CaseKind, CaseState, MarkKind, PreModeration, ReportReason, ScanAction, TermLanguage


class ModerationSettings(models.Model):
    """The switches that staff turn. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    pre_moderation = models.CharField(max_length=12, choices=PreModeration.choices, default=PreModeration.NEW_SELLERS)
    auto_hide_listing_weight = models.DecimalField(max_digits=4, decimal_places=1, default=3)
    auto_hide_account_weight = models.DecimalField(max_digits=4, decimal_places=1, default=5)
    review_hours = models.PositiveSmallIntegerField(default=4)  # deadline of a case before publishing
    report_hours = models.PositiveSmallIntegerField(
        default=24
    )  # deadline of a reported case; urgent ones a quarter of it
    claim_minutes = models.PositiveSmallIntegerField(default=10)

    class Meta:
        verbose_name = _("moderation settings")
        verbose_name_plural = _("moderation settings")
        constraints = (models.CheckConstraint(condition=Q(id=1), name="moderation_settings_one_row"),)

    def __str__(self) -> str:
        return str(_("moderation settings"))


class Policy(models.Model):
    """A rule of the house that a decision rests on, with the words that its author is told by default."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=10, unique=True)  # "3.2"
    slug = models.SlugField(unique=True)
    title_en = models.CharField(max_length=100)
    title_ar = models.CharField(max_length=100)
    reason_en = models.TextField()
    reason_ar = models.TextField()
    severity = models.PositiveSmallIntegerField(default=1)  # 1 low to 4 urgent
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def title(self) -> str:
        return localized(self, "title")


class Case(models.Model):
    """Everything about one subject that waits for one decision: all its reports, what was seen, until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=16, unique=True)  # C-2026-00418
    kind = models.CharField(max_length=10, choices=CaseKind.choices)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    target_kind = models.CharField(max_length=30)
    target_id = models.UUIDField()
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="cases_about"
    )  # whose content or account it is
    title = models.CharField(max_length=150)
    severity = models.PositiveSmallIntegerField(default=1)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=0)  # of all its reports
    report_count = models.PositiveIntegerField(default=0)
    at_risk_minor = models.BigIntegerField(default=0)
    at_risk_currency = models.CharField(max_length=3, blank=True)
    picture_key = models.CharField(max_length=200, blank=True)  # the thumbnail in the queue, in the public store
    auto_hidden_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # its author took it down while reports wait
    escalated_at = models.DateTimeField(null=True, blank=True)  # nobody decided in time; happens once
    due_at = models.DateTimeField()
    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = (
            known_state(CaseState, "moderation_case_state"),
            models.UniqueConstraint(
                fields=["target_kind", "target_id"],
                condition=Q(state__in=["open", "claimed", "reopened"]),
                name="moderation_one_case_per_target",
            ),
        )
        indexes = (
            models.Index(
                fields=["-severity", "due_at", "id"],
                condition=Q(state__in=["open", "claimed", "reopened"]),
                name="moderation_queue",
            ),
            models.Index(fields=["author", "-id"], name="moderation_cases_of_author"),
            models.Index(fields=["target_kind", "target_id", "-id"], name="moderation_cases_of_target"),
        )
        permissions = (
            ("decide_case", _("Can claim and decide cases")),
            ("undo_decision", _("Can undo decisions")),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Snapshot(models.Model):
    """The subject as it was at a moment, kept with its hash. Rows are only ever added."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="snapshots")
    revision = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["case", "sha256"], name="moderation_snapshot_once"),)
        triggers = (pgtrigger.Protect(name="snapshot_append_only", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.case_id} r{self.revision}"


class Report(models.Model):
    """One person's complaint about one subject."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports_made")
    reason = models.CharField(max_length=30, choices=ReportReason.choices)
    description = models.TextField(max_length=1000, blank=True)
    evidence = models.ManyToManyField(MediaAsset, blank=True, related_name="+")
    weight = models.DecimalField(
        max_digits=4, decimal_places=2
    )  # age of the account × reliability of the reporter, when made
    target_revision = models.PositiveIntegerField()
    related_id = models.UUIDField(null=True, blank=True)  # a conversation that is named; of a conversation, the message
    created_at = models.DateTimeField(default=timezone.now)

    is_new = False  # set by `report_target` on the report that it just made: the door answers 201

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["case", "reporter"], name="moderation_report_once"),)
        indexes = (models.Index(fields=["reporter", "-id"], name="moderation_reports_of"),)

    def __str__(self) -> str:
        return f"{self.reason} in {self.case_id}"


class Decision(models.Model):
    """What was decided, on which policy, why, by whom, about which revision; and how to take it back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=30)
    upheld = models.BooleanField(default=False)  # something was wrong: the reporters were right
    policy = models.ForeignKey(Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    policy_version = models.PositiveIntegerField(null=True, blank=True)
    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )  # None: automatic
    target_revision = models.PositiveIntegerField()
    reason_en = models.TextField(blank=True)  # told to the author
    reason_ar = models.TextField(blank=True)
    private_note = models.TextField(blank=True)  # for staff only
    duration_days = models.PositiveSmallIntegerField(null=True, blank=True)
    inverse = models.JSONField(default=dict, blank=True)  # what undoing restores
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-id",)
        indexes = (models.Index(fields=["actor", "-made_at"], name="moderation_decisions_of"),)

    def __str__(self) -> str:
        return f"{self.outcome} in {self.case_id}"


class FilterTerm(models.Model):
    """Words that the scanner looks for, as staff write them: folded and on word boundaries. `*` stands for up to three words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    language = models.CharField(max_length=2, choices=TermLanguage.choices, verbose_name=_("language"))
    term = models.CharField(max_length=80, verbose_name=_("words"))
    kind = models.CharField(max_length=10, choices=MarkKind.choices, verbose_name=_("kind"))
    is_active = models.BooleanField(default=True, verbose_name=_("in use"))

    class Meta:
        verbose_name = _("filter term")
        verbose_name_plural = _("filter terms")
        ordering = ("kind", "language", "term")
        constraints = (
            models.UniqueConstraint(fields=["kind", "term"], name="moderation_term_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[MarkKind.HANDLE, MarkKind.ELSEWHERE, MarkKind.ABUSE]),
                name="moderation_term_kind",
            ),
        )

    def __str__(self) -> str:
        return self.term


class ScanPolicy(models.Model):
    """What becomes of a message with a mark of this kind, by whether its sender is new."""

    kind = models.CharField(max_length=10, primary_key=True, choices=MarkKind.choices, verbose_name=_("mark"))
    newcomer = models.CharField(max_length=10, choices=ScanAction.choices, verbose_name=_("from newcomers"))
    regular = models.CharField(max_length=10, choices=ScanAction.choices, verbose_name=_("from everybody else"))

    class Meta:
        verbose_name = _("scan policy")
        verbose_name_plural = _("scan policies")
        ordering = ("kind",)
        constraints = (
            models.CheckConstraint(
                condition=Q(newcomer__in=ScanAction.values, regular__in=ScanAction.values),
                name="moderation_scan_action",
            ),
        )

    def __str__(self) -> str:
        return str(MarkKind(self.kind).label)
