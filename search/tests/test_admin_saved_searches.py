from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.tests.factories import ProductFactory
from core.errors import NotAllowed
from core.health import beat_heart
from core.models import AuditEntry
from core.testing import counted_queries
from notifications.models import Notification
from search import actions, selectors
from search.models import SavedSearch, Watch
from search.states import AlertFrequency
from search.tests.factories import saved

pytestmark = pytest.mark.django_db
LIST = "/admin/search/savedsearch/"
STANDING = f"{LIST}standing/"
REASON = "Wrote that no alerts come, ticket 4711"


@pytest.fixture
def lamps():
    return saved(user=UserFactory(username="khalid"), q="lamp", name="Brass lamps for the majlis", max_price="100")


def page(search):
    return reverse("admin:search_savedsearch_change", args=[search.pk])


def give_reason(client, wanted=LIST):
    return client.post(f"{LIST}reason/", {"reason": REASON, "next": wanted})


def do(client, search, verb, **given):
    return client.post(f"{page(search)[:-7]}{verb}/", {f"{verb}-{name}": value for name, value in given.items()})


# --- one person's -----------------------------------------------------------------------------------------------------


def test_asks_why_before_it_shows_what_somebody_looks_for(client, sign_in, lamps):
    sign_in("support")
    for url in (LIST, f"{LIST}?q=khalid", page(lamps)):
        answer = client.get(url)
        assert answer.templates[0].name == "admin/reason.html"
        assert "majlis" not in answer.content.decode()


def test_finds_by_person_only_and_writes_down_what_was_opened(client, sign_in, lamps):
    sign_in("support")
    assert give_reason(client).url == LIST
    assert "majlis" not in client.get(LIST).content.decode()
    for words in ("khalid", "@KHALID", lamps.pk, lamps.user_id):
        assert "majlis" in client.get(LIST, {"q": words}).content.decode(), words
    for words in ("khal", "majlis", "lamp", "' OR 1=1"):
        assert "Brass lamps" not in client.get(LIST, {"q": words}).content.decode(), words
    body = client.get(page(lamps)).content.decode()
    assert "Brass lamps for the majlis" in body
    assert "Up to 100 AED" in body
    read = AuditEntry.objects.get(action="search.savedsearch_read")
    assert (read.target_id, read.reason) == (str(lamps.pk), REASON)
    assert AuditEntry.objects.filter(action="search.savedsearch_searched", target_id="khalid").exists()


@pytest.mark.parametrize("group", ["moderator", "finance", "verifier"])
def test_nobody_else_reads_them(client, sign_in, lamps, group):
    sign_in(group)
    for url in (LIST, page(lamps), STANDING):
        assert client.get(url).status_code == 403
    assert do(client, lamps, "pause", reason=REASON).status_code == 403
    lamps.refresh_from_db()
    assert lamps.paused_at is None


def test_what_it_found_stands_on_its_page(client, sign_in, lamps):
    lamp = ProductFactory(title="Brass lamp", price_minor=90_00)
    actions.tell_searches_of_listing(lamp.pk)
    sign_in("support")
    give_reason(client)
    assert "Brass lamp</bdi>" in client.get(page(lamps)).content.decode()


def test_lists_ask_the_database_the_same_however_many_are_shown(client, sign_in):
    owner = UserFactory(username="khalid")
    sign_in("support")
    give_reason(client)
    asked = []
    for many in (1, 20):
        for number in range(owner.saved_searches.count(), many):
            saved(user=owner, q=f"lamp{number}")
        with counted_queries() as queries:
            assert client.get(LIST, {"q": "khalid"}).content.decode().count("@khalid") >= many
        asked.append(len(queries))
    assert asked[1] <= asked[0]


# --- helping ----------------------------------------------------------------------------------------------------------


def test_pauses_and_lets_go_on_and_the_owner_is_told(client, sign_in, lamps, deliver):
    staff = sign_in("support")
    give_reason(client)
    assert do(client, lamps, "pause", reason="They asked us to").status_code == 302
    lamps.refresh_from_db()
    assert lamps.paused_at is not None
    assert not Watch.objects.exists()
    entry = AuditEntry.objects.get(action="search.saved_search_paused")
    assert (entry.actor_id, entry.reason, entry.target_id) == (staff.pk, "They asked us to", str(lamps.pk))
    assert (entry.before["is_paused"], entry.after["is_paused"]) == (False, True)
    assert "lamp" not in str(entry.before | entry.after)
    deliver()
    note = Notification.objects.get(user=lamps.user)
    assert note.facts["what"] == "search_paused"
    assert do(client, lamps, "resume", reason="Back again").status_code == 302
    lamps.refresh_from_db()
    assert lamps.paused_at is None
    assert Watch.objects.exists()


def test_deletes_and_brings_back_within_a_day(client, sign_in, lamps, deliver):
    sign_in("support")
    give_reason(client)
    do(client, lamps, "remove", reason="They asked us to")
    deliver()
    lamps.refresh_from_db()
    assert lamps.removed_at is not None
    note = Notification.objects.get(user=lamps.user)
    assert note.url == f"/searches?removed={lamps.pk}"
    client.force_login(lamps.user)
    assert "Brass lamps for the majlis" in client.get(note.url).content.decode()
    sign_in("support")
    give_reason(client)
    do(client, lamps, "restore", reason="Not that one")
    lamps.refresh_from_db()
    assert lamps.removed_at is None
    assert Watch.objects.exists()


