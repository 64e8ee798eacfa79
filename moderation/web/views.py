"""Reporting on pages: a reason, perhaps words and pictures, then what happens next; and all of one's reports."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import PersonNotFound
from accounts.selectors import person_by_username
from core.errors import NotFound, Refusal
from core.web import refusal_page, signed_in
from moderation import rules, selectors
from moderation.targets import ACCOUNT, ReportDoor, ReportSubject, report_door, target_of
from moderation.web.forms import ReportForm

PAGE = 20


@signed_in
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, kind: str, target_id: uuid.UUID) -> HttpResponse:
    """Report something. Who has done so already is shown what became of it."""
    me: Any = request.user
    try:
        door, target = report_door(kind), target_of(kind)
        subject = door.subject(viewer=me, pk=target_id)
    except NotFound:
        raise Http404 from None
    known = selectors.waiting_report(me, target_kind=kind, target_id=target_id)
    if known is not None:
        return HttpResponseRedirect(reverse("my_report", args=[known.pk]))
    if request.method == "GET":
        return _form_page(request, subject, target.label, ReportForm(reasons=target.reasons))
    form = ReportForm(request.POST, reasons=target.reasons, sent=_uuids(request.POST.getlist("evidence_ids")))
    if form.is_valid():
        try:
            made = door.report(reporter=me, pk=target_id, **form.cleaned_data, **_part(request, door))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return HttpResponseRedirect(reverse("my_report", args=[made.pk]))
    return _form_page(request, subject, target.label, form, status=422)


@signed_in
@require_safe
def report_person(request: HttpRequest, username: str) -> HttpResponse:
    """The same by username: the address under a person's page."""
    try:
        person = person_by_username(username)
    except PersonNotFound:
        raise Http404 from None
    return HttpResponseRedirect(reverse("report", args=[ACCOUNT, person.pk]))


@signed_in
@require_safe
def my_report(request: HttpRequest, report_id: uuid.UUID) -> HttpResponse:
    """One report of one's own: what happens next, or how it ended."""
    me: Any = request.user
    try:
        found = selectors.own_report(me, report_id)
    except NotFound as refusal:
        return refusal_page(request, refusal)
    context = {
        "report": found,
        "told": selectors.report_told(found),
        "subject": _subject(found, me),
        "hours": selectors.moderation_settings().report_hours,
        "section": "me",
    }
    return render(request, "moderation/my_report.html", context)


@signed_in
@require_safe
def my_reports(request: HttpRequest) -> HttpResponse:
    """All of one's reports, newest first; `?before=` goes on from an id."""
    me: Any = request.user
    found = selectors.reports_of(me)
    if "before" in request.GET:
        try:
            found = found.filter(pk__lt=uuid.UUID(request.GET["before"]))
        except ValueError:
            raise Http404 from None
    page = list(found[: PAGE + 1])
    rows = [{"report": one, "told": selectors.report_told(one)} for one in page[:PAGE]]
    before = page[PAGE - 1].pk if len(page) > PAGE else None
    return render(request, "moderation/my_reports.html", {"rows": rows, "before": before, "section": "me"})


def _part(request: HttpRequest, door: ReportDoor) -> dict[str, uuid.UUID]:
    """Which part of it is meant, where the address says so."""
    meant = _uuids([request.GET.get(door.part, "")]) if door.part else []
    return {f"{door.part}_id": uuid.UUID(meant[0])} if meant else {}


def _form_page(
    request: HttpRequest, subject: ReportSubject, label: Any, form: ReportForm, *, status: int = 200
) -> HttpResponse:
    context = {"subject": subject, "noun": label, "form": form, "limit": rules.MAX_EVIDENCE}
    return render(request, "moderation/report.html", context, status=status)


def _subject(found: Any, viewer: Any) -> ReportSubject | None:
    """What was reported, as far as its reporter may still see it."""
    try:
        return report_door(found.case.target_kind).subject(viewer=viewer, pk=found.case.target_id)
    except NotFound:
        return None


def _uuids(sent: list[str]) -> list[str]:
    kept = []
    for raw in sent[: rules.MAX_EVIDENCE + 1]:
        try:
            kept.append(str(uuid.UUID(raw)))
        except ValueError:
            continue
    return kept
