from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.testing import counted_queries
from moderation import actions
from moderation.models import Case, Decision
from moderation.states import CaseKind, CaseState
from moderation.tests.factories import CaseFactory, ModeratorFactory, PersonFactory, ReportFactory
from moderation.tests.pamphlets import write_pamphlet

pytestmark = pytest.mark.django_db
QUEUE = "/admin/moderation/case/"


def titles(answer):
    return [case.title for case in answer.context["cl"].result_list]


def test_shows_what_waits_most_pressing_first(desk):
    CaseFactory(title="calm")
    CaseFactory(title="urgent", severity=4)
    CaseFactory(title="done", state=CaseState.DECIDED)
    CaseFactory(title="late", due_at=timezone.now() - timedelta(hours=30))

    answer = desk.get(QUEUE)

    assert titles(answer) == ["urgent", "late", "calm"]
    assert "overdue by 30 h" in answer.content.decode()


def test_the_saved_views_count_and_filter(desk, moderator):
    mine = CaseFactory(title="mine")
    actions.claim_case(case_id=mine.pk, moderator=moderator)
    CaseFactory(title="review", kind=CaseKind.REVIEW)
    CaseFactory(title="late", due_at=timezone.now() - timedelta(minutes=1))
    CaseFactory(title="hidden", auto_hidden_at=timezone.now())
    CaseFactory(title="closed", state=CaseState.DISMISSED)

    views = {
        "mine": {"mine"},
        "unassigned": {"review", "late", "hidden"},
        "overdue": {"late"},
        "reviews": {"review"},
        "reports": {"mine", "late", "hidden"},
        "hidden": {"hidden"},
        "closed": {"closed"},
        "soon": set(),
        "escalated": set(),
    }
    for view, expected in views.items():
        assert set(titles(desk.get(f"{QUEUE}?view={view}"))) == expected, view
    counts = {str(tab["label"]): tab["count"] for tab in desk.get(QUEUE).context["tabs"]}
    assert (counts["All"], counts["Mine"], counts["Overdue"], counts["Unassigned"]) == (4, 1, 1, 3)


@pytest.mark.parametrize("query", ["_facets=True", "severity=4", "about=pamphlet", "reason=scam", "q=iPhone", "p=2"])
def test_filters_facets_and_search_work(desk, query):
    ReportFactory(case=CaseFactory(severity=4))
    assert desk.get(f"{QUEUE}?{query}").status_code in (200, 302)


def test_finds_by_number_and_username(desk):
    case = CaseFactory(title="a")
    CaseFactory(title="b")
    assert titles(desk.get(f"{QUEUE}?q={case.number}")) == ["a"]
    assert titles(desk.get(f"{QUEUE}?q={case.author.username}")) == ["a"]


def test_costs_the_same_for_one_and_for_twenty(desk):
    ReportFactory()
    desk.get(QUEUE)
    with counted_queries() as one:
        desk.get(QUEUE)
    for _ in range(19):
        ReportFactory()
    with counted_queries() as twenty:
        assert len(titles(desk.get(QUEUE))) == 20
    assert len(twenty) == len(one)


def test_the_order_can_not_be_bent_by_the_address(desk):
    CaseFactory()
    assert desk.get(f"{QUEUE}?o=1").status_code == 200
    assert desk.get(f"{QUEUE}?author__password__startswith=a").status_code in (302, 400)


def test_claims_the_chosen_and_says_what_was_refused(desk, moderator):
    free, held = CaseFactory(), CaseFactory()
    actions.claim_case(case_id=held.pk, moderator=ModeratorFactory(username="omar.desk"))

    answer = desk.post(QUEUE, {"action": "claim_selected", "_selected_action": [free.pk, held.pk]}, follow=True)

    said = [str(m) for m in answer.context["messages"]]
    assert any("@omar.desk holds case" in line for line in said)
    assert "You hold 1 more case." in said
    assert Case.objects.get(pk=free.pk).claimed_by == moderator


# --- many at once ----------------------------------------------------------------------------------------------------


@pytest.fixture
def spam(author):
    pamphlets = [write_pamphlet(author, title=f"Spam {n}") for n in range(3)]
    return [
        (p, actions.report_target(reporter=PersonFactory(), target_kind="pamphlet", target_id=p.id, reason="spam").case)
        for p in pamphlets
    ]


def many(spam):
    return {"case": [str(case.pk) for _p, case in spam], **{f"revision-{case.pk}": 1 for _p, case in spam}}


