import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from feeds import actions
from feeds.models import RankingWeights
from feeds.ranking import Weights
from feeds.selectors import yesterday
from feeds.tests.factories import sample, staff
from feeds.tests.test_what_if import NEAR, NEW

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return staff("admin")


@pytest.fixture
def desk(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def proposal(admin):
    return actions.propose_weights(staff=admin, values={"freshness": 10, "distance": 0}, note="Newer things first.")


def address(name, *args):
    return reverse(f"admin:feeds_rankingweights_{name}", args=args)


def numbers(**changed):
    return {"note": "To see what happens.", **Weights().values, **changed}


def test_a_proposal_begins_with_the_numbers_in_force(desk, admin):
    page = desk.get(address("add")).content.decode()
    assert 'name="distance"' in page
    assert 'value="3"' in page
    answer = desk.post(address("add"), numbers(distance="1.25"))
    row = RankingWeights.objects.get(version=2)
    assert answer["Location"] == address("change", row.pk)
    assert (row.values["distance"], row.note, row.author) == (1.25, "To see what happens.", admin)
    again = desk.get(address("add") + f"?from={row.pk}").content.decode()
    assert 'value="1.25"' in again
    assert desk.get(address("add") + "?from=nonsense").status_code == 404


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"distance": "11"}, "less than or equal to 10"),
        ({"distance": "far"}, "Enter a number"),
        ({"note": ""}, "required"),
        ({"freshness": 0, "trust": 0, "engagement": 0}, "must weigh something"),
    ],
    ids=str,
)
def test_wrong_numbers_are_told_beside_their_field_and_nothing_is_kept(desk, changed, says):
    page = desk.post(address("add"), numbers(**changed))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert RankingWeights.objects.count() == 1


def test_the_page_shows_what_yesterday_would_have_been(desk, proposal):
    sample([{"facts": NEAR}, {"facts": NEW}], page_size=1)
    page = desk.get(address("change", proposal.pk)).content.decode()
    for words in ("Newer things first.", "What it would have shown", "Who rises", "Exposure by neighbourhood", "Gini"):
        assert words in page
    assert "a listing that is gone" in page
    before = (yesterday() - timedelta(days=2)).isoformat()
    other_day = desk.get(f"{address('change', proposal.pk)}?day={before}").content.decode()
    assert "Nothing was noted on this day" in other_day
    for day in ("2020-13-01", "0001-01-01", "9999-12-31", "x"):
        shown = desk.get(f"{address('change', proposal.pk)}?day={day}")
        assert shown.status_code == 200
        assert "Who rises" in shown.content.decode()


def test_the_page_shows_each_surface_and_replays_the_one_that_is_chosen(desk, proposal):
    for feed in ("community", "search"):
        sample([{"facts": NEAR}, {"facts": NEW}], page_size=1, feed=feed)
    here = address("change", proposal.pk)
    page = desk.get(here).content.decode()
    for words in ("By where it was shown", "Near you", "surface=community", "surface=search"):
        assert words in page
    search = desk.get(f"{here}?surface=search").content.decode()
    assert "Who rises" in search
    assert "By where it was shown" not in search
    assert re.search(r'surface=search" aria-current="true"', search)
    assert "Of “Discover” nothing was noted" in desk.get(f"{here}?surface=discover").content.decode()
    assert "By where it was shown" in desk.get(f"{here}?surface=nonsense").content.decode()


def test_one_in_force_is_shown_without_a_what_if(desk):
    first = RankingWeights.objects.get(version=1)
    page = desk.get(address("change", first.pk)).content.decode()
    assert "rank by this version now" in page
    assert "Put in force" not in page


def test_put_in_force_with_a_reason(desk, proposal):
    page = desk.post(address("activate", proposal.pk), {"reason": ""})
    assert page.status_code == 200
    proposal.refresh_from_db()
    assert proposal.state == "proposed"
    answer = desk.post(address("activate", proposal.pk), {"reason": "The desert sees more."})
    assert answer.status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == "active"
    assert AuditEntry.objects.latest("id").reason == "The desert sees more."
    refused = desk.post(address("activate", proposal.pk), {"reason": "Again."})
    assert "so it cannot become" in refused.content.decode() or refused.status_code == 200
    assert RankingWeights.objects.filter(state="active").count() == 1


def test_discard_with_a_reason(desk, proposal):
    desk.post(address("discard", proposal.pk), {"reason": "No."})
    proposal.refresh_from_db()
    assert proposal.state == "discarded"
    assert "Put in force" not in desk.get(address("change", proposal.pk)).content.decode()


def test_a_look_does_not_decide(desk, proposal):
    assert desk.get(address("activate", proposal.pk))["Location"] == address("change", proposal.pk)
    proposal.refresh_from_db()
    assert proposal.state == "proposed"


@pytest.mark.parametrize("group", ["moderator", "finance", "support", "verifier", "authentication expert"])
def test_no_other_group_of_the_staff_sees_or_does_anything(proposal, group):
    client = Client()
    client.force_login(staff(group))
    for name, *args in (
        ("changelist",),
        ("add",),
        ("change", proposal.pk),
        ("activate", proposal.pk),
        ("discard", proposal.pk),
        ("delete", proposal.pk),
    ):
        assert client.get(address(name, *args)).status_code == 403
        assert client.post(address(name, *args), {"reason": "Mine.", **numbers()}).status_code == 403
    proposal.refresh_from_db()
    assert (proposal.state, RankingWeights.objects.count()) == ("proposed", 2)
    assert "Ranking" not in client.get(reverse("admin:index")).content.decode()


def test_the_admin_group_cannot_edit_or_delete_a_version(desk, proposal):
    assert desk.post(address("change", proposal.pk), numbers()).status_code == 403
    assert desk.post(address("delete", proposal.pk), {"post": "yes"}).status_code == 403
    assert desk.get(address("changelist")).status_code == 200
    assert "Version in force" in desk.get(reverse("admin:index")).content.decode()


def test_strangers_are_sent_to_sign_in(client, proposal):
    assert client.get(address("change", proposal.pk)).status_code == 302
    assert client.post(address("activate", proposal.pk), {"reason": "Mine."}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == "proposed"


def test_titles_cannot_leave_the_page(desk, admin):
    row = actions.propose_weights(staff=admin, values={}, note="<script>alert(1)</script>")
    page = desk.get(address("change", row.pk)).content.decode()
    assert "<script>alert(1)" not in page
