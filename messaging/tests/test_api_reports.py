import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.models import AuditEntry
from messaging.tests.factories import ConversationFactory, other_of
from moderation.models import Case, Report
from moderation.tests.factories import ModeratorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return ConversationFactory(said=3)


@pytest.fixture
def me(api, talk):
    api.force_authenticate(talk.started_by)
    return talk.started_by


def url(talk):
    return f"/api/v1/conversations/{talk.pk}/report"


def test_reports_a_message_of_the_other(api, talk, me):
    theirs = talk.messages.get(body="Words 2")
    sent = {"reason": "harassment", "message_id": str(theirs.pk), "description": "Rude."}
    answer = api.post(url(talk), sent)
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(Report.objects.get().pk),
        "conversation_id": str(talk.pk),
        "message_id": str(theirs.pk),
        "reason": "harassment",
        "description": "Rude.",
        "status": "pending",
        "created_at": answer.json()["created_at"],
    }
    assert api.post(url(talk), sent).status_code == 200
    assert Case.objects.get().author == other_of(talk, me)


def test_names_what_it_does_not_know(api, talk, me):
    assert api.post(url(talk), {"reason": "fake_product"}).status_code == 400
    assert api.post(url(talk), {"reason": "scam", "user": "x"}).json()["errors"][0]["attr"] == "user"
    own = talk.messages.get(body="Words 1")
    answer = api.post(url(talk), {"reason": "scam", "message_id": str(own.pk)})
    assert (answer.status_code, answer.json()["code"]) == (404, "messaging.message_not_found")
    assert not Report.objects.exists()


def test_a_stranger_finds_nothing(api, talk):
    api.force_authenticate(UserFactory())
    answer = api.post(url(talk), {"reason": "scam"})
    assert (answer.status_code, answer.json()["code"]) == (404, "messaging.conversation_not_found")
    assert not Report.objects.exists()


def test_reports_on_a_page(client, talk):
    client.force_login(talk.started_by, backend="accounts.backends.IdentifierBackend")
    page = reverse("report", args=["conversation", talk.pk])
    assert client.get(page).status_code == 200
    sent = client.post(page, {"reason": "scam", "description": "Wants a transfer."}, follow=True)
    assert sent.status_code == 200
    assert Report.objects.get().reporter == talk.started_by
    stranger = UserFactory()
    client.force_login(stranger, backend="accounts.backends.IdentifierBackend")
    assert client.get(page).status_code == 404


def test_the_dossier_of_the_api_has_the_excerpt_and_its_reading_is_written_down(api, talk, me):
    api.post(url(talk), {"reason": "harassment"})
    moderator = ModeratorFactory()
    api.force_authenticate(moderator)
    case = Case.objects.get()
    dossier = api.get(f"/api/v1/moderation/cases/{case.pk}").json()
    assert [line["said"] for line in dossier["content"]["excerpt"]] == ["Words 1", "Words 2", "Words 3"]
    assert {outcome["name"] for outcome in dossier["outcomes"]} == {
        "no_action",
        "warn",
        "remove_messages",
        "restrict_messaging",
    }
    assert dossier["timeline"][-1]["words"] == "Read"
    report = Report.objects.get()
    api.get(f"/api/v1/moderation/reports/{report.pk}")
    entry = AuditEntry.objects.get(action="messaging.excerpt_read")
    assert (entry.actor_id, entry.target_id) == (moderator.pk, str(case.pk))


def test_the_console_shows_the_case_and_writes_down_who_read_it(client, api, talk, me):
    api.post(url(talk), {"reason": "harassment"})
    moderator = ModeratorFactory()
    client.force_login(moderator, backend="accounts.backends.IdentifierBackend")
    case = Case.objects.get()
    assert "Words 2" not in client.get(reverse("admin:moderation_case_changelist")).content.decode()
    assert not AuditEntry.objects.filter(action="messaging.excerpt_read").exists()
    for _ in range(2):
        page = client.get(reverse("admin:moderation_case_change", args=[case.pk])).content.decode()
    assert "Words 2" in page
    assert AuditEntry.objects.filter(action="messaging.excerpt_read", actor_id=moderator.pk).count() == 1
