"""What the answer says of how words were read: nothing is thrown away that was asked, and words are spelt as people spell them."""

import pytest

from search.actions import index_products
from search.models import Word
from search.tests.test_api_search import found, listed, understood

pytestmark = pytest.mark.django_db


def usual(word: str) -> None:
    Word.objects.filter(word=word).update(documents=300)


def test_a_rare_word_is_asked_about_where_a_usual_one_is_a_step_away(client):
    listed("Guci belt", "Gucci bag")
    usual("gucci")
    assert understood(client, "guci")[0]["did_you_mean"] == "gucci"
    assert understood(client, "guci stroller belt")[0]["did_you_mean"] == ""  # of which there is none


@pytest.mark.parametrize(
    ("title", "other", "q"),
    [
        ("Xbox Series S", "Box of books", "xbox"),  # explained by operators
        ("Clamp of steel", "Lamp of steel", "clamp"),  # begins otherwise
        ("Samsong fridge", "سامسونج Samsung", "سامسونج"),  # is looked for already
    ],
)
def test_a_word_that_is_meant_is_not_asked_about(client, title, other, q):
    listed(title, other)
    for word in ("box", "lamp", "samsung"):
        usual(word)
    assert understood(client, q)[0]["did_you_mean"] == ""


def test_a_suggestion_that_finds_the_same_is_none(client):
    listed("Guci or Gucci belt")
    usual("gucci")
    assert understood(client, "guci")[0]["did_you_mean"] == ""


@pytest.mark.parametrize("q", ["x box", "X-Box", "X Box"])
def test_half_of_a_name_is_nothing_to_fall_back_on(client, q):
    listed("Box of books", "Storage box")
    read, titles, more = understood(client, q)
    assert (titles, read["reading"], more) == ([], "verbatim", None)
    listed("Xbox One")
    read, titles, more = understood(client, q)
    assert (titles, read["did_you_mean"], more) == (["Xbox One"], "", None)


def test_half_of_a_name_goes_with_its_other_half(client):
    listed("Box of books", "Brass controller")
    read, titles, _more = understood(client, "x box controller")
    assert (read["q"], read["left_out"], titles) == ("controller", ["x", "box"], ["Brass controller"])


@pytest.mark.parametrize(
    ("title", "q"), [("Alpha 7 camera", "ألفا"), ("كاميرا ألفا 7", "alpha"), ("ساعة قوتشي", "Gucci")]
)
def test_short_names_are_found_in_the_other_script(client, title, q):
    listed(title, "Oak table")
    assert found(client, q=q) == [title]


@pytest.mark.parametrize("titles", [("فوانيس ملونة", "فانوسة كبيرة"), ("فوانيس ملونه", "فانوسه كبيره", "فانوسة كبيرة")])
def test_a_corrected_word_is_spelt_as_people_spell_it(client, titles):
    listed(*titles)
    read = understood(client, "فانوسسه كبيرة")[0]
    assert (read["q"], read["reading"]) == ("فانوسة كبيرة", "corrected")


def test_words_of_operators_are_shown_as_they_wrote_them(client):
    listed("Leather shoes")
    read = understood(client, "احذيهه")[0]
    assert (read["q"], read["reading"]) == ("أحذية", "corrected")


def test_what_is_left_out_is_shown_as_it_was_typed(client):
    listed("كنبة كبيرة", "Oak table")
    assert understood(client, "كنبة بنفسجيّة")[0]["left_out"] == ["بنفسجية"]
    assert understood(client, "Oak Table XYZZYplugh")[0]["left_out"] == ["XYZZYplugh"]


def test_a_careful_spelling_stays(client):
    careless, careful, later = listed("مصابيح أنيقه"), listed("مصابيح أنيقة"), listed("مصابيح انيقه")
    assert Word.objects.get(word="انيقه").spelt == "أنيقة"
    for products in (careless, careful, later):
        index_products([product.pk for product in products])
    word = Word.objects.get(word="انيقه")
    assert (word.spelt, word.care) == ("أنيقة", 2)


def test_words_of_before_are_mended_where_a_listing_is_indexed_again(client):
    products = listed("ألفا الجديدة", "OAK TABLE")
    Word.objects.update(spelt="", care=0, sound="")
    index_products([product.pk for product in products])
    assert Word.objects.filter(word="الجديده", spelt="الجديدة", care=1).exists()
    assert Word.objects.filter(word="الفا").exclude(sound="").exists()
    assert Word.objects.filter(word="oak", spelt="oak").exists()
