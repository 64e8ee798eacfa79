"""Whole pictures of a thing: on a medallion, in an arched room, close by, and on tiles."""

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from demo.art.outlines import Line
from demo.art.palettes import CREAM, INK, PALETTES, PALM, SAFFRON, SAND, TERRACOTTA, Colour, Palette, between
from demo.art.skyline import skyline
from demo.art.surfaces import (
    HEIGHT,
    SIZE,
    WHITE,
    WIDTH,
    Placed,
    disc,
    glow,
    gradient,
    grain,
    paint,
    shape,
    star_lattice,
    star_points,
    veil,
)

QUALITY = 88
FLOOR = 1130  # where the wall of a room ends
MIDDLE = WIDTH // 2


@dataclass(frozen=True)
class Subject:
    """What to draw: an icon, the palette of its category, how it stands in a room,
    and another palette that tints it.
    """

    icon: str
    palette: str
    stands: str = "plinth"  # floor | plinth
    tint: str = ""
    patches: bool = False  # each room of the icon in its own colour

    @property
    def colours(self) -> Palette:
        return PALETTES[self.palette]

    @property
    def fills(self) -> list[Colour]:
        p = self.colours
        if self.patches:
            return [between(PALM, CREAM, 0.25), between(SAFFRON, CREAM, 0.1), between(TERRACOTTA, CREAM, 0.15), p.mid]
        main = PALETTES[self.tint].mid if self.tint else p.accent
        return [between(main, CREAM, 0.06), CREAM, between(main, CREAM, 0.5), between(p.light, CREAM, 0.35), SAND]

    @property
    def ink(self) -> Colour:
        return between(self.colours.deep, INK, 0.35)


def medallion(subject: Subject, rng: random.Random) -> Image.Image:
    """The sign of the house: category gradient, stars, a disc of light, the line icon."""
    p = subject.colours
    canvas = gradient(SIZE, p.light, between(p.deep, p.mid, 0.25), angle=rng.choice((24, 34, -24, -34)))
    glow(canvas, (rng.choice((200, 1000)), 160), 820, between(p.light, WHITE, 0.4), 0.6)
    canvas.paste(WHITE, (0, 0), veil(star_lattice(100, 2.6), 0.20))
    round_ = disc(MIDDLE, 740, 410)
    round_.throw(canvas, offset=(0, 26), blur=60, strength=0.24)
    round_.wash(canvas, between(p.mid, p.light, 0.62), between(p.mid, p.deep, 0.10), angle=24)
    round_.edge(4, 4).lay(canvas, WHITE, 0.5)
    round_.edge(-4, -4).lay(canvas, p.deep, 0.3)
    thing = Placed(subject.icon, centre=(MIDDLE, 740), box=570)
    silhouette, *rooms = thing.rooms
    silhouette.throw(canvas, offset=(10, 24), blur=36, strength=0.34)
    silhouette.lay(canvas, between(p.mid, p.light, 0.75), 0.85)
    for number, part in enumerate(rooms[1:4]):
        part.lay(canvas, WHITE if number else p.accent, 0.2 if number else 0.92)
    thing.lines(1.0).lay(canvas, WHITE)
    return canvas


def room(subject: Subject, rng: random.Random) -> Image.Image:
    """The thing in a room: a wall, an arch with the city and the sky in it, a floor, a plinth where it is small."""
    p = subject.colours
    canvas = gradient(SIZE, between(p.paper, p.light, 0.30), between(p.paper, p.light, 0.55))
    canvas.paste(p.mid, (0, 0), veil(star_lattice(75, 2.0), 0.11))
    side = rng.choice((-1, 1))
    _window(canvas, p, rng, evening=rng.random() < 0.45)
    floor = gradient((WIDTH, HEIGHT - FLOOR), between(p.mid, p.light, 0.25), between(p.mid, p.deep, 0.35))
    canvas.paste(floor, (0, FLOOR))
    ImageDraw.Draw(canvas).rectangle((0, FLOOR, WIDTH, FLOOR + 10), fill=between(p.mid, p.deep, 0.45))
    _companion(canvas, subject, rng, side=side)
    if subject.stands == "floor":
        _rug(canvas, p)
        box, foot = 740, FLOOR + 190
    else:
        box, foot = 560, _plinth(canvas, p)
    thing = Placed(subject.icon, centre=(MIDDLE, 0), box=box, mirrored=side > 0)
    thing.move_to(MIDDLE, foot - thing.foot - 0.4 * thing.scale)
    left, _, right, _ = thing.extent
    disc(MIDDLE, foot + 4, (right - left) * 0.46, 22).throw(canvas, offset=(0, 4), blur=22, strength=0.6)
    thing.rooms[0].throw(canvas, offset=(36, 12), blur=48, strength=0.26)
    paint(canvas, thing, fills=subject.fills, ink=subject.ink, patches=subject.patches, width=0.78)
    return canvas


