"""Short films for discover listings: two drawn views of a thing, a slow zoom, a soft change between them."""

import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from PIL import Image

from demo.art.scenes import Subject, draw
from demo.art.surfaces import HEIGHT, WIDTH

FRAME = (540, 960)
FRAMES_A_SECOND = 16
SHOT_SECONDS, CHANGE_SECONDS = 2.2, 0.5
WIDEST = HEIGHT * FRAME[0] / FRAME[1]  # the columns of a picture that an upright film can show
CLOSEST = 0.86  # how much of that the zoom ends at


class FilmError(RuntimeError):
    """ffmpeg is not installed, or failed. `args[0]` is what it said."""


def film(subject: Subject, views: tuple[str, ...]) -> bytes:
    """An MP4 (H.264, no sound, some 4 seconds) of a thing from these views; always the same from the same ffmpeg.

    Raises:
        FilmError.
    """
    pictures = [draw(subject, view) for view in views]
    with tempfile.TemporaryDirectory(prefix="souk-film-") as folder:
        target = Path(folder) / "film.mp4"
        _encode(_frames(pictures), target)
        return target.read_bytes()


def _encode(frames: Iterator[Image.Image], target: Path) -> None:
    command = (
        *("ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{FRAME[0]}x{FRAME[1]}", "-r", str(FRAMES_A_SECOND), "-i", "pipe:0"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "25", "-pix_fmt", "yuv420p", "-threads", "1"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"),
        *("-movflags", "+faststart", "-y", str(target)),
    )
    try:
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    except FileNotFoundError as missing:
        raise FilmError(str(missing)) from missing
    with encoder:
        assert encoder.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            for frame in frames:
                encoder.stdin.write(frame.tobytes())
        except BrokenPipeError:
            pass  # it ended early; its own words tell why
        _, said = encoder.communicate()
    if encoder.returncode:
        raise FilmError(said.decode(errors="replace")[-300:])


def _frames(pictures: list[Image.Image]) -> Iterator[Image.Image]:
    shot, change = int(SHOT_SECONDS * FRAMES_A_SECOND), int(CHANGE_SECONDS * FRAMES_A_SECOND)
    for number, (picture, following) in enumerate(pairwise([*pictures, pictures[-1]])):
        last = number == len(pictures) - 1
        for frame in range(shot):
            here = _zoomed(picture, frame / shot, inward=number % 2 == 0)
            left = shot - frame
            if left <= change and not last:
                there = _zoomed(following, 0, inward=number % 2 == 1)
                here = Image.blend(here, there, 1 - left / (change + 1))
            yield here


def _zoomed(picture: Image.Image, share: float, *, inward: bool) -> Image.Image:
    eased = share * share * (3 - 2 * share)
    scale = 1 - (1 - CLOSEST) * (eased if inward else 1 - eased)
    w, h = WIDEST * scale, HEIGHT * scale
    left, top = (WIDTH - w) / 2, (HEIGHT - h) / 2
    return picture.resize(FRAME, Image.Resampling.BILINEAR, box=(left, top, left + w, top + h))
