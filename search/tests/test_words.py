"""Which known word a misspelt one becomes."""

import pytest
from django.db import connection

from search.models import SynonymSet, Word
from search.selectors import forget_synonyms
from search.selectors.vocabulary import left_out, meant, one_step

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_words():
    SynonymSet.objects.all().delete()
    forget_synonyms()
    yield
    forget_synonyms()


@pytest.mark.parametrize("word", ["lantern", "فانوس", "balloon", "ps5"])
def test_the_database_leaves_out_the_same_letters(word):
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_left_out(%s)", [word])
        assert set(cursor.fetchone()[0]) == left_out(word)


@pytest.mark.parametrize("word", ["lantern", "فانوس", "lamp"])
def test_every_way_to_slip_once_leads_back(word):
    Word.objects.create(word=word, lexeme=word)
    slips = {slip for slip in one_step(word) if len(slip) > 3 and slip != word}
    assert meant(slips) == dict.fromkeys(slips, (word, 1, word))


def test_one_step_comes_before_two_and_the_commoner_first():
    for word, documents in (("handbag", 5), ("sandbag", 50), ("handbags", 900)):
        Word.objects.create(word=word, lexeme=word, documents=documents)
    assert meant(["hamdbag"]) == {"hamdbag": ("handbag", 5, "handbag")}
    assert meant(["jandbag"]) == {"jandbag": ("sandbag", 50, "sandbag")}


def test_two_steps_are_looked_for_where_one_finds_nothing():
    Word.objects.create(word="wardrobe", lexeme="wardrob")
    assert meant(["wardrobbee"]) == {"wardrobbee": ("wardrobe", 1, "wardrobe")}
    assert meant(["wadrb"]) == {}  # too short for that