def _arch(cx: float, base: float, width: float, height: float) -> Line:
    """A pointed arch: two arcs of a circle around the other side's spring."""
    half = width / 2
    turns = [math.pi / 3 * i / 40 for i in range(41)]
    spring = base - height + 1.25 * half
    lift = 1.25 * half / math.sin(math.pi / 3)
    left = [(cx + half - width * math.cos(a), spring - lift * math.sin(a)) for a in turns]
    return [(cx - half, base), *left, *[(2 * cx - x, y) for x, y in reversed(left)], (cx + half, base)]


def _window(canvas: Image.Image, p: Palette, rng: random.Random, *, evening: bool) -> None:
    frame, opening = shape(_arch(MIDDLE, FLOOR, 880, 1030)), shape(_arch(MIDDLE, FLOOR, 800, 970))
    frame.throw(canvas, offset=(0, 10), blur=34, strength=0.22)
    frame.lay(canvas, between(p.paper, WHITE, 0.6))
    frame.edge(5, 5).lay(canvas, WHITE, 0.8)
    if evening:
        high, low = between(p.deep, p.mid, 0.12), between(p.light, SAFFRON, 0.30)
        far, near = between(p.mid, p.deep, 0.30), between(p.mid, p.deep, 0.80)
    else:
        high, low = between(p.light, p.mid, 0.30), between(p.paper, CREAM, 0.60)
        far, near = between(low, p.mid, 0.38), between(low, p.mid, 0.70)
    view = gradient(SIZE, high, low)
    sun = (MIDDLE + rng.choice((-170, -90, 90, 170)), 500 if evening else 560)
    glow(view, sun, 460, p.light if evening else CREAM, 0.45 if evening else 0.7)
    if evening:
        disc(*sun, 74).edge(38, -22).lay(view, CREAM)
        for _ in range(40):
            disc(rng.randrange(220, 980), rng.randrange(170, 640), rng.choice((1.6, 2.2, 3.0))).lay(view, CREAM, 0.8)
    else:
        disc(*sun, 92).lay(view, between(SAFFRON, CREAM, 0.45))
    skyline(view, rng, far, ground=FLOOR - 120, tall=1.0)
    skyline(view, rng, near, ground=FLOOR - 60, tall=0.6)
    canvas.paste(
        view.crop((*opening.at, opening.at[0] + opening.mask.width, opening.at[1] + opening.mask.height)),
        opening.at,
        opening.mask,
    )
    opening.edge(18, 14).lay(canvas, between(p.mid, p.deep, 0.4), 0.4)


def _companion(canvas: Image.Image, subject: Subject, rng: random.Random, *, side: int) -> None:
    """A plant, a vase or a lamp at the edge, so that the room is lived in."""
    p = subject.colours
    leaf = (96, 148, 104)
    name, box, fills = rng.choice(
        (
            ("plant-pot", 380, [between(leaf, CREAM, 0.1), (205, 116, 78), between(leaf, CREAM, 0.3)]),
            ("flower-pot", 400, [(205, 116, 78), between(SAFFRON, CREAM, 0.2), CREAM]),
            ("amphora", 360, [between(p.paper, WHITE, 0.3), p.light, CREAM]),
            ("lamp-floor", 640, [between(SAFFRON, CREAM, 0.45), CREAM, SAND]),
        )
    )
    thing = Placed(name, centre=(MIDDLE + side * 450, 0), box=box, mirrored=side < 0)
    foot = FLOOR + 44
    thing.move_to(thing.centre[0], foot - thing.foot)
    disc(thing.centre[0], foot + 4, box * 0.2, 12).throw(canvas, offset=(0, 2), blur=16, strength=0.5)
    if name == "lamp-floor":
        glow(canvas, (thing.centre[0], foot - box * 0.72), 300, CREAM, 0.75)
    paint(canvas, thing, fills=fills, ink=subject.ink, width=0.8 * 420 / box)


def _rug(canvas: Image.Image, p: Palette) -> None:
    for rx, ry, tone in (
        (540, 124, between(p.deep, p.mid, 0.3)),
        (510, 112, between(p.paper, CREAM, 0.3)),
        (470, 99, between(p.mid, p.deep, 0.2)),
        (448, 92, between(p.paper, CREAM, 0.3)),
        (440, 89, between(p.mid, p.deep, 0.2)),
    ):
        disc(MIDDLE, FLOOR + 195, rx, ry).lay(canvas, tone)


