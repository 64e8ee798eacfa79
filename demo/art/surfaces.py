"""What pictures are made of: stencils, gradients, shadows, grain,
and the star-and-cross tiling of the region's walls.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from demo.art.outlines import GRID, MARGIN, Line, insides, outline, stroke
from demo.art.palettes import Colour, between

WIDTH, HEIGHT = SIZE = (1200, 1500)
SHARP = 2  # shapes are drawn twice as large and reduced, for smooth edges
SHADE: Colour = (20, 12, 8)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Stencil:
    """A mask with its place on the picture, no larger than it must be."""

    mask: Image.Image
    at: tuple[int, int]

    def lay(self, canvas: Image.Image, colour: Colour, strength: float = 1) -> None:
        canvas.paste(colour, self.at, self.mask if strength == 1 else veil(self.mask, strength))

    def wash(self, canvas: Image.Image, top: Colour, bottom: Colour, *, angle: float = 0) -> None:
        """Lay a gradient over its own extent."""
        canvas.paste(gradient(self.mask.size, top, bottom, angle=angle), self.at, self.mask)

    def edge(self, dx: int, dy: int) -> "Stencil":
        """The part that a copy of itself, moved by (dx, dy), leaves uncovered: a rim of light or shade."""
        return Stencil(ImageChops.subtract(self.mask, ImageChops.offset(_framed(self.mask, dx, dy), dx, dy)), self.at)

    def throw(self, canvas: Image.Image, *, offset: tuple[int, int], blur: float, strength: float) -> None:
        """A soft shadow on what lies behind. Blurred small: much faster, and nobody sees it."""
        pad = int(blur * 2.5) // 4 * 4 + 4
        w, h = self.mask.size
        room = Image.new("L", ((w + 2 * pad) // 4, (h + 2 * pad) // 4))
        room.paste(self.mask.resize((max(1, w // 4), max(1, h // 4)), Image.Resampling.BOX), (pad // 4, pad // 4))
        soft = room.filter(ImageFilter.GaussianBlur(blur / 4))
        soft = soft.resize((room.width * 4, room.height * 4), Image.Resampling.BILINEAR)
        canvas.paste(SHADE, (self.at[0] - pad + offset[0], self.at[1] - pad + offset[1]), veil(soft, strength))


def _framed(mask: Image.Image, dx: int, dy: int) -> Image.Image:
    """Empty at the edges that would wrap around when it is moved."""
    clear = mask.copy()
    draw = ImageDraw.Draw(clear)
    w, h = mask.size
    draw.rectangle((0, 0, -dx - 1, h) if dx < 0 else (w - dx, 0, w, h), fill=0)
    draw.rectangle((0, 0, w, -dy - 1) if dy < 0 else (0, h - dy, w, h), fill=0)
    return clear


def veil(mask: Image.Image, strength: float) -> Image.Image:
    return mask.point([int(value * strength) for value in range(256)])


def shape(*polygons: Sequence[tuple[float, float]]) -> Stencil:
    """The area of polygons, smooth at the edges."""
    corners = [corner for polygon in polygons for corner in polygon]
    left, top = math.floor(min(x for x, _ in corners)), math.floor(min(y for _, y in corners))
    width = math.ceil(max(x for x, _ in corners)) - left + 1
    height = math.ceil(max(y for _, y in corners)) - top + 1
    mask = Image.new("L", (width * SHARP, height * SHARP))
    draw = ImageDraw.Draw(mask)
    for polygon in polygons:
        draw.polygon([((x - left) * SHARP, (y - top) * SHARP) for x, y in polygon], fill=255)
    return Stencil(mask.reduce(SHARP), (left, top))


def disc(cx: float, cy: float, rx: float, ry: float | None = None) -> Stencil:
    steps = [math.tau * i / 160 for i in range(160)]
    return shape([(cx + rx * math.cos(a), cy + (rx if ry is None else ry) * math.sin(a)) for a in steps])


def gradient(size: tuple[int, int], top: Colour, bottom: Colour, *, angle: float = 0) -> Image.Image:
    """From one colour to another; `angle` in degrees turns the top towards the left."""
    ramp = Image.linear_gradient("L")
    if angle:
        ramp = ramp.resize((362, 362)).rotate(angle, Image.Resampling.BICUBIC).crop((53, 53, 309, 309))
    ramp = ramp.resize(size, Image.Resampling.BILINEAR)
    bands = [ramp.point([round(a + (b - a) * v / 255) for v in range(256)]) for a, b in zip(top, bottom, strict=True)]
    return Image.merge("RGB", bands)


def glow(canvas: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: float) -> None:
    """A soft round light."""
    fade = Image.radial_gradient("L").point([max(0, int((255 - value * 1.42) * strength)) for value in range(256)])
    side = int(radius * 2)
    mask = fade.resize((side, side), Image.Resampling.BILINEAR)
    canvas.paste(colour, (int(centre[0] - radius), int(centre[1] - radius)), mask)


def grain(canvas: Image.Image, rng: random.Random) -> Image.Image:
    """A breath of noise: smooth gradients would show bands after compression."""
    tile = Image.frombytes("L", (128, 128), rng.randbytes(128 * 128)).filter(ImageFilter.GaussianBlur(0.6))
    noise = Image.new("L", canvas.size)
    for x in range(0, canvas.width, 128):
        for y in range(0, canvas.height, 128):
            noise.paste(tile, (x, y))
    return Image.blend(canvas, Image.merge("RGB", (noise, noise, noise)), 0.022)


def star_points(cx: float, cy: float, radius: float, turn: float = 0) -> Line:
    """The eight-pointed star of two squares (khatam), closed."""
    inner = radius * math.cos(math.pi / 4) / math.cos(math.pi / 8)
    points = [
        (
            cx + (inner if i % 2 else radius) * math.sin(turn + i * math.pi / 8),
            cy - (inner if i % 2 else radius) * math.cos(turn + i * math.pi / 8),
        )
        for i in range(16)
    ]
    return [*points, points[0]]


@cache
def star_lattice(radius: int, width: float, *, inner: bool = True) -> Image.Image:
    """Stars that touch at their points, with crosses left between them: a mask of the lines, as large as a picture."""
    step = 2 * radius
    tile = Image.new("L", (step * SHARP, step * SHARP))
    stars = [(radius, radius, radius * 1.0)]
    if inner:
        stars.append((radius, radius, radius * 0.5))
        stars.extend((x, y, radius * 0.42) for x in (0, step) for y in (0, step))
    for x, y, r in stars:
        stroke(tile, [(px * SHARP, py * SHARP) for px, py in star_points(x, y, r)], width * SHARP)
    tile = tile.reduce(SHARP)
    mask = Image.new("L", SIZE)
    for x in range((WIDTH // 2 - radius) % step - step, WIDTH, step):
        for y in range((HEIGHT // 2 - radius) % step - step, HEIGHT, step):
            mask.paste(tile, (x, y))
    return mask


class Placed:
    """An icon at its place on a picture: `box` is the side of its 24-unit grid in pixels, `turn` degrees clockwise."""

    def __init__(
        self, name: str, *, centre: tuple[float, float], box: float, turn: float = 0, mirrored: bool = False
    ) -> None:
        self.name, self.centre, self.scale = name, centre, box / GRID
        self.cos, self.sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        self.flip = -1 if mirrored else 1

    def move_to(self, x: float, y: float) -> None:
        """Before anything of it was drawn."""
        self.centre = (x, y)

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """Grid units to pixels."""
        dx, dy = (x - GRID / 2) * self.scale * self.flip, (y - GRID / 2) * self.scale
        return self.centre[0] + dx * self.cos - dy * self.sin, self.centre[1] + dx * self.sin + dy * self.cos

    @property
    def extent(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom pixel of its lines, with a unit to spare."""
        spots = [self.spot(x, y) for line in outline(self.name) for x, y in line]
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        spare = self.scale * 1.2
        return int(min(xs) - spare), int(min(ys) - spare), int(max(xs) + spare), int(max(ys) + spare)

    @property
    def foot(self) -> float:
        """The lowest pixel of its lines."""
        return max(self.spot(x, y)[1] for line in outline(self.name) for x, y in line)

    def lines(self, width: float) -> Stencil:
        """Its strokes; `width` in grid units (Lucide's own is 2)."""
        left, top, right, bottom = self.extent
        mask = Image.new("L", ((right - left) * SHARP, (bottom - top) * SHARP))
        for line in outline(self.name):
            placed = [self.spot(x, y) for x, y in line]
            stroke(mask, [((x - left) * SHARP, (y - top) * SHARP) for x, y in placed], width * self.scale * SHARP)
        return Stencil(mask.reduce(SHARP), (left, top))

    @cached_property
    def rooms(self) -> list[Stencil]:
        """The silhouette and then each room, largest first; their rough edges lie under the strokes."""
        left, top, right, bottom = self.extent
        return [Stencil(self._laid(small, left, top, right, bottom), (left, top)) for small in insides(self.name)]

    def _laid(self, small: Image.Image, left: int, top: int, right: int, bottom: int) -> Image.Image:
        scale = self.scale * (GRID + 2 * MARGIN) / small.width  # pixels of the picture per pixel of the small mask
        middle = small.width / 2
        cx, cy = self.centre[0] - left, self.centre[1] - top
        cos, sin, flip = self.cos / scale, self.sin / scale, self.flip
        # For each pixel of the picture: where it lies in the small mask.
        matrix = (
            *(flip * cos, flip * sin, middle - flip * (cos * cx + sin * cy)),
            *(-sin, cos, middle - (cos * cy - sin * cx)),
        )
        large = small.transform((right - left, bottom - top), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        return large.point(_CRISP)


# The small masks are soft; steep around the half they become smooth edges of a pixel or two.
_CRISP = [max(0, min(255, (value - 128) * 6 + 128)) for value in range(256)]


def paint(
    canvas: Image.Image, thing: Placed, *, fills: list[Colour], ink: Colour, width: float, patches: bool = False
) -> None:
    """Colour an icon like an illustration: each room washed and shaded on its far side, then the lines.

    Rooms of one size are alike (both straps, both wheels) unless it is made of `patches`.
    """
    silhouette, *rooms = thing.rooms
    silhouette.lay(canvas, fills[0])
    depth = max(4, int(thing.scale * 0.9))
    tone, area = -1, 0
    for room in rooms:
        size = sum(room.mask.histogram()[200:])
        if patches or size < area * 0.9 or tone < 0:
            tone, area = tone + 1, size
        fill = fills[tone % len(fills)]
        room.wash(canvas, between(fill, WHITE, 0.14), between(fill, ink, 0.05), angle=20)
        room.edge(-depth, -depth).lay(canvas, ink, 0.16)
        room.edge(depth // 2, depth // 2).lay(canvas, WHITE, 0.22)
    thing.lines(width).lay(canvas, ink)
