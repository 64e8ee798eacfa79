from datetime import timedelta

import pytest
from django.utils import timezone

from moderation.models import FilterTerm, ScanPolicy
from moderation.selectors import forget_filters, verdict
from moderation.states import ScanAction
from moderation.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer():
    return PersonFactory(created_at=timezone.now() - timedelta(days=2))


@pytest.fixture
def regular():
    return PersonFactory()


def test_nothing_becomes_of_plain_words(newcomer):
    assert verdict(text="Is it still available? I can pass by at six.", author=newcomer).action == ScanAction.NOTHING


def test_holds_a_newcomers_phone_number_and_warns_a_regular(newcomer, regular):
    text = "Call me on 050 123 4567"
    assert verdict(text=text, author=newcomer).action == ScanAction.HOLD
    told = verdict(text=text, author=regular)
    assert told.action == ScanAction.WARN
    assert told.kinds == ("phone",)
    assert text[told.marks[0].start : told.marks[0].end] == told.marks[0].excerpt == "050 123 4567"


def test_a_proven_phone_number_makes_a_regular_at_once():
    known = PersonFactory(created_at=timezone.now(), phone_verified_at=timezone.now())
    assert verdict(text="050 123 4567", author=known).action == ScanAction.WARN


@pytest.mark.parametrize("text", ["Please do a bank transfer", "حول المبلغ على حسابي", "Let us deal outside the app"])
def test_finds_ways_to_pay_or_deal_elsewhere(newcomer, text):
    told = verdict(text=text, author=newcomer)
    assert (told.kinds, told.action) == (("elsewhere",), ScanAction.HOLD)


@pytest.mark.parametrize("text", ["you son of a BITCH", "يا كَلْب"])
def test_brings_abuse_before_a_moderator(regular, text):
    assert verdict(text=text, author=regular).action == ScanAction.CASE


def test_the_strongest_wins(newcomer):
    told = verdict(text="you bitch, 050 123 4567", author=newcomer)
    assert (told.kinds, told.action) == (("phone", "abuse"), ScanAction.HOLD)


def test_what_staff_switched_off_is_not_looked_for(regular):
    FilterTerm.objects.filter(term="bank transfer").update(is_active=False)
    ScanPolicy.objects.filter(kind="abuse").update(regular=ScanAction.NOTHING)
    forget_filters()
    assert verdict(text="bank transfer", author=regular).marks == ()
    told = verdict(text="you bitch", author=regular)
    assert (told.kinds, told.action) == (("abuse",), ScanAction.NOTHING)


def test_asks_the_database_once_for_many_messages(regular, django_assert_num_queries):
    with django_assert_num_queries(2):
        for _ in range(20):
            verdict(text="050 123 4567", author=regular)