def test_a_verb_without_a_reason_changes_nothing(client, sign_in, lamps):
    sign_in("support")
    give_reason(client)
    assert do(client, lamps, "pause", reason="").status_code == 422
    lamps.refresh_from_db()
    assert lamps.paused_at is None


def test_a_refused_verb_shows_nothing_where_the_reason_to_look_has_run_out(client, sign_in, lamps):
    sign_in("support")
    answer = do(client, lamps, "pause", reason="")
    assert answer.templates[0].name == "admin/reason.html"
    assert "majlis" not in answer.content.decode()


def test_one_that_lost_its_watch_is_read_anew(client, sign_in, lamps):
    sign_in("support")
    give_reason(client)
    Watch.objects.all().delete()
    assert do(client, lamps, "read_again").status_code == 302
    assert Watch.objects.filter(pk=lamps.pk).exists()
    assert AuditEntry.objects.filter(action="search.saved_search_read_again", target_id=str(lamps.pk)).exists()


def test_the_actions_ask_for_the_permission_themselves(lamps):
    stranger = UserFactory(staff=True)
    for action in (actions.pause_for_owner, actions.remove_for_owner):
        with pytest.raises(NotAllowed):
            action(staff=stranger, saved_search_id=lamps.pk, reason=REASON)
    with pytest.raises(NotAllowed):
        actions.read_again_for_owner(staff=stranger, saved_search_id=lamps.pk)
    lamps.refresh_from_db()
    assert (lamps.paused_at, lamps.removed_at) == (None, None)
    assert not AuditEntry.objects.filter(action__startswith="search.").exists()


# --- all of them ------------------------------------------------------------------------------------------------------


def test_counts_by_frequency_and_what_was_told():
    at_once, daily = saved(q="lamp"), saved(q="lamp", alerts=AlertFrequency.DAILY)
    saved(q="sofa", alerts=AlertFrequency.OFF)
    actions.change_saved_search(user=daily.user, saved_search_id=saved(user=daily.user, q="chair").pk, is_paused=True)
    lamp = ProductFactory(title="Brass lamp")
    actions.tell_searches_of_listing(lamp.pk)
    actions.note_told(finds=list(at_once.finds.all()), at=timezone.now())
    found = selectors.standing(at=timezone.now() + timedelta(minutes=1))
    assert [(one.kept, one.watched, one.paused) for one in found.frequencies] == [
        (1, 0, 0),  # never
        (2, 1, 1),  # at once
        (1, 1, 0),  # once a day
        (0, 0, 0),
    ]
    today = found.days[0]
    assert (today.new, today.cheaper, today.at_once, today.digest) == (2, 0, 1, 0)
    assert (found.due_searches, found.due_people) == (1, 1)


def test_says_what_is_stuck_and_since_when():
    untold, waiting = saved(q="lamp"), saved(q="lamp", alerts=AlertFrequency.DAILY)
    unwatched = saved(q="sofa")
    actions.tell_searches_of_listing(ProductFactory(title="Brass lamp").pk)
    Watch.objects.filter(pk=unwatched.pk).delete()
    now = timezone.now()
    assert selectors.stuck_searches(at=now) == []
    soon = {one.saved_search_id: one.because for one in selectors.stuck_searches(at=now + timedelta(minutes=20))}
    assert soon == {untold.pk: "untold", unwatched.pk: "unwatched"}
    later = {one.saved_search_id: one.because for one in selectors.stuck_searches(at=now + timedelta(hours=30))}
    assert later[waiting.pk] == "not_in_digest"
    nights = selectors.stuck_searches(at=now + timedelta(days=3))
    assert {one.because for one in nights if one.saved_search_id == waiting.pk} == {"not_in_digest", "stale"}


def test_what_its_owner_may_not_hear_of_any_more_is_not_stuck():
    search = saved(q="lamp")
    lamp = ProductFactory(title="Brass lamp")
    actions.tell_searches_of_listing(lamp.pk)
    type(lamp).objects.filter(pk=lamp.pk).update(hidden_at=timezone.now())
    assert search.finds.exists()
    assert selectors.stuck_searches(at=timezone.now() + timedelta(minutes=20)) == []


def test_the_page_of_numbers_names_nobody(client, sign_in, lamps):
    person = sign_in("admin")
    Watch.objects.all().delete()
    SavedSearch.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    beat_heart(selectors.DIGESTS)
    body = client.get(STANDING).content.decode()
    assert "is not held against new listings" in body
    assert str(lamps.pk) in body
    assert "khalid" not in body
    assert "majlis" not in body
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        client.force_login(person, backend="accounts.backends.IdentifierBackend")
        assert "late" in client.get(STANDING).content.decode()


def test_todays_page_leads_there(client, sign_in, lamps):
    sign_in("admin")
    assert STANDING in client.get("/admin/").content.decode()
    assert f"{LIST}?q={lamps.user_id}" in client.get(f"/admin/accounts/user/{lamps.user_id}/change/").content.decode()


def test_numbers_cost_the_same_however_many_are_kept(client, sign_in):
    sign_in("admin")
    asked = []
    for many in (1, 20):
        for number in range(SavedSearch.objects.count(), many):
            saved(q=f"lamp{number}")
        with counted_queries() as queries:
            client.get(STANDING)
        asked.append(len(queries))
    assert asked[1] <= asked[0]
