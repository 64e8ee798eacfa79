import pytest
from django.urls import reverse

from core.errors import NotAllowed
from core.models import AuditEntry
from search import actions
from search.models import PopularSearch, SynonymSet
from search.tests.test_api_search import found, listed

pytestmark = pytest.mark.django_db


def test_an_operator_adds_synonyms_and_searches_follow_at_once(client, sign_in, django_capture_on_commit_callbacks):
    sign_in("admin")
    listed("Majlis set")
    assert found(client, q="diwaniya") == []
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("admin:search_synonymset_add"),
            {"lines": "majlis\ndiwaniya\nمجلس", "one_way_from": "", "is_active": "on", "note": "Gulf"},
        )
    assert answer.status_code == 302, answer.context["errors"]
    assert found(client, q="diwaniya") == found(client, q="المجلس") == ["Majlis set"]
    entry = AuditEntry.objects.get(action="search.synonyms_added")
    assert entry.after["words"] == ["majlis", "diwaniya", "مجلس"]


@pytest.mark.parametrize("lines", ["sofa", "sofa\n!!!", "sofa\nsofa"])
def test_what_is_no_pair_of_words_is_refused(client, sign_in, lines):
    sign_in("admin")
    before = SynonymSet.objects.count()
    answer = client.post(reverse("admin:search_synonymset_add"), {"lines": lines, "is_active": "on"})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert SynonymSet.objects.count() == before


def test_nobody_else_changes_synonyms(client, sign_in):
    person = sign_in("moderator")
    assert client.get(reverse("admin:search_synonymset_add")).status_code == 403
    with pytest.raises(NotAllowed):
        actions.save_synonyms(staff=person, synonyms=SynonymSet(words=["a1", "b2"]))
    assert not SynonymSet.objects.filter(words=["a1", "b2"]).exists()


def test_staff_hides_a_popular_search(client, sign_in):
    sign_in("admin")
    one = PopularSearch.objects.create(q="piano", folded="piano", score=3)
    client.post(reverse("admin:search_popularsearch_changelist"), {"action": "hide", "_selected_action": [one.pk]})
    one.refresh_from_db()
    assert one.is_hidden
    assert AuditEntry.objects.filter(action="search.popular_hidden").exists()


@pytest.mark.parametrize("name", ["search_synonymset", "search_popularsearch"])
def test_lists_open(client, sign_in, name):
    sign_in("admin")
    PopularSearch.objects.create(q="piano", folded="piano", score=3)
    assert client.get(reverse(f"admin:{name}_changelist"), {"q": "sofa"}).status_code == 200