def test_choosing_many_leads_to_one_form_with_all_of_them(desk, spam):
    chosen = [case.pk for _p, case in spam]
    answer = desk.post(QUEUE, {"action": "decide_selected", "_selected_action": chosen}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(f"Spam {n}" in page for n in range(3))
    assert page.count('name="revision-') == 3
    assert not Decision.objects.exists()


def test_decides_many_alike_and_says_what_became_of_each(desk, spam, policy):
    spam[1][0].edit("I changed my mind.")
    answer = desk.post(f"{QUEUE}decide/", {**many(spam), "outcome": "remove", "policy": policy.pk})

    page = answer.content.decode()
    assert "2 cases decided" in page
    assert "This changed since you read it." in page
    assert [p.row["removed"] for p, _case in spam] == [True, False, True]


def test_an_incomplete_form_decides_nothing(desk, spam):
    answer = desk.post(f"{QUEUE}decide/", {**many(spam), "outcome": "remove"})
    assert answer.status_code == 200
    assert "Choose the policy that this rests on." in answer.content.decode()
    assert not Decision.objects.exists()


def test_cases_of_unlike_kinds_offer_only_what_they_share(desk, spam, author):
    account = actions.report_target(
        reporter=PersonFactory(), target_kind="account", target_id=author.pk, reason="fraud"
    ).case
    review = write_pamphlet(author)
    actions.open_review_case(target_kind="pamphlet", target_id=review.id)
    both = desk.get(f"{QUEUE}decide/?case={spam[0][1].pk}&case={account.pk}")
    assert set(both.context["form"].outcomes) == {"no_action", "warn"}
    nothing = desk.get(f"{QUEUE}decide/")
    assert "No case was chosen" in nothing.content.decode()


def test_more_than_a_hundred_are_refused(desk, author, policy):
    cases = [CaseFactory(author=author) for _ in range(101)]
    answer = desk.post(
        f"{QUEUE}decide/",
        {
            "case": [str(c.pk) for c in cases],
            **{f"revision-{c.pk}": 1 for c in cases},
            "outcome": "warn",
            "policy": policy.pk,
        },
    )
    assert "Decide 100 cases at most at once." in answer.content.decode()
    assert not Decision.objects.exists()


# --- today -----------------------------------------------------------------------------------------------------------


def test_the_first_page_is_a_days_work(desk, moderator, policy):
    CaseFactory(due_at=timezone.now() - timedelta(hours=1), title="late one")
    mine = CaseFactory()
    actions.claim_case(case_id=mine.pk, moderator=moderator)

    answer = desk.get(reverse("admin:index"))

    panel = answer.context["panels"][0]
    figures = {str(figure.label): figure.value for figure in panel.figures}
    assert figures | {"Oldest waits": ""} == {
        "Waiting": 2, "Overdue": 1, "Due within the hour": 0, "Mine": 1, "Unassigned": 1, "Oldest waits": "",
        "Before publishing": 0, "Reported": 2, "Hidden by reports": 0, "Escalated": 0, "Reports today": 0,
        "Decisions today": 0, "Decided by me today": 0,
    }  # fmt: skip
    page = answer.content.decode()
    assert "late one" in page
    assert page.index("Next in line") < page.index("System")
    for figure in panel.figures:
        assert desk.get(figure.url).status_code == 200


def test_the_first_page_costs_the_same_with_more_cases(desk):
    CaseFactory()
    desk.get(reverse("admin:index"))
    with counted_queries() as one:
        desk.get(reverse("admin:index"))
    for _ in range(10):
        ReportFactory()
    with counted_queries() as many_more:
        desk.get(reverse("admin:index"))
    assert len(many_more) == len(one)


def test_facets_count_what_waits(desk):
    ReportFactory(case=CaseFactory(severity=4), reason="scam")
    ReportFactory(case=CaseFactory(severity=4), reason="spam")
    CaseFactory(severity=1)
    CaseFactory(severity=4, state=CaseState.DECIDED)

    page = desk.get(f"{QUEUE}?_facets=True").content.decode()

    for shown in ("urgent (2)", "low (1)", "scam (1)", "spam (1)", "fraud (0)", "pamphlet (3)"):
        assert shown in page, shown


def test_a_persons_page_leads_to_what_waits_about_them(desk, author):
    CaseFactory(title="about them", author=author)
    CaseFactory(title="about somebody else")
    page = desk.get(reverse("admin:accounts_user_change", args=[author.pk])).content.decode()
    url = f"{QUEUE}?q={author.username}"
    assert url in page
    assert titles(desk.get(url)) == ["about them"]
