"""Sentences of the demo city, in English and Arabic: how people describe what they sell, and how rules are broken."""

import random
from dataclasses import dataclass

TITLE_PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "new": ("new in box", "sealed", "never opened"),
        "like_new": ("barely used", "like new", "used twice"),
        "excellent": ("excellent condition", "one owner", "well kept"),
        "very_good": ("very good condition", "moving sale"),
        "good": ("good condition", "moving sale", "quick sale"),
        "fair": ("with signs of use", "needs some love", "priced to go"),
    },
    "ar": {
        "new": ("جديد بالعلبة", "مغلق", "لم يُفتح"),
        "like_new": ("شبه جديد", "استعمال خفيف", "استُعمل مرتين"),
        "excellent": ("حالة ممتازة", "مالك واحد"),
        "very_good": ("حالة جيدة جدًا", "بيع بسبب الانتقال"),
        "good": ("حالة جيدة", "بيع سريع"),
        "fair": ("عليه آثار استعمال", "سعر مناسب"),
    },
}

# What is collected or read is not "used".
COLLECTED = frozenset({"trading_cards", "sports_cards", "collectibles", "books"})
COLLECTOR_PHRASES = {
    "en": ("from my own collection", "well kept", "stored flat", "smoke-free home"),
    "ar": ("من مجموعتي الخاصة", "محفوظ جيدًا", "من بيت بلا تدخين"),
}
_STATE_OF_COLLECTED = {
    "en": {
        "new": "Sealed, never opened.",
        "like_new": "As on the day it was made.",
        "excellent": "Corners and edges are sharp.",
        "very_good": "Light wear that you only see up close.",
        "good": "Some wear, honest pictures.",
        "fair": "Much loved, see the pictures.",
    },
    "ar": {
        "new": "مغلق ولم يُفتح.",
        "like_new": "كما كان يوم صُنع.",
        "excellent": "الحواف والزوايا سليمة.",
        "very_good": "آثار خفيفة لا تُرى إلا عن قرب.",
        "good": "آثار بسيطة، والصور صادقة.",
        "fair": "قديم ومحبوب، انظروا الصور.",
    },
}


def title_phrases(*, language: str, condition: str, category: str) -> tuple[str, ...]:
    """What people add to the name of a thing."""
    return COLLECTOR_PHRASES[language] if category in COLLECTED else TITLE_PHRASES[language][condition]


_WHY = {
    "en": (
        "Bought a newer one, so this one needs a new home.",
        "It was a gift and we have two.",
        "Leaving the country soon, so it has to go.",
        "Making space at home.",
        "I hardly use it any more.",
    ),
    "ar": (
        "اشتريت واحدًا أحدث وهذا يحتاج إلى بيت جديد.",
        "كان هدية ولدينا مثله.",
        "سنغادر البلاد قريبًا.",
        "أفرغ بعض المساحة في البيت.",
        "لم أعد أستخدمه كثيرًا.",
    ),
}
_WHY_HERE = {
    "furniture": {
        "en": ("We are moving to a smaller place at the end of the month.", "It does not fit the new living room."),
        "ar": ("سننتقل إلى بيت أصغر نهاية الشهر.", "لا يناسب غرفة الجلوس الجديدة."),
    },
    "kids_baby": {
        "en": ("Our daughter has outgrown it.", "The little one is not so little any more."),
        "ar": ("كبرت ابنتنا عليه.", "لم يعد الصغير صغيرًا."),
    },
}
_STATE = {
    "en": {
        "new": "Brand new, never used.",
        "like_new": "Looks and works like on the first day.",
        "excellent": "No scratches that I can find.",
        "very_good": "A few small marks that you only see up close.",
        "good": "Normal signs of use, everything works as it should.",
        "fair": "It has been used a lot and shows it, see the pictures.",
    },
    "ar": {
        "new": "جديد تمامًا ولم يُستعمل.",
        "like_new": "يبدو ويعمل كأول يوم.",
        "excellent": "لا خدوش فيه على حد علمي.",
        "very_good": "علامات صغيرة لا تُرى إلا عن قرب.",
        "good": "آثار استعمال عادية وكل شيء يعمل.",
        "fair": "استُعمل كثيرًا ويظهر عليه ذلك، انظروا الصور.",
    },
}
_DETAIL = {
    "electronics": {
        "en": ("Box and cable included.", "Reset and ready for the next owner.", "You can test it before you pay."),
        "ar": ("مع العلبة والسلك.", "تمت إعادة ضبطه وهو جاهز.", "يمكن تجربته قبل الدفع."),
    },
    "furniture": {
        "en": (
            "From a smoke-free home.",
            "Two people can carry it; there is a lift.",
            "Measurements are in the details.",
        ),
        "ar": ("من بيت بلا تدخين.", "يحمله شخصان ويوجد مصعد.", "القياسات في التفاصيل."),
    },
    "kids_baby": {
        "en": ("Washed and from a pet-free home.", "All parts are there.", "Easy to clean."),
        "ar": ("مغسول ومن بيت بلا حيوانات.", "كل القطع موجودة.", "سهل التنظيف."),
    },
    "luxury": {
        "en": (
            "Bought in the boutique at Dubai Mall.",
            "Happy to have it checked by an expert.",
            "More pictures on request.",
        ),
        "ar": ("من البوتيك في دبي مول.", "لا مانع من فحصه لدى خبير.", "صور إضافية عند الطلب."),
    },
    "": {
        "en": ("Ask if you want to know more.", "Price is a little negotiable.", "First come, first served."),
        "ar": ("اسألوا إن أردتم المزيد.", "السعر قابل للتفاوض قليلًا.", "الأولوية لمن يأتي أولًا."),
    },
}
_HAND_OVER = {
    "en": (
        "Pick-up in the evening or on the weekend.",
        "We can meet in the lobby.",
        "Meeting at the metro is fine.",
        "Pick-up only, please.",
        "Can be delivered nearby.",
    ),
    "ar": (
        "الاستلام مساءً أو في نهاية الأسبوع.",
        "يمكن أن نلتقي في البهو.",
        "اللقاء عند المترو مناسب.",
        "استلام شخصي فقط.",
        "يمكن التوصيل بالقرب.",
    ),
}
_LUXURY = frozenset({"watches", "bags", "jewelry", "clothing", "shoes", "accessories"})


