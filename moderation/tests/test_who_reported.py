"""Whoever reports is promised that the other side never learns who it was, also where the other side sits at the desk."""

import pytest
from django.urls import reverse

from moderation import actions
from moderation.models import Decision, Report
from moderation.targets import ACCOUNT
from moderation.tests.factories import ModeratorFactory, PersonFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/moderation"


@pytest.fixture
def report(moderator):
    """About a colleague."""
    return actions.report_target(
        reporter=PersonFactory(username="hana", full_name="Hana Saleh"),
        target_kind=ACCOUNT,
        target_id=moderator.pk,
        reason="harassment",
        description="Follows me home",
    )


@pytest.mark.parametrize("path", ["/cases/{case}", "/reports/{report}"])
def test_the_api_keeps_a_case_about_the_reader_closed(api, moderator, report, path):
    url = BASE + path.format(case=report.case_id, report=report.pk)
    api.force_authenticate(moderator)
    answer = api.get(url)
    assert (answer.status_code, answer.json()["code"]) == (403, "moderation.own_case")
    assert "hana" not in answer.content.decode()
    api.force_authenticate(ModeratorFactory())
    assert "hana" in api.get(url).content.decode()


def test_the_list_of_reports_leaves_those_about_the_reader_out(api, moderator, report):
    api.force_authenticate(moderator)
    assert api.get(f"{BASE}/reports").json()["results"] == []
    api.force_authenticate(ModeratorFactory())
    assert [one["id"] for one in api.get(f"{BASE}/reports").json()["results"]] == [str(report.pk)]


def test_the_console_keeps_it_closed_too(desk, client, moderator, report):
    case, one = "admin:moderation_case_change", "admin:moderation_report_change"
    page = desk.get(reverse(case, args=[report.case_id]))
    assert page.status_code == 403
    assert "This case concerns you." in page.content.decode()
    pages = [page, desk.get(reverse("admin:moderation_report_changelist")), desk.get(reverse(one, args=[report.pk]))]
    assert not any("Follows me home" in page.content.decode() or "@hana" in page.content.decode() for page in pages)

    client.force_login(ModeratorFactory(), backend="accounts.backends.IdentifierBackend")
    assert "Follows me home" in client.get(reverse(case, args=[report.case_id])).content.decode()
    assert "Follows me home" in client.get(reverse(one, args=[report.pk])).content.decode()


def test_what_colleagues_noted_about_somebody_is_not_for_them(desk, moderator, report, policy):
    decision = actions.decide_case(
        case_id=report.case_id,
        moderator=ModeratorFactory(),
        outcome="warn",
        policy=policy,
        revision=Report.objects.get().target_revision,
        private_note="Hana is right",
    )
    page = desk.get(reverse("admin:moderation_decision_change", args=[decision.pk]))
    assert page.status_code == 403
    assert "Hana is right" not in page.content.decode()
    assert Decision.objects.count() == 1
