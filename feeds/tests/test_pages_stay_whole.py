import pytest

from feeds.selectors import community_feed
from feeds.states import CommunitySort
from feeds.tests.worlds import MARINA, World, walk

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("sort", [s for s in CommunitySort.values if s != CommunitySort.SUGGESTED])
def test_listings_that_arrive_meanwhile_leave_no_gap_and_no_double(sort):
    world = World(23, listings=120)

    def ask(**page):
        return community_feed(viewer=world.viewer, place=MARINA, radius_km=20, sort=sort, **page)

    before, _ = walk(ask, size=7)
    forward, _ = walk(ask, size=7, between=lambda: world.add(4))
    assert len(set(forward)) == len(forward)
    assert [i for i in forward if i in set(before)] == before


def test_a_tower_with_hundreds_at_one_place_pages_newest_first():
    world = World(5, listings=0)
    tower = world.add(150, spot=MARINA, seller=world.sellers[3], state="active", feed_type="community", hidden_at=None)
    forward, backward = walk(lambda **page: community_feed(viewer=None, place=MARINA, **page), size=20)
    assert forward == backward == sorted((p.id for p in tower), reverse=True)