def _plinth(canvas: Image.Image, p: Palette) -> int:
    """A round stone to stand small things on; returns the height at which they stand."""
    top, half, flat, foot = 1005, 290, 48, FLOOR + 170
    disc(MIDDLE, foot, half + 20, flat).throw(canvas, offset=(16, 12), blur=34, strength=0.5)
    arc = [math.pi * i / 60 for i in range(61)]
    body = shape(
        [
            (MIDDLE - half, top),
            *[(MIDDLE - half * math.cos(a), foot + flat * math.sin(a)) for a in arc],
            (MIDDLE + half, top),
        ]
    )
    body.wash(canvas, between(p.paper, WHITE, 0.35), between(p.mid, p.light, 0.35), angle=90)
    disc(MIDDLE, top, half, flat).lay(canvas, between(p.paper, WHITE, 0.75))
    disc(MIDDLE, top, half - 14, flat - 6).lay(canvas, between(p.paper, p.light, 0.22))
    return top + 12


def close_by(subject: Subject, rng: random.Random) -> Image.Image:
    """So near that it nearly leaves the frame: on warm paper before a large star, turned a little,
    with a long soft shadow.
    """
    p = subject.colours
    canvas = gradient(SIZE, between(p.paper, WHITE, 0.2), between(p.paper, p.light, 0.75), angle=rng.choice((20, -20)))
    star = shape(star_points(MIDDLE, 750, 690, math.pi / 8))
    star.wash(canvas, between(p.light, p.paper, 0.35), between(p.light, p.mid, 0.35), angle=20)
    canvas.paste(p.deep, (0, 0), veil(star_lattice(120, 2.6), 0.08))
    shape(star_points(MIDDLE, 750, 690, math.pi / 8)).edge(5, 5).lay(canvas, WHITE, 0.5)
    thing = Placed(
        subject.icon,
        centre=(MIDDLE + rng.choice((-40, 40)), 755),
        box=1010,
        turn=rng.choice((-14, -9, 9, 14)),
        mirrored=rng.random() < 0.5,
    )
    thing.rooms[0].throw(canvas, offset=(44, 60), blur=80, strength=0.48)
    paint(canvas, thing, fills=subject.fills, ink=subject.ink, patches=subject.patches, width=0.62)
    return canvas


def on_tiles(subject: Subject, rng: random.Random) -> Image.Image:
    """From above: painted star-and-cross tiles with a large star cleared for the thing."""
    p = subject.colours
    canvas = Image.new("RGB", SIZE, between(p.mid, p.deep, 0.4))
    tones = [p.deep, between(p.deep, p.mid, 0.6), p.mid, between(p.mid, p.light, 0.6), p.light, p.accent]
    weights = (4, 4, 5, 4, 3, 1)
    radius, draw = 100, ImageDraw.Draw(canvas)
    for column in range(7):
        for row in range(-1, 8):
            x, y = 2 * column * radius, (2 * row + 1) * radius + 50
            draw.polygon(star_points(x, y, radius - 3), fill=rng.choices(tones, weights)[0])
            draw.polygon(star_points(x, y, radius * 0.52), fill=rng.choices(tones, weights)[0])
    canvas.paste(between(p.paper, CREAM, 0.5), (0, 0), veil(star_lattice(radius, 5.0, inner=False), 0.8))
    glow(canvas, (260, 180), 950, WHITE, 0.25)
    shape(star_points(MIDDLE, 750, 590)).throw(canvas, offset=(0, 22), blur=60, strength=0.55)
    for size, tone in ((590, between(p.paper, WHITE, 0.4)), (560, p.accent), (540, between(p.paper, WHITE, 0.55))):
        shape(star_points(MIDDLE, 750, size)).lay(canvas, tone)
    shape(star_points(MIDDLE, 750, 520)).wash(
        canvas, between(p.paper, WHITE, 0.6), between(p.paper, p.light, 0.5), angle=20
    )
    thing = Placed(subject.icon, centre=(MIDDLE, 750), box=610, turn=rng.choice((0, 0, -7, 7)))
    thing.rooms[0].throw(canvas, offset=(16, 28), blur=40, strength=0.38)
    paint(canvas, thing, fills=subject.fills, ink=subject.ink, patches=subject.patches, width=0.72)
    return canvas


VIEWS: dict[str, Callable[[Subject, random.Random], Image.Image]] = {
    "medallion": medallion,
    "room": room,
    "close": close_by,
    "tiles": on_tiles,
}


def draw(subject: Subject, view: str) -> Image.Image:
    """The picture of a subject from a view: 1200 x 1500, always the same for the same arguments."""
    rng = random.Random(f"{subject}|{view}")  # noqa: S311 - a picture, no secret
    return grain(VIEWS[view](subject, rng), rng)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()
