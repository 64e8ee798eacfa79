"""What people of the demo city say when something is wrong with what they bought, in both languages."""

from dataclasses import dataclass

PART, REFUSAL = "offers", "refuses"  # what the seller answers
WAITS, REVIEWED, DECIDED, APPEALED, DONE = "waits", "reviewed", "decided", "appealed", "done"  # how far it got


@dataclass(frozen=True)
class Quarrel:
    """`days_ago` is when the thing was bought; it is brought a day later. `percent`: of the price, offered or decided on."""

    days_ago: float
    reason: str
    claim: str
    answer: str = ""  # of the seller, in words; "" where they have not answered
    stance: str = REFUSAL
    more: str = ""  # what the buyer adds
    ends: str = WAITS
    outcome: str = ""
    percent: int = 0
    words: str = ""  # of the decision
    appeal: str = ""


OF_THE_BUYER = (  # between the demo's buyer and the demo's seller
    Quarrel(
        5.2,
        "not_as_described",
        "في الصورة يبدو سليمًا، لكن في الجانب خدش طويل لم يُذكر في الإعلان. أرفقت صورة.",
        "I am sorry, I had not seen that mark. It works as it should; I can give a part of the money back.",
        PART,
        more="الخدش أكبر مما يظهر في الصورة، وأفكر في عرضك.",
        percent=25,
    ),
    Quarrel(
        33,
        "damaged",
        "وصل الطرد مفتوحًا والقطعة مكسورة من الزاوية.",
        "It left here whole, I packed it myself in two boxes.",
        ends=DONE,
        outcome="full",
        words="The pictures show a parcel that was opened on the way. The buyer gets all of it back; the carrier is liable.",
    ),
)
OF_OTHERS = (  # between neighbours and the demo's seller
    Quarrel(
        4.1,
        "not_as_described",
        "The listing says it comes with its charger and its box. There was neither, and the seller says I should buy one.",
        "The listing says “with box” and the box was there. A charger was never in the pictures.",
        more="Here is what came, I photographed it as I unpacked it.",
        ends=REVIEWED,
    ),
    Quarrel(
        9.3,
        "wrong_item",
        "I ordered the large one and the small one came.",
        "We both looked at it in the lobby before you left.",
        ends=DECIDED,
        outcome="partial",
        percent=40,
        words="What was handed over is the size below the one in the title. It is kept, and 40 percent go back.",
    ),
    Quarrel(
        8.8,
        "not_authentic",
        "The stitching is uneven and the number inside is not one of the maker's.",
        "I bought it in Dubai Mall and still have the receipt, it is in the pictures.",
        ends=APPEALED,
        outcome="none",
        words="The receipt and the number agree. The money goes to the seller.",
        appeal="The receipt is of another shop and another year. Please look at the third picture again.",
    ),
)
