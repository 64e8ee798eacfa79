from collections import Counter
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import proofs
from accounts.actions import block_person, follow_person, open_session, send_code, sign_in_with_code, unfollow_person
from accounts.actions.addresses import add_address
from accounts.errors import WrongCode
from accounts.identifiers import read_email
from accounts.models import Address, Block, Challenge, Follow, RefreshToken, Session, User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tokens import token_pair
from core.models import OutboxEvent
from core.ratelimits import Limit, take
from tests.races.crowd import done_or_refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
REFRESH = "/api/v1/auth/refresh"


def test_twenty_refreshes_with_one_token_make_one_child():
    user = UserFactory()
    opened = open_session(user=user, kind="api")
    sent = token_pair(user, opened.refresh_token)["refresh_token"]
    answers = done_or_refused(*[lambda: APIClient().post(REFRESH, {"refresh_token": sent}, format="json")] * 20)
    assert [a.status_code for a in answers] == [200] * 20
    assert len({a.json()["refresh_token"] for a in answers}) == 1
    assert RefreshToken.objects.count() == 2
    assert Session.objects.get().revoked_at is None


@pytest.mark.parametrize("same", ["username", "email", "phone"])
def test_of_fifty_registrations_with_the_same_name_one_wins_and_none_is_half_written(same):
    def register(n: int) -> Any:
        given = {
            "username": f"person{n}",
            "email": f"p{n}@example.com",
            "phone": f"+9715012{n:05d}",
            "password": PASSWORD,
        }
        given[same] = {"username": "layla", "email": "layla@example.com", "phone": "+971501234567"}[same]
        return APIClient().post("/api/v1/auth/register", given, format="json")

    answers = done_or_refused(*[lambda n=n: register(n) for n in range(50)])
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 49}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {f"accounts.{same}_taken"}
    person = User.objects.get()
    assert Session.objects.get().user == person
    assert set(Challenge.objects.values_list("user_id", flat=True)) == {person.pk}
    assert Challenge.objects.count() == 2
    assert Counter(OutboxEvent.objects.values_list("name", flat=True)) == {
        "accounts.code_requested": 2,
        "accounts.person_registered": 1,
    }


def test_counters_are_exact_when_everybody_follows_and_unfollows():
    star, fans = UserFactory(), UserFactory.create_batch(12)
    done_or_refused(*[lambda f=f: follow_person(follower=f, followed=star) for f in fans for _twice in range(2)])
    star.refresh_from_db()
    assert star.followers_count == Follow.objects.count() == 12
    done_or_refused(*[lambda f=f: unfollow_person(follower=f, followed=star) for f in fans[:6] for _twice in range(2)])
    star.refresh_from_db()
    assert star.followers_count == Follow.objects.count() == 6
    assert sum(User.objects.values_list("following_count", flat=True)) == 6


def test_two_who_follow_each_other_do_not_deadlock():
    one, other = UserFactory(), UserFactory()
    calls = [lambda: follow_person(follower=one, followed=other), lambda: follow_person(follower=other, followed=one)]
    done_or_refused(*calls * 8)
    assert Follow.objects.count() == 2


def test_no_follow_slips_past_a_block():
    for _round in range(5):
        one, other = UserFactory(), UserFactory()
        done_or_refused(
            partial(follow_person, follower=one, followed=other),
            partial(block_person, blocker=other, blocked=one),
            partial(follow_person, follower=other, followed=one),
        )
        for person in (one, other):
            person.refresh_from_db()
            assert (person.followers_count, person.following_count) == (0, 0)
    assert not Follow.objects.exists()
    assert Block.objects.count() == 5


def test_a_code_signs_in_once():
    identifier = read_email(UserFactory().email)
    code = proofs.code_of(send_code(identifier=identifier, purpose="login").pk)
    answers = done_or_refused(*[lambda: sign_in_with_code(identifier=identifier, code=code)] * 5)
    assert sum(isinstance(a, User) for a in answers) == 1
    assert sum(isinstance(a, WrongCode) for a in answers) == 4


def test_five_tries_are_five_even_at_once():
    identifier = read_email(UserFactory().email)
    challenge = send_code(identifier=identifier, purpose="login")
    wrong = f"{(int(proofs.code_of(challenge.pk)) + 1) % 1_000_000:06d}"
    done_or_refused(*[lambda: sign_in_with_code(identifier=identifier, code=wrong)] * 15)
    challenge.refresh_from_db()
    assert challenge.tries == 5


def test_limits_count_exactly(settings):
    settings.RATE_LIMITS_ENABLED = True
    answers = done_or_refused(*[lambda: take("race", Limit.parse("3/h"))] * 15)
    assert sum(a is None for a in answers) == 3


def test_one_address_is_the_default():
    user = UserFactory()
    given = {
        "label": "Home",
        "recipient": "L",
        "phone": "0501234567",
        "street": "S",
        "city": "Dubai",
        "is_default": True,
    }
    done_or_refused(*[lambda: add_address(user=user, **given)] * 8)
    assert Address.objects.filter(user=user).count() == 8
    assert Address.objects.filter(user=user, is_default=True).count() == 1