def description(rng: random.Random, *, language: str, condition: str, category: str) -> str:
    """Two to four sentences."""
    shelf = "luxury" if category in _LUXURY else category
    details = _DETAIL.get(shelf, _DETAIL[""])[language]
    states = _STATE_OF_COLLECTED if category in COLLECTED else _STATE
    parts = [states[language][condition], rng.choice(details), rng.choice(_HAND_OVER[language])]
    if rng.random() < 0.7:
        parts.insert(0, rng.choice(_WHY[language] + _WHY_HERE.get(shelf, {}).get(language, ()) * 2))
    return " ".join(parts)


@dataclass(frozen=True)
class Trouble:
    """A listing that breaks a rule: its words, the reason and words with which neighbours report it,
    the policy it breaks.
    """

    title: str
    description: str
    reason: str
    policy: str
    told: tuple[str, ...]
    price: int = 0


TROUBLE = {
    "off_platform": Trouble(
        "{thing}, urgent sale",
        "Barely used, cash only. Send me WhatsApp on ٠٥٠-١٢٣-٤٥٦٧ and pay by transfer first, I will ship it tomorrow.",
        "scam",
        "off-platform-payment",
        (
            "Asked me to pay outside the app.",
            "Wants a bank transfer before showing it.",
            "Same text in three other listings.",
        ),
    ),
    "counterfeit": Trouble(
        "{thing}, master copy 1:1",
        "Best AAA quality, same as original with box and card. Nobody will see the difference.",
        "fake_product",
        "counterfeits",
        ("It says master copy, so it is fake.", "Sells copies of brands."),
    ),
    "prohibited": Trouble(
        "Vape liquids, 20 bottles, many flavours",
        "Imported, all flavours, also strong ones. Discreet hand-over.",
        "prohibited_item",
        "prohibited-goods",
        ("This is not allowed here.", "Nicotine liquids without a licence."),
        220,
    ),
    "spam": Trouble(
        "EARN 5000 AED A WEEK FROM HOME!!!",
        "Ask me how. Limited places. Join the group today and bring two friends!!!",
        "spam",
        "repeated-listings",
        ("Not a product at all.", "Pyramid scheme."),
        10,
    ),
    "misleading": Trouble(
        "{thing}, only the empty box",
        "Looks like the real thing in the pictures, what you get is the box.",
        "fraud",
        "misleading-listing",
        ("The pictures show more than you get.",),
    ),
    "offensive": Trouble(
        "{thing}, not for everyone",
        "Do not write to me if you come from the other side of town, I know what you people are like.",
        "offensive_content",
        "harassment",
        ("Insults people by where they live.",),
    ),
}
