import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.urls import reverse

from core.models import AuditEntry
from moderation import actions
from moderation.models import FilterTerm, ScanPolicy
from moderation.tests.factories import ModeratorFactory

pytestmark = pytest.mark.django_db
TRY = "admin:moderation_filterterm_try"


@pytest.fixture
def office(client, db):
    """The browser of somebody in the admin group, who is no superuser."""
    actions.sync_staff_groups(table=django_settings.STAFF_GROUPS)
    person = ModeratorFactory(may=())
    person.groups.add(Group.objects.get(name="admin"))
    client.force_login(person, backend="accounts.backends.IdentifierBackend")
    return client


def test_shows_what_would_become_of_a_text_and_keeps_nothing(desk):
    before = AuditEntry.objects.count()
    page = desk.post(reverse(TRY), {"text": "<b>call</b> 050 123 4567 you bitch"})
    body = page.content.decode()
    assert '<mark title="phone number">050 123 4567</mark>' in body
    assert "&lt;b&gt;call&lt;/b&gt;" in body
    assert "hold it for a moderator" in body
    assert "deliver it and open a case" in body
    assert AuditEntry.objects.count() == before


def test_says_when_nothing_is_marked(desk):
    assert "Nothing is marked" in desk.post(reverse(TRY), {"text": "Is it still there?"}).content.decode()


def test_adds_and_switches_off_words_through_the_actions(office):
    url = reverse("admin:moderation_filterterm_add")
    sent = {"kind": "elsewhere", "language": "en", "term": "pigeon post", "is_active": "on"}
    assert office.post(url, sent).status_code == 302
    term = FilterTerm.objects.get(term="pigeon post")
    del sent["is_active"]
    office.post(reverse("admin:moderation_filterterm_change", args=[term.pk]), sent)
    assert not FilterTerm.objects.get(pk=term.pk).is_active
    assert AuditEntry.objects.filter(target_id=str(term.pk)).count() == 2


def test_says_what_is_wrong_with_a_term(office):
    sent = {"kind": "elsewhere", "language": "en", "term": "Bank Transfer", "is_active": "on"}
    page = office.post(reverse("admin:moderation_filterterm_add"), sent)
    assert page.status_code == 200
    assert "is on the list already" in page.content.decode()
    assert not FilterTerm.objects.filter(term="Bank Transfer").exists()


def test_changes_what_follows_in_the_list(office):
    url = reverse("admin:moderation_scanpolicy_changelist")
    rows = list(ScanPolicy.objects.all())
    sent = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for place, row in enumerate(rows):
        regular = "hold" if row.kind == "link" else row.regular
        sent |= {
            f"form-{place}-kind": row.kind,
            f"form-{place}-newcomer": row.newcomer,
            f"form-{place}-regular": regular,
        }
    assert office.post(url, sent).status_code == 302
    assert ScanPolicy.objects.get(kind="link").regular == "hold"
    assert AuditEntry.objects.filter(action="moderation.scan_policy_changed").count() == 1


def test_the_lists_ask_no_more_for_more_rows(office, django_assert_max_num_queries):
    for url in ("admin:moderation_filterterm_changelist", "admin:moderation_scanpolicy_changelist"):
        with django_assert_max_num_queries(14):
            assert office.get(reverse(url)).status_code == 200
