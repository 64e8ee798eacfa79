import pytest

from accounts.actions import block_person, follow_person, restrict_person
from accounts.models import Block, Follow, SellerStanding
from accounts.tests.factories import BlockFactory, FollowFactory, UserFactory
from core.ids import uuid7
from core.testing import counted_queries
from places.tests.factories import NeighborhoodFactory

pytestmark = pytest.mark.django_db
USERS = "/api/v1/users"


def signed_in(api, **given):
    person = UserFactory(**given)
    api.force_authenticate(person)
    return person


def test_a_public_profile_says_what_it_should_and_no_more(api):
    person = UserFactory(
        username="omar",
        email="omar@example.com",
        phone="+971507654321",
        bio="Lamps",
        at_home=True,
        building_name="Gate",
    )
    SellerStanding.objects.create(user=person, rating="4.80", review_count=12, sales_count=30, badges=["fast"])
    shown = api.get(f"{USERS}/{person.pk}").json()
    assert set(shown) == {
        "id", "username", "display_name", "avatar_url", "is_verified", "is_trusted", "rating", "review_count",
        "neighborhood", "limited", "bio", "role", "is_seller", "badges", "sales_count", "followers_count",
        "following_count", "member_since", "last_seen_at",
    }  # fmt: skip
    assert (shown["rating"], shown["review_count"], shown["badges"]) == ("4.80", 12, ["fast"])
    for secret in ("omar@example.com", "507654321", "Gate", "Haddad"):
        assert secret not in str(shown)
    assert api.get(f"{USERS}/by-username/OMAR").json() == shown


