"""Line icons as points: a small reader of SVG shapes, and masks of their strokes and their insides.

The icons are drawn on a 24 x 24 grid (`icons.json`: Lucide and Lucide Lab, ISC licence, and a few of our own).
Straight and curved pieces become polylines, so an icon can be turned, mirrored and scaled before it is stroked, and
stays sharp at every size.
"""

import itertools
import json
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Point = tuple[float, float]
Line = list[Point]

GRID = 24
_TOKEN = re.compile(r"([a-zA-Z])|(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


@cache
def _icons() -> dict[str, list[tuple[str, dict[str, str]]]]:
    return json.loads((Path(__file__).parent / "icons.json").read_text(encoding="utf-8"))


def icon_names() -> list[str]:
    return sorted(_icons())


@cache
def outline(name: str) -> tuple[tuple[Point, ...], ...]:
    """The polylines of an icon, in grid units."""
    lines: list[Line] = []
    for tag, attributes in _icons()[name]:
        lines.extend(_shape(tag, attributes))
    return tuple(tuple(line) for line in lines if line)


def _shape(tag: str, at: dict[str, str]) -> list[Line]:
    number = {key: float(value) for key, value in at.items() if key in _NUMBERS}
    if tag == "path":
        return _path(at["d"])
    if tag in ("circle", "ellipse"):
        rx, ry = number.get("rx", number.get("r", 0)), number.get("ry", number.get("r", 0))
        return [_round(number["cx"], number["cy"], rx, ry)]
    if tag == "rect":
        return [_box(number)]
    if tag == "line":
        return [[(number["x1"], number["y1"]), (number["x2"], number["y2"])]]
    values = [float(v) for v in re.findall(r"-?[\d.]+", at["points"])]
    line = list(zip(values[::2], values[1::2], strict=True))
    return [[*line, line[0]] if tag == "polygon" else line]


_NUMBERS = frozenset({"cx", "cy", "r", "rx", "ry", "x", "y", "width", "height", "x1", "x2", "y1", "y2"})


def _round(cx: float, cy: float, rx: float, ry: float, *, start: float = 0, turn: float = math.tau) -> Line:
    steps = max(3, int(abs(turn) / math.tau * 48))
    angles = [start + turn * i / steps for i in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def _box(at: dict[str, float]) -> Line:
    x, y, w, h = at.get("x", 0), at.get("y", 0), at["width"], at["height"]
    r = min(at.get("rx", at.get("ry", 0)), w / 2, h / 2)
    quarter = math.pi / 2
    corners = (
        (x + w - r, y + r, -quarter),
        (x + w - r, y + h - r, 0),
        (x + r, y + h - r, quarter),
        (x + r, y + r, math.pi),
    )
    line = [
        p for cx, cy, start in corners for p in (_round(cx, cy, r, r, start=start, turn=quarter) if r else [(cx, cy)])
    ]
    return [*line, line[0]]


def _path(d: str) -> list[Line]:
    """Polylines of an SVG path: all commands of SVG 1.1, absolute and relative."""
    lines: list[Line] = []
    here = start = handle = (0.0, 0.0)
    before = ""
    for letter, values in _commands(d):
        command, relative = letter.upper(), letter.islower()
        ox, oy = here if relative else (0.0, 0.0)
        if command == "M":
            here = start = (ox + values[0], oy + values[1])
            lines.append([here])
        elif command == "Z":
            lines[-1].append(start)
            here = start
        elif command == "A":
            end = (ox + values[5], oy + values[6])
            lines[-1].extend(_arc(here, end, values[:5]))
            here = end
        else:
            if before == "Z":
                lines.append([here])
            points, handle = _controls(
                command, values, here, handle if before in _SAME_FAMILY[command] else here, (ox, oy)
            )
            lines[-1].extend(_bezier([here, *points]))
            here = points[-1]
        before = command
    return lines


_SAME_FAMILY = {"L": "", "H": "", "V": "", "C": "", "S": "CS", "Q": "", "T": "QT"}


def _commands(d: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; repeated numbers repeat the command (a repeated M draws lines)."""
    tokens: list[str | float] = [letter or float(number) for letter, number in _TOKEN.findall(_spread_flags(d))]
    i = 0
    letter = "M"
    while i < len(tokens):
        if isinstance(tokens[i], str):
            letter = str(tokens[i])
            i += 1
        many = _ARGUMENTS[letter.upper()]
        yield letter, [float(v) for v in tokens[i : i + many]]
        i += many
        letter = {"M": "L", "m": "l"}.get(letter, letter)


def _spread_flags(d: str) -> str:
    """Arc flags may be written without a space between them (`a2 2 0 012 2`); put the spaces in."""

    def spread(arc: re.Match[str]) -> str:
        number = r"\s*,?\s*(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)"
        one = re.compile(number * 3 + r"\s*,?\s*([01])\s*,?\s*([01])" + number * 2)
        return arc.group(1) + " ".join(" ".join(found) for found in one.findall(arc.group(2)))

    return re.sub(r"([aA])([^a-zA-Z]*)", spread, d)


def _controls(
    command: str, values: list[float], here: Point, handle: Point, origin: Point
) -> tuple[list[Point], Point]:
    """The control points after `here` and the handle that a following smooth piece reflects."""
    ox, oy = origin
    if command == "H":
        return [(ox + values[0], here[1])], here
    if command == "V":
        return [(here[0], oy + values[0])], here
    points = [(ox + x, oy + y) for x, y in zip(values[::2], values[1::2], strict=True)]
    if command in ("S", "T"):
        points = [(2 * here[0] - handle[0], 2 * here[1] - handle[1]), *points]
    return points, points[-2] if len(points) > 1 else here


def _bezier(control: list[Point]) -> Line:
    if len(control) == 2:
        return control[1:]
    return [_casteljau(control, step / 16) for step in range(1, 17)]


def _casteljau(control: list[Point], t: float) -> Point:
    while len(control) > 1:
        control = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in itertools.pairwise(control)]
    return control[0]


def _arc(a: Point, b: Point, shape: list[float]) -> Line:
    """An elliptic arc by its end points (SVG 1.1, appendix F.6.5)."""
    rx, ry, tilt, large, sweep = shape
    if not rx or not ry or a == b:
        return [b]
    rx, ry, phi = abs(rx), abs(ry), math.radians(tilt)
    cos, sin = math.cos(phi), math.sin(phi)
    dx, dy = (a[0] - b[0]) / 2, (a[1] - b[1]) / 2
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    grow = math.sqrt(max(1.0, (x / rx) ** 2 + (y / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    under = rx**2 * ry**2 - rx**2 * y**2 - ry**2 * x**2
    factor = math.sqrt(max(0.0, under) / (rx**2 * y**2 + ry**2 * x**2)) * (-1 if bool(large) == bool(sweep) else 1)
    cx, cy = factor * rx * y / ry, -factor * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    turn = (math.atan2((-y - cy) / ry, (-x - cx) / rx) - first) % math.tau
    turn = turn if sweep else turn - math.tau
    middle = (cos * cx - sin * cy + (a[0] + b[0]) / 2, sin * cx + cos * cy + (a[1] + b[1]) / 2)
    flat = _round(0, 0, rx, ry, start=first, turn=turn)
    return [*[(middle[0] + cos * px - sin * py, middle[1] + sin * px + cos * py) for px, py in flat][1:-1], b]


# --- masks ----------------------------------------------------------------------------------------------------------


def stroke(mask: Image.Image, line: Line, width: float) -> None:
    """Draw a polyline with round joins and ends into a mask."""
    draw = ImageDraw.Draw(mask)
    half = width / 2
    for a, b in itertools.pairwise(line):
        length = math.hypot(b[0] - a[0], b[1] - a[1])
        if length:
            nx, ny = (a[1] - b[1]) / length * half, (b[0] - a[0]) / length * half
            draw.polygon(
                [(a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny), (b[0] - nx, b[1] - ny), (a[0] - nx, a[1] - ny)],
                fill=255,
            )
    for x, y in line:
        draw.ellipse((x - half, y - half, x + half, y + half), fill=255)


LOW = 7  # pixels per grid unit of the small masks in which insides are found
MARGIN = 2  # grid units around the icon there


@cache
def insides(name: str) -> tuple[Image.Image, ...]:
    """What an icon's lines enclose, as small masks: first the whole silhouette, then each room in it, largest first.

    Gaps between lines up to about a grid unit and a half count as closed, as the eye does.
    """
    size = (GRID + 2 * MARGIN) * LOW
    walls, thick = Image.new("L", (size, size)), Image.new("L", (size, size))
    for line in outline(name):
        placed = [((x + MARGIN) * LOW, (y + MARGIN) * LOW) for x, y in line]
        stroke(walls, placed, 0.6 * LOW)
        stroke(thick, placed, 2.0 * LOW)
    outside = next(room for room, corner in _rooms(ImageChops.invert(thick)) if corner == (0, 0))
    silhouette = ImageChops.invert(outside).filter(ImageFilter.MinFilter(2 * LOW + 1))
    free = ImageChops.multiply(silhouette, walls.point([255 if value < 100 else 0 for value in range(256)]))
    widened = ImageFilter.MaxFilter(2 * int(0.35 * LOW) + 1)
    found = sorted(((room.histogram()[255], room) for room, _ in _rooms(free)), key=lambda pair: -pair[0])
    soft = ImageFilter.GaussianBlur(0.22 * LOW)
    rooms = [room.filter(widened).filter(soft) for area, room in found if area > 0.6 * LOW * LOW]
    return (silhouette.filter(soft), *rooms)


def _rooms(mask: Image.Image) -> list[tuple[Image.Image, tuple[int, int]]]:
    """The connected areas of a mask (where it is more than half lit), each as a mask with its first corner, from above."""
    width, height = mask.size
    lit = mask.point([255 if value > 127 else 0 for value in range(256)]).tobytes()
    runs: list[tuple[int, int, int]] = []  # row, first column, end column
    root: list[int] = []  # of each run: another run of its room, itself for the first

    def top(run: int) -> int:
        while root[run] != run:
            run = root[run]
        return run

    above: list[int] = []
    for row in range(height):
        here = []
        for found in re.finditer(b"\xff+", lit[row * width : (row + 1) * width]):
            number, start, end = len(runs), found.start(), found.end()
            runs.append((row, start, end))
            root.append(number)
            here.append(number)
            for other in above:
                if runs[other][1] < end and start < runs[other][2]:
                    one, two = sorted((top(other), top(number)))
                    root[two] = one
        above = here
    rooms: dict[int, bytearray] = {}
    for number, (row, start, end) in enumerate(runs):
        room = rooms.setdefault(top(number), bytearray(width * height))
        room[row * width + start : row * width + end] = b"\xff" * (end - start)
    return [
        (Image.frombytes("L", mask.size, bytes(room)), (runs[number][1], runs[number][0]))
        for number, room in rooms.items()
    ]
