from functools import partial

import pytest
from django.utils import timezone

from accounts.actions import restrict_person
from accounts.errors import PersonNotFound, Restricted
from accounts.states import RestrictionKind
from accounts.tests.factories import BlockFactory, FollowFactory, UserFactory
from catalog.errors import ProductNotFound
from catalog.states import ProductState
from catalog.tests.factories import DraftFactory, ProductFactory
from core.ids import uuid7
from messaging import errors
from messaging.actions import start_conversation
from messaging.models import Conversation
from messaging.tests.factories import ConversationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def refuses(refuses):
    return partial(refuses, call=start_conversation)


def test_begins_one_with_a_side_for_each():
    buyer, desk = UserFactory(), ProductFactory()
    made = start_conversation(person=buyer, other_id=desk.seller_id, product_id=desk.pk)
    assert made.is_new
    assert {made.first_id, made.second_id} == {buyer.pk, desk.seller_id}
    assert (made.product_id, made.started_by_id, made.last_seq) == (desk.pk, buyer.pk, 0)
    sides = {(p.person_id, p.other_id) for p in made.participations.all()}
    assert sides == {(buyer.pk, desk.seller_id), (desk.seller_id, buyer.pk)}


def test_returns_the_one_that_is_there_whoever_asks():
    buyer, desk = UserFactory(), ProductFactory()
    made = start_conversation(person=buyer, other_id=desk.seller_id, product_id=desk.pk)
    for person, other in ((buyer, desk.seller), (desk.seller, buyer)):
        again = start_conversation(person=person, other_id=other.pk, product_id=desk.pk)
        assert (again.pk, again.is_new) == (made.pk, False)
    assert Conversation.objects.count() == 1


def test_each_listing_and_none_have_their_own():
    buyer, desk = UserFactory(), ProductFactory()
    chair = ProductFactory(seller=desk.seller)
    made = {
        start_conversation(person=buyer, other_id=desk.seller_id, product_id=about).pk
        for about in (desk.pk, chair.pk, None)
    }
    assert len(made) == 3
    assert start_conversation(person=buyer, other_id=desk.seller_id).pk in made


def test_returns_an_old_one_although_it_could_not_be_begun_now():
    buyer, desk = UserFactory(), ProductFactory()
    made = ConversationFactory(person=buyer, other=desk.seller, product=desk)
    BlockFactory(blocker=desk.seller, blocked=buyer)
    desk.state = ProductState.REMOVED
    desk.save()
    assert start_conversation(person=buyer, other_id=desk.seller_id, product_id=desk.pk).pk == made.pk


def test_refuses_to_talk_with_oneself_or_nobody(refuses):
    me = UserFactory()
    refuses(errors.NotWithYourself, person=me, other_id=me.pk)
    refuses(PersonNotFound, person=me, other_id=uuid7())


def test_only_who_is_interested_begins(refuses):
    desk = ProductFactory()
    refuses(errors.BuyersStart, person=desk.seller, other_id=UserFactory().pk, product_id=desk.pk)


def test_refuses_a_listing_of_somebody_else(refuses):
    refuses(errors.NotTheSeller, person=UserFactory(), other_id=UserFactory().pk, product_id=ProductFactory().pk)


def test_refuses_a_listing_that_the_person_may_not_see(refuses):
    me = UserFactory()
    for desk in (DraftFactory(), ProductFactory(hidden_at=timezone.now()), ProductFactory(state=ProductState.REMOVED)):
        refuses(ProductNotFound, person=me, other_id=desk.seller_id, product_id=desk.pk)
    refuses(ProductNotFound, person=me, other_id=UserFactory().pk, product_id=uuid7())


@pytest.mark.parametrize("blocker_is_me", [True, False])
def test_a_block_and_closed_doors_look_the_same(blocker_is_me, refuses):
    me, blocked = UserFactory(), UserFactory()
    BlockFactory(blocker=me if blocker_is_me else blocked, blocked=blocked if blocker_is_me else me)
    by_block = refuses(errors.CannotBeReached, person=me, other_id=blocked.pk)
    closed = refuses(errors.CannotBeReached, person=me, other_id=UserFactory(messages_from="nobody").pk)
    suspended = refuses(errors.CannotBeReached, person=me, other_id=UserFactory(suspended=True).pk)
    assert by_block.message == closed.message == suspended.message


def test_who_is_followed_may_begin_where_only_they_may(refuses):
    me, choosy = UserFactory(), UserFactory(messages_from="following")
    refuses(errors.CannotBeReached, person=me, other_id=choosy.pk)
    FollowFactory(follower=choosy, followed=me)
    assert start_conversation(person=me, other_id=choosy.pk).is_new


def test_refuses_who_may_not_write(refuses):
    me = UserFactory()
    restrict_person(user=me, kind=RestrictionKind.MESSAGE, reason_en="", reason_ar="")
    refuses(Restricted, person=me, other_id=UserFactory().pk)


def test_a_newcomer_begins_five_a_day_until_the_phone_is_proven(refuses):
    me = UserFactory(phone_verified_at=None)
    for _ in range(5):
        start_conversation(person=me, other_id=UserFactory().pk)
    assert refuses(errors.TooManyNewConversations, person=me, other_id=UserFactory().pk).facts == {"limit": 5}
    me.phone_verified_at = timezone.now()
    me.save()
    assert start_conversation(person=me, other_id=UserFactory().pk).is_new


def test_those_that_others_began_do_not_count():
    me = UserFactory(phone_verified_at=None)
    for _ in range(6):
        ConversationFactory(other=me)
    assert start_conversation(person=me, other_id=UserFactory().pk).is_new


def test_everybody_has_a_limit(settings, refuses):
    settings.MESSAGING = settings.MESSAGING | {"conversations": 2}
    me = UserFactory()
    for _ in range(2):
        start_conversation(person=me, other_id=UserFactory().pk)
    refuses(errors.TooManyNewConversations, person=me, other_id=UserFactory().pk)
