import pytest
from django.test import Client

from catalog.tests.factories import DraftFactory, ProductFactory
from core.ids import uuid7
from core.testing import counted_queries
from media.states import Purpose
from media.tests.factories import ReadyImageFactory
from moderation import actions
from moderation.models import Case, Report
from moderation.tests.factories import CaseFactory, PersonFactory, ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter(client: Client):
    person = PersonFactory()
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return person


@pytest.fixture
def product():
    return ProductFactory(title="iPhone 15 Pro", images=0)


def test_two_taps_report_a_listing_and_say_what_happens_next(client, reporter, product):
    page = client.get(f"/report/product/{product.pk}")
    assert page.status_code == 200
    assert "iPhone 15 Pro" in page.content.decode()
    assert page.content.decode().count('name="reason"') == 7

    answer = client.post(f"/report/product/{product.pk}", {"reason": "scam"}, follow=True)

    made = Report.objects.get()
    assert (made.reporter, made.reason, made.case.target_id) == (reporter, "scam", product.pk)
    assert answer.redirect_chain[-1][0] == f"/me/reports/{made.pk}"
    assert "What happens next" in answer.content.decode()


def test_words_and_pictures_may_be_added(client, reporter, product):
    shot = ReadyImageFactory(owner=reporter, purpose=Purpose.EVIDENCE)
    client.post(
        f"/report/product/{product.pk}",
        {"reason": "scam", "description": "Wants a deposit", "evidence_ids": [str(shot.pk)]},
    )
    made = Report.objects.get()
    assert (made.description, list(made.evidence.all())) == ("Wants a deposit", [shot])


def test_a_person_is_reported_by_their_address(client, reporter, author):
    answer = client.get(f"/u/{author.username.upper()}/report", follow=True)
    assert "Khalid M." in answer.content.decode()
    client.post(f"/report/account/{author.pk}", {"reason": "fraud"})
    assert Report.objects.get().case.author == author


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose what is wrong."),
        ({"reason": "harassment"}, "is not one of the available choices"),
        ({"reason": "scam", "description": "a" * 1001}, "at most 1000 characters"),
        ({"reason": "scam", "evidence_ids": [str(uuid7())]}, "You have no such file."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client, reporter, product, sent, words):
    answer = client.post(f"/report/product/{product.pk}", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Case.objects.exists()


def test_who_reported_already_is_shown_what_became_of_it(client, reporter, product):
    client.post(f"/report/product/{product.pk}", {"reason": "scam"})
    answer = client.get(f"/report/product/{product.pk}")
    assert answer.url == f"/me/reports/{Report.objects.get().pk}"


def test_nobody_reports_what_they_may_not_see_their_own_or_nothing(client, reporter):
    draft, own = DraftFactory(images=0), ProductFactory(seller=reporter, images=0)
    for path in (
        f"product/{draft.pk}", f"product/{own.pk}", f"product/{uuid7()}", f"account/{reporter.pk}",
        f"account/{uuid7()}", f"poem/{uuid7()}",
    ):  # fmt: skip
        assert client.get(f"/report/{path}").status_code == 404, path
        assert client.post(f"/report/{path}", {"reason": "scam"}).status_code == 404, path
    assert client.get("/u/nobody.here/report").status_code == 404
    assert not Case.objects.exists()


def test_strangers_sign_in_first_and_come_back(client, product):
    answer = client.get(f"/report/product/{product.pk}")
    assert answer.status_code == 302
    assert answer.url == f"/login?next=%2Freport%2Fproduct%2F{product.pk}"
    assert client.get("/me/reports").status_code == 302


def test_my_reports_tell_the_outcome_and_nothing_else(client, reporter, pamphlet, moderator, policy):
    mine = actions.report_target(reporter=reporter, target_kind="pamphlet", target_id=pamphlet.id, reason="scam")
    other = actions.report_target(
        reporter=PersonFactory(),
        target_kind="pamphlet",
        target_id=pamphlet.id,
        reason="scam",
        description="Other words",
    )
    actions.decide_case(
        case_id=mine.case_id,
        moderator=moderator,
        outcome="remove",
        policy=policy,
        revision=1,
        private_note="SECRET-NOTE",
    )
    for path in ("/me/reports", f"/me/reports/{mine.pk}"):
        page = client.get(path).content.decode()
        assert "You were right" in page
        for hidden in ("SECRET-NOTE", "Other words", other.reporter.username, moderator.username, policy.reason_en):
            assert hidden not in page
    assert client.get(f"/me/reports/{other.pk}").status_code == 404


def test_my_reports_cost_the_same_for_one_and_for_twenty_and_go_on(client, reporter):
    assert "You have reported nothing" in client.get("/me/reports").content.decode()
    ReportFactory(reporter=reporter)
    client.get("/me/reports")
    with counted_queries() as one:
        client.get("/me/reports")
    for _ in range(20):
        ReportFactory(reporter=reporter, case=CaseFactory())
    with counted_queries() as twenty:
        page = client.get("/me/reports")
    assert len(twenty) == len(one)
    assert len(page.context["rows"]) == 20
    assert len(client.get(f"/me/reports?before={page.context['before']}").context["rows"]) == 1
    assert client.get("/me/reports?before=x").status_code == 404


def test_a_page_of_a_report_is_text(client, reporter):
    author = PersonFactory(full_name="<b onclick=x>")
    made = actions.report_target(
        reporter=reporter, target_kind="account", target_id=author.pk, reason="fraud",
        description="<script>alert(1337)</script>",
    )  # fmt: skip
    page = client.get(f"/me/reports/{made.pk}").content.decode()
    assert "<script>alert" not in page
    assert "<b onclick" not in client.get("/me/reports").content.decode()
