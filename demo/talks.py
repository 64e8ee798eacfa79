"""What people of the demo city say to each other: short, about the thing, in both languages.

`BUYER` writes first, `SELLER` answers. A line is something said; a `Turn` is an offer, in percent of the asking price.
"""

from dataclasses import dataclass

BUYER, SELLER = "buyer", "seller"


@dataclass(frozen=True)
class Line:
    who: str
    words: str


@dataclass(frozen=True)
class Turn:
    """`what` is make, counter, accept, decline or withdraw; `percent` of the asking price for the first two."""

    who: str
    what: str
    percent: int = 0
    words: str = ""


@dataclass(frozen=True)
class Talk:
    """`hours_ago`: when it began. `is_read`: whether the last to be written to has looked."""

    language: str
    hours_ago: float
    said: tuple[Line | Turn, ...]
    is_read: bool = True


# With the demo's own seller, by neighbours.
WITH_THE_SELLER = (
    Talk(
        "en",
        30,
        (
            Line(BUYER, "Hi! Is this still available?"),
            Line(SELLER, "Yes, it is. You are welcome to have a look."),
            Line(BUYER, "Any scratches I should know of?"),
            Line(SELLER, "One small mark at the back, it is in the third picture."),
            Turn(BUYER, "make", 80, "I could come this evening."),
            Turn(SELLER, "counter", 92, "It is nearly new, so this is my best."),
        ),
    ),
    Talk(
        "ar",
        9,
        (
            Line(BUYER, "السلام عليكم، هل القطعة متوفرة؟"),
            Line(SELLER, "وعليكم السلام، نعم متوفرة."),
            Line(BUYER, "هل يمكن الاستلام من المارينا مول؟"),
            Turn(BUYER, "make", 85, "أستطيع الاستلام اليوم."),
        ),
        is_read=False,
    ),
    Talk(
        "en",
        52,
        (
            Line(BUYER, "Would you take less for it? My budget is small."),
            Turn(BUYER, "make", 50),
            Turn(SELLER, "decline"),
            Line(SELLER, "Sorry, that is too far from what I had in mind."),
        ),
    ),
    Talk(
        "en",
        3,
        (
            Line(BUYER, "Does it come with its box?"),
            Line(SELLER, "It does, with the receipt inside."),
            Line(BUYER, "Lovely, let me think about it until tonight."),
        ),
        is_read=False,
    ),
)
# The demo's own buyer, to sellers around.
OF_THE_BUYER = (
    Talk(
        "ar",
        20,
        (
            Line(BUYER, "مرحبًا، كم عمر القطعة؟"),
            Line(SELLER, "سنة واحدة تقريبًا، واستُعملت قليلًا."),
            Turn(BUYER, "make", 90, "هل يناسبك هذا السعر؟"),
            Turn(SELLER, "accept"),
            Line(SELLER, "تم، بانتظار الدفع ونرتب الموعد."),
        ),
        is_read=False,
    ),
    Talk(
        "en",
        44,
        (
            Line(BUYER, "Hello, could you tell me the exact size?"),
            Line(SELLER, "About 40 by 60 cm. I can measure it again if you like."),
            Line(BUYER, "That is enough, thank you!"),
        ),
    ),
    Talk(
        "ar",
        6,
        (
            Line(BUYER, "هل يوجد ضمان؟"),
            Turn(BUYER, "make", 75),
            Turn(SELLER, "counter", 88, "السعر قابل للتفاوض قليلًا."),
        ),
        is_read=False,
    ),
)
# A newcomer who wants to go elsewhere: the scanner holds it for the demo's moderator.
HELD = Line(BUYER, "Nice! Write to me on 050 123 4567 and I pay by bank transfer, cheaper without fees.")
