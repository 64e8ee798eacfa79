"""Videos: what ffprobe finds in one, its poster, and the one rendition that everything plays.

ffmpeg and ffprobe run confined, may open files only, and read the MP4/QuickTime format only: playlists and references to other
files are not followed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from media.confined import Limits, run
from media.errors import NoPictureInVideo, TooFewPixels, TooLong, TooManyPixels, Unreadable, UnsupportedCodec

PROBING = Limits(memory=2 * 1024**3, cpu_seconds=20, wall_seconds=60, file_bytes=1024**2)
STILL = Limits(memory=3 * 1024**3, cpu_seconds=60, wall_seconds=120, file_bytes=128 * 1024**2)
RENDERING = Limits(memory=3 * 1024**3, cpu_seconds=1200, wall_seconds=780, file_bytes=256 * 1024**2)

VIDEO_CODECS = {"h264", "hevc", "mpeg4", "av1", "vp9", "mjpeg"}
MAX_FRAME_PIXELS = 4096 * 2304
MAX_STREAMS = 10  # phones add tracks for motion, place and spatial sound
SHORT_SIDE = 720
SLACK = 0.5  # seconds over the limit that nobody will hold against a clip
# HDR as phones film it, mapped down: without this it plays washed out.
_FROM_HDR = (
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,tonemap=hable:desat=0,"
    "zscale=transfer=bt709:matrix=bt709:range=tv,"
)
_SAFE_INPUT = ("-protocol_whitelist", "file", "-f", "mov", "-i")


@dataclass(frozen=True)
class Found:
    """What a file holds. Sizes in pixels as shown (turned), duration in seconds."""

    width: int
    height: int
    duration: float
    is_hdr: bool
    sound: int | None  # index of the stream to keep


@dataclass(frozen=True)
class Rendition:
    name: str
    width: int
    height: int
    duration: float


def examine(source: Path, *, folder: Path) -> Found:
    """Look into a video without decoding it.

    Raises:
        Unreadable, NoPictureInVideo, UnsupportedCodec, TooLong, TooManyPixels, TooFewPixels.
    """
    answer = _probe(source, folder=folder)
    streams = answer.get("streams", [])
    pictures = [
        s for s in streams if s.get("codec_type") == "video" and not s.get("disposition", {}).get("attached_pic")
    ]
    if not pictures:
        raise NoPictureInVideo
    if len(streams) > MAX_STREAMS or pictures[0].get("codec_name") not in VIDEO_CODECS:
        raise UnsupportedCodec
    first = pictures[0]
    duration = max(_seconds(answer.get("format", {})), _seconds(first))
    if duration <= 0:
        raise Unreadable
    if duration > settings.MEDIA_LIMITS["video_seconds"] + SLACK:
        raise TooLong
    width, height = int(first.get("width", 0)), int(first.get("height", 0))
    if width * height > MAX_FRAME_PIXELS:
        raise TooManyPixels
    if min(width, height) < 64:
        raise TooFewPixels
    if abs(_rotation(first)) % 180 == 90:
        width, height = height, width
    sound = next(
        (s["index"] for s in streams if s.get("codec_type") == "audio" and s.get("codec_name", "unknown") != "unknown"),
        None,
    )
    is_hdr = first.get("color_transfer") in ("smpte2084", "arib-std-b67")
    return Found(width=width, height=height, duration=duration, is_hdr=is_hdr, sound=sound)


def _probe(source: Path, *, folder: Path) -> dict[str, Any]:
    of_stream = "index,codec_type,codec_name,width,height,duration,color_transfer"
    shown = f"format=duration:stream={of_stream}:stream_disposition:stream_side_data"
    ended = run(
        ["ffprobe", "-v", "error", "-print_format", "json", "-show_entries", shown, *_SAFE_INPUT, f"file:{source}"],
        limits=PROBING,
        folder=folder,
    )
    if ended.status == 127 or "No such file or directory: 'ffprobe'" in ended.errors:
        msg = "ffprobe is not installed"
        raise RuntimeError(msg)
    if ended.status != 0:
        raise Unreadable
    return json.loads(ended.output or b"{}")


def _seconds(part: dict[str, Any]) -> float:
    try:
        return float(part.get("duration", 0))
    except ValueError:
        return 0.0


def _rotation(stream: dict[str, Any]) -> int:
    return next((int(d["rotation"]) for d in stream.get("side_data_list", []) if "rotation" in d), 0)


def draw_poster(source: Path, found: Found, *, folder: Path) -> Path:
    """The frame at one second (earlier in a shorter clip), as PNG. Raises Unreadable."""
    at = 1.0 if found.duration > 1.2 else found.duration / 2
    target = folder / "poster.png"
    ended = run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-threads", "2", "-ss", f"{at:.3f}", *_SAFE_INPUT, f"file:{source}"),
            *("-map", "0:v:0", "-frames:v", "1", "-vf", _filters(found), "-map_metadata", "-1"),
            *("-f", "image2", "-update", "1", "-y", "poster.png"),
        ],
        limits=STILL,
        folder=folder,
    )
    if ended.status != 0 or not target.exists():
        raise Unreadable
    return target


def render(source: Path, found: Found, *, folder: Path, progress: Callable[[float], None]) -> Rendition:
    """Make the MP4 (H.264 and AAC, short side 720 at most, playable from its first bytes), telling the share done.

    Raises:
        Unreadable: it cannot be decoded, or costs more than a clip of three minutes ever should.
        TooLong: its header lied about its length.
    """
    longest = settings.MEDIA_LIMITS["video_seconds"] + 1
    sound = ("-map", f"0:{found.sound}", "-c:a", "aac", "-b:a", "96k", "-ac", "2") if found.sound is not None else ()
    ended = run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-threads", "2", *_SAFE_INPUT, f"file:{source}"),
            *("-map", "0:v:0", *sound, "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
            *("-t", str(longest), "-vf", _filters(found), "-fpsmax", "30"),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-profile:v", "high", "-pix_fmt", "yuv420p"),
            *(
                "-maxrate",
                "2500k",
                "-bufsize",
                "5000k",
                "-threads",
                "2",
                "-fflags",
                "+bitexact",
                "-flags:v",
                "+bitexact",
            ),
            *("-movflags", "+faststart", "-progress", "pipe:1", "-nostats", "-f", "mp4", "-y", "clip.mp4"),
        ],
        limits=RENDERING,
        folder=folder,
        each_line=lambda line: _tell(line, found.duration, progress),
    )
    if ended.status != 0:
        raise Unreadable
    made = _probe(folder / "clip.mp4", folder=folder)
    duration = _seconds(made.get("format", {}))
    if duration > settings.MEDIA_LIMITS["video_seconds"] + SLACK:
        raise TooLong
    stream = next((s for s in made.get("streams", []) if s.get("codec_type") == "video"), None)
    if stream is None:
        raise Unreadable
    return Rendition(name="clip.mp4", width=stream["width"], height=stream["height"], duration=duration)


def _filters(found: Found) -> str:
    """At most 720 lines (columns, where it stands upright), even sides, as H.264 wants them."""
    short = min(SHORT_SIDE, found.width, found.height) // 2 * 2
    scale = f"scale=-2:{short}" if found.width >= found.height else f"scale={short}:-2"
    return f"{scale},{_FROM_HDR if found.is_hdr else ''}setsar=1"


def _tell(line: str, duration: float, progress: Callable[[float], None]) -> None:
    name, _, value = line.partition("=")
    if name == "out_time_us" and value.isdigit():
        progress(min(1.0, int(value) / 1_000_000 / duration))
