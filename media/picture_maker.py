"""Turns one picture into the sizes that people see. Runs alone, confined, without Django: it reads strangers' bytes.

Reads a JSON order on its input, writes files into the current folder and a JSON answer on its output: `{"fault": code}` where
the file itself is wrong. All is drawn anew from pixels: nothing else that the file carried (place, camera, hidden content) survives.
"""

import base64
import io
import json
import sys
from typing import Any

from PIL import Image, ImageCms, ImageOps

Image.MAX_IMAGE_PIXELS = None  # our own cap is checked on the header, before anything is decoded

MIN_SIDE, MAX_SIDE = 64, 16_000  # pixels; WebP ends at 16,383
PLACEHOLDER_SIDE, PLACEHOLDER_BYTES = 24, 500  # 500 bytes are 667 as base64
ENDINGS = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
# AVIF: the speed comes with the order (MEDIA_AVIF_SPEED says what it costs).
SAVING: dict[str, dict[str, Any]] = {
    "avif": {"format": "AVIF", "quality": 60, "max_threads": 1, "subsampling": "4:2:0"},
    "webp": {"format": "WEBP", "quality": 77, "method": 4},
    "jpeg": {"format": "JPEG", "quality": 80, "progressive": True, "optimize": True},
}
TOO_MANY, TOO_FEW, UNREADABLE = "media.too_many_pixels", "media.too_few_pixels", "media.unreadable"


class Fault(Exception):  # noqa: N818 - the picture's, told by its code
    pass


def make(order: dict[str, Any]) -> dict[str, Any]:
    if order["format"] == "HEIF":
        import pillow_heif  # noqa: PLC0415 - a large library that few pictures need

        pillow_heif.register_heif_opener(thumbnails=False)
    picture = _open(order["source"], order["format"], order["max_pixels"])
    picture = _upright(_shrunk(picture, max(order["widths"])))
    picture = _plain(picture)
    if order["square"]:
        side = min(picture.size)
        picture = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    saving = SAVING | {"avif": SAVING["avif"] | {"speed": order["avif_speed"]}}
    files = []
    current = picture
    for width in _widths(picture.width, order["widths"]):  # from the widest down, each from the last: halving is cheap
        height = max(1, round(picture.height * width / picture.width))
        if current.size != (width, height):
            current = current.resize((width, height), Image.Resampling.LANCZOS)
        files += [_saved(current, form, saving[form]) for form in order["formats"]]
    return {
        "width": picture.width,
        "height": picture.height,
        "files": sorted(files, key=lambda f: (f["width"], f["format"])),
        "placeholder": _placeholder(current),
        "perceptual_hash": _difference_hash(current),
    }


def _open(source: str, form: str, max_pixels: int) -> Image.Image:
    """Read the header and check it; nothing is decoded yet."""
    picture = Image.open(source, formats=(form,))
    width, height = picture.size
    if width * height > max_pixels or max(width, height) > MAX_SIDE * 2:
        raise Fault(TOO_MANY)
    if min(width, height) < MIN_SIDE:
        raise Fault(TOO_FEW)
    if max(width, height) > MAX_SIDE:
        raise Fault(TOO_MANY)
    return picture


def _shrunk(picture: Image.Image, widest: int) -> Image.Image:
    """Decode, already smaller where the format can do that; still large enough for the widest size after turning."""
    picture.draft(None, (widest, widest))  # JPEG only: decodes at 1/2, 1/4, 1/8
    picture.load()
    if picture.mode in ("I", "I;16", "I;16B", "I;16L"):
        picture = _with_info(picture.convert("I").point(lambda value: value * (1 / 256)).convert("L"), picture)
    elif picture.mode not in ("L", "RGB", "RGBA", "CMYK"):
        has_alpha = "transparency" in picture.info or "A" in picture.mode or "a" in picture.mode
        picture = _with_info(picture.convert("RGBA" if has_alpha else "RGB"), picture)
    shorter = min(picture.size)
    if shorter > widest:
        scale = widest / shorter
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = _with_info(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0), picture)
    return picture


def _with_info(made: Image.Image, source: Image.Image) -> Image.Image:
    made.info.update({k: v for k, v in source.info.items() if k in ("exif", "icc_profile")})
    return made


def _upright(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    try:
        turned = ImageOps.exif_transpose(picture)
    except (ValueError, TypeError, KeyError, SyntaxError, OSError):  # a damaged EXIF block turns nothing
        turned = picture
    turned.info = {"icc_profile": profile} if profile else {}
    return turned


def _plain(picture: Image.Image) -> Image.Image:
    """sRGB on white, without any of what the file carried beside its pixels."""
    profile = picture.info.pop("icc_profile", None)
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that nobody can read: take the numbers as sRGB
    plain = picture.convert("RGB")
    if plain is picture:
        plain = picture.copy()
    plain.info = {}
    return plain


def _widths(width: int, wanted: list[int]) -> list[int]:
    """The wanted widths that need no enlarging, and the picture's own where it lies well above the last of them."""
    fitting = sorted(w for w in wanted if w <= width)
    if not fitting or (len(fitting) < len(wanted) and width > fitting[-1] * 1.1):
        fitting.append(width)
    return fitting[::-1]


def _saved(picture: Image.Image, form: str, saving: dict[str, Any]) -> dict[str, Any]:
    name = f"{picture.width}.{ENDINGS[form]}"
    picture.save(name, **saving)
    return {"format": form, "width": picture.width, "height": picture.height, "name": name}


def _placeholder(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), Image.Resampling.BOX)
    for quality in (40, 20, 5):
        out = io.BytesIO()
        small.save(out, format="WEBP", quality=quality, method=6)
        if out.tell() <= PLACEHOLDER_BYTES:
            break
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _difference_hash(picture: Image.Image) -> str:
    """64 bits: is each of 8 by 8 spots brighter than its right neighbour? Near pictures have near hashes."""
    grey = picture.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at] > grey[at + 1])
    return f"{bits:016x}"


def main() -> None:
    order = json.load(sys.stdin)
    try:
        answer = make(order)
    except Fault as fault:
        answer = {"fault": str(fault)}
    except MemoryError:
        answer = {"fault": TOO_MANY}
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        KeyError,
        IndexError,
        TypeError,
        RuntimeError,
        OverflowError,
    ) as error:
        # What decoders raise on damaged files; a full disk is an OSError too, and ours.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        answer = {"fault": UNREADABLE, "why": repr(error)[:300]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
