"""A city of the Gulf from afar: towers, wind towers, domes with minarets, and one needle."""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from demo.art.palettes import Colour

LEFT, RIGHT, BELOW = 150, 1050, 1500


@dataclass(frozen=True)
class Row:
    """One row of houses: where it is drawn, in which colour, on which ground, how tall (1.0 is the far row)."""

    draw: ImageDraw.ImageDraw
    rng: random.Random
    tone: Colour
    ground: float
    tall: float

    def box(self, left: float, top: float, right: float) -> None:
        """A wall down to below everything."""
        self.draw.rectangle((left, top, right, BELOW), fill=self.tone)

    def height(self) -> float:
        return self.rng.randrange(120, 300) * self.tall


def skyline(view: Image.Image, rng: random.Random, tone: Colour, *, ground: float, tall: float) -> None:
    """One row of houses standing on `ground`; the far row has the needle."""
    row = Row(ImageDraw.Draw(view), rng, tone, ground, tall)
    x = float(LEFT)
    while x < RIGHT:
        width = rng.randrange(48, 92)
        house = rng.choice((_tower, _tower, _stepped, _wind_tower, _dome, _low))
        x += house(row, x, width) + rng.randrange(-6, 20)
    if tall >= 1:
        _needle(row, rng.choice((300, 380, 820, 900)))
    row.box(0, ground, RIGHT + LEFT)


def _tower(row: Row, x: float, w: float) -> float:
    top, slope = row.ground - row.height(), row.rng.choice((-26, -14, 0, 14, 26))
    row.draw.polygon(((x, BELOW), (x, top + slope), (x + w, top - slope), (x + w, BELOW)), fill=row.tone)
    return w


def _stepped(row: Row, x: float, w: float) -> float:
    top = row.ground - row.height()
    row.box(x, top + 70 * row.tall, x + w)
    row.box(x + w * 0.2, top + 20 * row.tall, x + w * 0.8)
    row.box(x + w * 0.46, top - 40 * row.tall, x + w * 0.54)
    return w


def _wind_tower(row: Row, x: float, w: float) -> float:
    top = row.ground - 130 * row.tall
    row.box(x, top, x + w)
    for tooth in range(4):
        left = x + tooth * w / 4
        row.box(left + 2, top - 22, left + w / 4 - 5)
    return w


def _dome(row: Row, x: float, w: float) -> float:
    base, top, minaret = row.ground - 80 * row.tall, row.ground - 215 * row.tall, x + w + 12
    row.box(x, base, x + w)
    row.draw.pieslice((x, base - w * 0.55, x + w, base + w * 0.55), 180, 360, fill=row.tone)
    row.box(x + w / 2 - 2, base - w * 0.55 - 22, x + w / 2 + 2)
    row.box(minaret - 7, top, minaret + 7)
    row.draw.rectangle((minaret - 11, top + 28, minaret + 11, top + 36), fill=row.tone)
    row.draw.polygon(((minaret - 9, top), (minaret + 9, top), (minaret, top - 38)), fill=row.tone)
    return w + 24


def _low(row: Row, x: float, w: float) -> float:
    row.box(x, row.ground - 64 * row.tall, x + w)
    return w


def _needle(row: Row, x: float) -> None:
    for height, half in ((500, 2), (430, 6), (340, 13), (230, 21), (110, 31)):
        row.box(x - half, row.ground - height, x + half)
