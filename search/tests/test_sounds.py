"""Which names meet across scripts. Those that cannot be told by sound are for synonyms or for the Arabic name of a brand."""

import pytest

from core.text import fold
from search.sounds import is_same_name, sound, sounds

MEET = """
    Samsung سامسونج سامسونغ سامسونق | Philips فيليبس فليبس | Alpha ألفا | Gucci غوتشي قوتشي جوتشي | Chanel شانيل | Huawei هواوي
    Zara زارا | Adidas أديداس اديداس | PlayStation بلايستيشن | Xbox إكسبوكس اكسبوكس | iPhone آيفون ايفون | iPad آيباد ايباد
    Macbook ماكبوك | Dyson دايسون | Ikea ايكيا إيكيا | Rolex رولكس | Hermès هيرميس | Lego ليغو ليجو ليقو | Yamaha ياماها
    Toyota تويوتا | Sony سوني | Canon كانون | Nikon نيكون | Nintendo نينتندو | Dior ديور | Prada برادا | Fendi فندي
    Cartier كارتير | Omega أوميغا اوميجا | Puma بوما | Panasonic باناسونيك | Toshiba توشيبا | Lenovo لينوفو | Honda هوندا
    Nissan نيسان | Hyundai هيونداي | Mercedes مرسيدس | Porsche بورشه بورش | Casio كاسيو | Nokia نوكيا | Vivo فيفو | Asus أسوس
    Tefal تيفال | Nespresso نسبريسو | Kenwood كينوود | Siemens سيمنز | Braun براون | Armani أرماني | Tissot تيسوت | Seiko سيكو سايكو
    Suzuki سوزوكي | Tesla تسلا | Fender فندر | Barbie باربي | Pokemon بوكيمون | Galaxy جالاكسي قالكسي | Skechers سكتشرز
    Nivea نيفيا | Logitech لوجيتك
"""
# By rule alone: sounds that are silent or said otherwise in their own language, and names too short to be told from words.
FOR_SYNONYMS = """
    Peugeot بيجو | Renault رينو | Chevrolet شفروليه | Versace فيرساتشي | Xiaomi شاومي | Michael مايكل | Cartier كارتييه
    Bosch بوش | Nike نايك نايكي | Apple أبل | Dell ديل | Audi أودي | Kia كيا | Bose بوز | Jeep جيب | Coach كوتش | Oppo أوبو | Chloe كلوي
"""
UNLIKE = """
    set زيت | sock سوق | door دور | deck ديك | tote توت | bit بيت | file فيل | wood عود | dare دار | sofa صافي
    coffee كافي | curry كرسي | curry كوري | bed بيت | book بوق | chair شعر | sara زارا | canon قانون | lily ليل
    mirror مرور | cat قطة | nike ناقة | sony سنة | zara زهرة صورة | puma بومة | lego لغة | ikea إيقاع
    omega أمريكا | alpha ألف علف | huawei هواء هواية | fila فيل | nokia نكهة | audi عادي وادي عود | gucci غوص كوسا
    dior دوار ديار | sale سلة | salad صلاة | belt بلاط | kettle قتال | kitten قطن | suit سوط صوت | seat زيت
    tin طين | tiny طيني | body بدوي بادي | white هوية | honey هني | toy طوي | sorry سوري | bunny بني | easy عيسى
    hero حيرة
"""


def pairs(text: str) -> list[tuple[str, str]]:
    entries = [entry.split() for line in text.strip().splitlines() for entry in line.split("|") if entry.strip()]
    return [(latin, arabic) for latin, *others in entries for arabic in others]


def meet(latin: str, arabic: str) -> bool:
    """Whether either finds the other: by what is kept of it, and then by how it is said."""
    one, two = fold(latin), fold(arabic)
    ways = sound(two) in sounds(one), sound(one) in sounds(two)
    assert is_same_name(one, two) == is_same_name(two, one)
    return all(ways) and is_same_name(one, two)


@pytest.mark.parametrize(("latin", "arabic"), pairs(MEET))
def test_a_name_is_one_in_both_scripts(latin, arabic):
    assert meet(latin, arabic)


@pytest.mark.parametrize(("latin", "arabic"), pairs(UNLIKE))
def test_unlike_words_do_not_meet(latin, arabic):
    assert not meet(latin, arabic)


@pytest.mark.parametrize(("latin", "arabic"), pairs(FOR_SYNONYMS))
def test_these_are_for_synonyms(latin, arabic):
    assert not meet(latin, arabic)


@pytest.mark.parametrize(("one", "other"), [("alpha", "alfa"), ("سامسونج", "سامسونغ")])
def test_names_of_one_script_are_no_matter_of_sound(one, other):
    assert not is_same_name(one, other)