@pytest.mark.parametrize("gone", [{"suspended": True}, {"is_active": False}])
def test_who_is_gone_is_not_there(api, gone):
    person = UserFactory(username="omar", **gone)
    for path in (str(person.pk), "by-username/omar", f"{person.pk}/followers", str(uuid7())):
        answer = api.get(f"{USERS}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "accounts.person_not_found")


@pytest.mark.parametrize("by_viewer", [True, False])
def test_a_block_hides_both_from_each_other(api, by_viewer):
    viewer, person = signed_in(api), UserFactory()
    BlockFactory(**{"blocker": viewer, "blocked": person} if by_viewer else {"blocker": person, "blocked": viewer})
    for path in (f"{person.pk}", f"{person.pk}/followers", f"{person.pk}/following", f"by-username/{person.username}"):
        assert api.get(f"{USERS}/{path}").status_code == 404
    assert api.post(f"{USERS}/{person.pk}/follow").status_code == 404
    api.force_authenticate(None)
    assert api.get(f"{USERS}/{person.pk}").status_code == 200


def test_one_always_sees_oneself(api):
    viewer = signed_in(api, suspended=True, profile_visibility="followers", bio="Lamps")
    shown = api.get(f"{USERS}/{viewer.pk}").json()
    assert (shown["limited"], shown["bio"]) == (False, "Lamps")


@pytest.mark.parametrize(
    ("visibility", "viewer_is", "limited"),
    [
        ("everyone", "stranger", False),
        ("members", "stranger", True),
        ("members", "member", False),
        ("followers", "stranger", True),
        ("followers", "member", True),
        ("followers", "follower", False),
    ],
)
def test_profiles_are_shown_to_whom_their_person_chose(api, visibility, viewer_is, limited):
    person = UserFactory(profile_visibility=visibility, bio="Lamps", at_home=True)
    if viewer_is != "stranger":
        viewer = signed_in(api)
        if viewer_is == "follower":
            follow_person(follower=viewer, followed=person)
    shown = api.get(f"{USERS}/{person.pk}").json()
    assert shown["limited"] is limited
    assert (shown["bio"] == "") is limited
    assert (shown["neighborhood"] is None) is limited
    lists = api.get(f"{USERS}/{person.pk}/followers")
    assert lists.status_code == (403 if limited else 200)
    if limited:
        assert lists.json()["code"] == "accounts.profile_not_shared"


def test_what_one_hides_is_hidden(api):
    person = UserFactory(show_neighborhood=False, show_last_seen=False, show_following=False, at_home=True)
    shown = api.get(f"{USERS}/{person.pk}").json()
    assert (shown["neighborhood"], shown["last_seen_at"], shown["following_count"]) == (None, None, None)
    assert api.get(f"{USERS}/{person.pk}/following").json()["code"] == "accounts.profile_not_shared"
    assert api.get(f"{USERS}/{person.pk}/followers").status_code == 200
    api.force_authenticate(person)
    assert api.get(f"{USERS}/{person.pk}/following").status_code == 200


def test_follows_and_unfollows(api):
    viewer, person = signed_in(api), UserFactory()
    followed = api.post(f"{USERS}/{person.pk}/follow")
    assert followed.json() == {
        "following": True, "followed_by": False, "blocked": False, "blocked_by": False, "can_message": True,
    }  # fmt: skip
    assert api.post(f"{USERS}/{person.pk}/follow").status_code == 200
    assert Follow.objects.count() == 1
    assert api.delete(f"{USERS}/{person.pk}/follow").json()["following"] is False
    assert api.delete(f"{USERS}/{person.pk}/follow").status_code == 200
    assert not Follow.objects.exists()
    assert api.post(f"{USERS}/{viewer.pk}/follow").json()["code"] == "accounts.not_yourself"


def test_relationship_looks_both_ways(api):
    viewer, person = signed_in(api), UserFactory()
    FollowFactory(follower=person, followed=viewer)
    assert api.get(f"{USERS}/{person.pk}/relationship").json() == {
        "following": False, "followed_by": True, "blocked": False, "blocked_by": False, "can_message": True,
    }  # fmt: skip
    block_person(blocker=person, blocked=viewer)
    assert api.get(f"{USERS}/{person.pk}/relationship").json() == {
        "following": False, "followed_by": False, "blocked": False, "blocked_by": True, "can_message": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("messages_from", "followed", "may"),
    [("everyone", False, True), ("following", False, False), ("following", True, True), ("nobody", True, False)],
)
def test_who_may_write_is_the_receivers_choice(api, messages_from, followed, may):
    viewer, person = signed_in(api), UserFactory(messages_from=messages_from)
    if followed:
        FollowFactory(follower=person, followed=viewer)
    assert api.get(f"{USERS}/{person.pk}/relationship").json()["can_message"] is may


def test_who_may_not_write_cannot_message(api):
    viewer, person = signed_in(api), UserFactory()
    restrict_person(user=viewer, kind="message", reason_en="", reason_ar="")
    assert api.get(f"{USERS}/{person.pk}/relationship").json()["can_message"] is False


def test_blocks_lists_and_unblocks(api):
    viewer, person = signed_in(api), UserFactory(username="omar")
    assert api.post(f"{USERS}/{person.pk}/block").json()["blocked"] is True
    assert api.post(f"{USERS}/{person.pk}/block").status_code == 200
    listed = api.get(f"{USERS}/blocked").json()["results"]
    assert [(row["username"], bool(row["blocked_at"])) for row in listed] == [("omar", True)]
    api.force_authenticate(person)
    assert api.get(f"{USERS}/blocked").json()["results"] == []
    api.force_authenticate(viewer)
    assert api.delete(f"{USERS}/{person.pk}/block").json()["blocked"] is False
    assert not Block.objects.exists()


def test_followers_and_followed_with_mutual_flags(api):
    viewer, person = signed_in(api), UserFactory()
    fan, friend = UserFactory(username="fan"), UserFactory(username="friend")
    FollowFactory(follower=fan, followed=person)
    FollowFactory(follower=friend, followed=person)
    FollowFactory(follower=person, followed=friend)
    FollowFactory(follower=person, followed=viewer)
    FollowFactory(follower=viewer, followed=fan)
    followers = api.get(f"{USERS}/{person.pk}/followers").json()["results"]
    assert [(row["username"], row["mutual"]) for row in followers] == [("friend", False), ("fan", True)]
    following = api.get(f"{USERS}/{person.pk}/following").json()["results"]
    assert [(row["username"], row["mutual"]) for row in following] == [(viewer.username, False), ("friend", True)]
    found = api.get(f"{USERS}/{person.pk}/followers", {"search": "FRI"}).json()["results"]
    assert [row["username"] for row in found] == ["friend"]


def test_lists_leave_out_whom_the_reader_may_not_see(api):
    viewer, person = signed_in(api), UserFactory()
    FollowFactory(follower=UserFactory(suspended=True), followed=person)
    blocked = FollowFactory(followed=person).follower
    BlockFactory(blocker=blocked, blocked=viewer)
    seen = FollowFactory(followed=person).follower
    assert [r["username"] for r in api.get(f"{USERS}/{person.pk}/followers").json()["results"]] == [seen.username]


def test_pages_of_followers(api):
    person = UserFactory()
    FollowFactory.create_batch(5, followed=person)
    first = api.get(f"{USERS}/{person.pk}/followers", {"per_page": 3}).json()
    second = api.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (3, 2, None)
    assert len({row["id"] for row in first["results"] + second["results"]}) == 5


@pytest.mark.parametrize(
    ("query", "attr"),
    [({"page": 2}, "page"), ({"q": "x"}, "q"), ({"cursor": "x!"}, "cursor"), ({"per_page": 500}, "per_page")],
)
def test_wrong_questions_are_named(api, query, attr):
    answer = api.get(f"{USERS}/{UserFactory().pk}/followers", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == attr


@pytest.mark.parametrize("rows", [1, 20])
def test_lists_cost_the_same_for_one_as_for_twenty(api, rows):
    viewer, person, area = signed_in(api), UserFactory(), NeighborhoodFactory()
    for _n in range(rows):
        fan = UserFactory(neighborhood=area)
        SellerStanding.objects.create(user=fan, rating="4.00", review_count=1)
        FollowFactory(follower=fan, followed=person)
        FollowFactory(follower=person, followed=fan)
        BlockFactory(blocker=viewer, blocked=UserFactory(neighborhood=area))
    costs = []
    for path in (f"{person.pk}/followers", f"{person.pk}/following", "blocked"):
        with counted_queries() as queries:
            assert len(api.get(f"{USERS}/{path}").json()["results"]) == rows
        assert "boundary" not in str(queries.captured_queries)
        costs.append(len(queries))
    assert costs == [3, 3, 1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "{id}/follow"), ("delete", "{id}/follow"), ("post", "{id}/block"), ("delete", "{id}/block"),
        ("get", "{id}/relationship"), ("get", "blocked"), ("get", "me"), ("patch", "me"), ("get", "me/addresses"),
        ("post", "me/addresses"), ("get", "me/devices"), ("post", "me/exports"), ("post", "me/erasure"),
        ("post", "me/email"), ("post", "me/seller"), ("put", "me/location"), ("patch", "me/privacy"),
    ],
)  # fmt: skip
def test_strangers_sign_in_first(api, method, path):
    answer = getattr(api, method)(f"{USERS}/{path.format(id=UserFactory().pk)}", {})
    assert (answer.status_code, answer.json()["code"]) == (401, "core.not_authenticated")
    assert not Follow.objects.exists()
    assert not Block.objects.exists()
