"""Real files for tests, made on the spot."""

import io
import struct
import subprocess
import zlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pillow_heif
from PIL import ExifTags, Image, ImageDraw

pillow_heif.register_heif_opener()

SECRET_PLACE = (25.0763, 55.1398)  # degrees; nobody may learn it from a picture


def drawn(width: int = 900, height: int = 700, *, mode: str = "RGB") -> Image.Image:
    picture = Image.new(mode, (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for n in range(12):
        draw.ellipse((n * 60, n * 40, n * 60 + 200, n * 40 + 160), fill=(20 * n % 255, 200 - 10 * n, 90))
    return picture


def as_bytes(picture: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format=form, **how)
    return out.getvalue()


def jpeg(width: int = 900, height: int = 700, **how: object) -> bytes:
    return as_bytes(drawn(width, height), "JPEG", quality=85, **how)


def telltale_exif(*, orientation: int = 1) -> Image.Exif:
    """Place, camera and a turn, as a phone writes them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "TelltaleCam"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (25.0, 4.0, 34.68),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (55.0, 8.0, 23.28),
        }
    )
    return exif


def jpeg_with_place(*, orientation: int = 1) -> bytes:
    return jpeg(exif=telltale_exif(orientation=orientation), comment=b"telltale comment")


def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """900 megapixels in about 110 kB: a valid header and honest, very compressible rows."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(9)
    row = b"\0" * (1 + width // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@lru_cache(maxsize=8)
def clip(
    *, seconds: float = 2, size: str = "640x360", form: str = "mp4", sound: bool = True, vcodec: str = "libx264"
) -> bytes:
    """A small moving test picture with a tone."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"clip.{form}"
        tone = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac") if sound else ()
        subprocess.run(  # noqa: S603
            [
                *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=10:duration={seconds}"),
                *tone,
                *("-c:v", vcodec, *(("-preset", "ultrafast") if vcodec == "libx264" else ()), "-pix_fmt", "yuv420p"),
                *("-metadata", "title=telltale title", "-metadata", "location=+25.0763+055.1398/", str(target)),
            ],
            check=True,
        )
        return target.read_bytes()
