"""What people of the demo city look for, the most wanted first."""

SEARCHES = (
    "sofa", "iphone", "سرير", "stroller", "ps5", "كنبة", "bike", "desk", "pokemon", "سجادة", "jordan", "coffee table",
    "عربة أطفال", "lego", "آيفون", "rug", "handbag", "طاولة قهوة", "monitor", "دراجة", "nintendo", "perfume", "عطر", "camera",
)  # fmt: skip
EACH = 4  # searches of one person
