from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.ids import uuid7
from messaging.errors import ConversationNotFound, SearchTooShort
from messaging.selectors import inbox, search
from messaging.tests.factories import ConversationFactory, say

pytestmark = pytest.mark.django_db


def bodies(found):
    return [one["body"] for one in found.items]


def test_finds_words_in_ones_own_conversations(talk, me, other):
    say(talk, other, "The oak DESK is 140 cm wide")
    say(ConversationFactory(), None, "The oak desk of others")
    say(ConversationFactory(person=me), me, "Not oak, but a desk")
    assert bodies(search(me, "desk oak")) == ["Not oak, but a desk", "The oak DESK is 140 cm wide"]
    assert bodies(search(me, "desk", talk.pk)) == ["The oak DESK is 140 cm wide"]
    assert bodies(search(other, "desk oak")) == ["The oak DESK is 140 cm wide"]
    assert bodies(search(UserFactory(), "desk")) == []


@pytest.mark.parametrize("asked", ["مكتبة", "مكتبه", "مَكْتَبَة", "٢٠٠ درهم", "200 درهم", "أحمد", "احمد"])
def test_arabic_spellings_meet(talk, me, other, asked):
    say(talk, other, "المكتبة بـ ٢٠٠ درهم يا احمد")
    assert len(search(me, asked).items) == 1


def test_accents_and_case_do_not_matter(talk, me):
    say(talk, me, "Le café d'à côté")
    assert bodies(search(me, "CAFE COTE")) == ["Le café d'à côté"]


def test_signs_of_patterns_are_letters_like_others(talk, me):
    say(talk, me, "100% cotton_shirt")
    assert len(search(me, "100%").items) == len(search(me, "n_s").items) == 1
    assert search(me, "%%").items == search(me, "__").items == []


def test_what_is_gone_is_not_found(talk, me):
    now = timezone.now()
    for facts in (
        {"unsent_at": now},
        {"hidden_at": now},
        {"expires_at": now - timedelta(seconds=1)},
        {"blanked_at": now},
    ):
        say(talk, me, "mahogany", **facts)
    assert search(me, "mahogany").items == []
    say(talk, me, "mahogany", expires_at=now + timedelta(days=1))
    assert len(search(me, "mahogany").items) == 1


def test_pages(talk, me):
    for number in range(5):
        say(talk, me, f"mahogany {number}")
    first = search(me, "mahogany", limit=2)
    second = search(me, "mahogany", limit=2, cursor=first.next_cursor)
    third = search(me, "mahogany", limit=2, cursor=second.next_cursor)
    assert [one["body"][-1] for page in (first, second, third) for one in page.items] == list("43210")
    assert third.next_cursor is None


def test_refuses_one_letter_and_others_conversations(me):
    for q in ("x", " ", "ً"):
        with pytest.raises(SearchTooShort):
            search(me, q)
    for pk in (ConversationFactory().pk, uuid7()):
        with pytest.raises(ConversationNotFound):
            search(me, "desk", pk)


def test_the_inbox_is_searched_by_names_titles_and_words(me, talk, other):
    quiet = ConversationFactory(person=me, said=1, other=UserFactory(full_name="Omar Nasser", username="omar_n"))
    say(talk, other, "الطاولة ما زالت متوفرة")
    for asked, wanted in (("nass", quiet), ("OMAR_", quiet), ("طاوله", talk), ("words 2", talk)):
        assert [one["id"] for one in inbox(me, search=asked).items] == [str(wanted.pk)], asked
    assert inbox(me, search="nowhere").items == []
