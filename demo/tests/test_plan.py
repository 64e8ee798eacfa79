from collections import Counter
from dataclasses import replace

from demo.city.plan import BUYER, FATES, MOST_OF_ONE, SELLER, TROUBLED_FATES, draw_up
from demo.people import RESIDENT


def test_one_seed_plans_one_city_and_another_seed_another():
    assert draw_up(seed=42, size=120) == draw_up(seed=42, size=120)
    assert draw_up(seed=42, size=120).listings != draw_up(seed=43, size=120).listings


def test_a_city_has_the_size_that_was_asked_for():
    for size in (60, 300):
        assert len(draw_up(seed=1, size=size).listings) == size


def test_every_fate_is_somebodys():
    for size in (60, 300):
        fates = {planned.fate for planned in draw_up(seed=42, size=size).listings}
        assert {"for_sale", *FATES, *TROUBLED_FATES} <= fates


def test_nobody_offers_more_than_may_be_open():
    offered = Counter(planned.seller for planned in draw_up(seed=42, size=2000).listings)
    assert max(offered.values()) <= MOST_OF_ONE + 1


def test_what_breaks_a_rule_on_show_comes_from_people_with_approvals_behind_them():
    plan = draw_up(seed=42, size=300)
    residents = {person.username for person in plan.people if person.part == RESIDENT}
    for planned in plan.listings:
        if planned.offer.trouble and planned.fate not in ("in_review", "rejected"):
            earlier = [p for p in plan.listings if p.seller == planned.seller and not p.offer.trouble]
            assert planned.seller in residents
            assert len([p for p in earlier if p.offer.listed_hours_ago > planned.offer.listed_hours_ago]) >= 3


def test_the_feed_is_alive():
    ages = [p.offer.listed_hours_ago for p in draw_up(seed=42, size=300).listings if p.fate == "for_sale"]
    assert min(ages) < 1
    assert sum(age < 4 for age in ages) >= 10
    assert max(ages) > 500


def test_links_are_once_each_and_never_to_oneself():
    plan = draw_up(seed=42, size=300)
    assert len(set(plan.follows)) == len(plan.follows)
    assert all(follower != followed for follower, followed in plan.follows)
    assert all(plan.listings[index].seller != person for person, index in plan.favourites)
    assert (BUYER, SELLER) in plan.follows


def test_the_same_picture_of_the_same_seller_is_wanted_once():
    plan = draw_up(seed=42, size=300)
    assert len(set(plan.pictures_wanted())) == len(plan.pictures_wanted())
    assert all(kind for _, kind in plan.films_wanted())


def test_a_plan_is_a_value():
    plan = draw_up(seed=42, size=40)
    assert replace(plan, size=41) != plan
