"""Colours of the drawn pictures: one family per category,
so that a feed of mixed things is calm and a category is recognised.
"""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """`light`, `mid` and `deep` are one hue from morning to night; `accent` stands against them;
    `paper` is the hue as a whisper.
    """

    light: Colour
    mid: Colour
    deep: Colour
    accent: Colour
    paper: Colour


def colour(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def between(a: Colour, b: Colour, share: float) -> Colour:
    """The colour `share` of the way from a to b."""
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def _palette(light: str, mid: str, deep: str, accent: str, paper: str) -> Palette:
    return Palette(colour(light), colour(mid), colour(deep), colour(accent), colour(paper))


CREAM = colour("FFF6E6")
INK = colour("1B2320")
SAFFRON = colour("E9A21B")
PALM = colour("0E6B57")
TERRACOTTA = colour("C8643C")
SAND = colour("E8CFA4")

PALETTES = {
    "trading_cards": _palette("A88BEA", "6B4CC2", "2B1A66", "F2B63F", "F0EAFB"),
    "mens_fashion": _palette("7FA3B8", "3F6780", "18303F", "E08A52", "E8F0F3"),
    "sneakers": _palette("F5A27A", "D9603F", "6E1F24", "38B29B", "FCEBE2"),
    "sports_cards": _palette("7CCB95", "2F8F66", "0F4635", "F2B63F", "E6F5EA"),
    "collectibles": _palette("CC86A6", "8E4269", "3B1432", "E9B44C", "F8EAF0"),
    "electronics": _palette("6FA3E8", "3767B8", "14285E", "F2A65A", "E7EFFB"),
    "home_decor": _palette("B8C79A", "71905C", "2C482F", "D9774B", "F0F4E6"),
    "beauty": _palette("E7A3C8", "B4578F", "56204F", "F0B95B", "FBEAF4"),
    "kids_baby": _palette("F2A5B9", "C75C7F", "6B1F42", "5CBFB0", "FDECF0"),
    "furniture": _palette("DDA05C", "A9672F", "562C10", "3F8F7B", "FAEEDD"),
    "books": _palette("7FBFB4", "3A8079", "123F42", "E58B5B", "E6F3F0"),
    "other": _palette("66C3D6", "2C8AA0", "0D4452", "F2B63F", "E4F4F7"),
    "watches": _palette("7C9C8A", "2F5A49", "0C1F19", "D9B25F", "EAF0EB"),
    "bags": _palette("E0BC8C", "A87445", "51301A", "7C2E3B", "F8EFE2"),
    "jewelry": _palette("7D8AD6", "3A449A", "12173F", "E7C873", "EAECF9"),
    "clothing": _palette("D9C6AE", "9A7F66", "453427", "B4524A", "F6F0E8"),
    "shoes": _palette("D4877B", "96352F", "3D0E12", "E3B66B", "F9EAE7"),
    "pearl": _palette("FFFDF7", "F6EFE0", "6B6455", "E9A21B", "FBF8F2"),  # white things, whatever their category
    "accessories": _palette("74C2A9", "2B7E69", "0A322D", "E7B454", "E6F4EF"),
}
