"""Bring the browser libraries of `scripts/vendor.json` into `static/vendor/` and build the icon sprite.

Only for whoever changes a version: the results are committed, so running Souk Loop needs no Node.

    python scripts/vendor.py

Each package comes through `npm pack`, is checked against its sha512 from the list, and only the named files are kept.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
# The hashed static storage follows these comments and refuses a file whose map is missing.
_SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=\S+\s*$|\n?/\*# sourceMappingURL=.*?\*/\s*$")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def main() -> None:
    packages = json.loads((Path(__file__).parent / "vendor.json").read_text())["packages"]
    shutil.rmtree(VENDOR, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            bring(package, Path(folder))


def bring(package: dict[str, Any], folder: Path) -> None:
    """Download one package, check it, keep its named files."""
    wanted = f"{package['name']}@{package['version']}"
    packed = subprocess.run(  # noqa: S603 - the names are ours, from vendor.json
        ["npm", "pack", "--silent", wanted],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / packed.stdout.split()[-1]
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package["integrity"]:
        sys.exit(f"{wanted}: the list says {package['integrity']}, the registry gave {found}")
    with tarfile.open(archive) as tar:
        for source, target in package["files"].items():
            path = VENDOR / package["folder"] / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_SOURCE_MAP.sub(b"\n", read(tar, source)))
        if "licence_text" in package:  # the archive carries none
            text = Path(__file__).parent / "licences" / package["licence_text"]
            (VENDOR / package["folder"] / "LICENSE").write_bytes(text.read_bytes())
        if "sprite" in package:
            build_sprite(tar, package["sprite"], licence=f"lucide {package['version']}, ISC licence")


def read(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(f"package/{name}")
    if member is None:
        sys.exit(f"{tar.name!r}: {name} is not a file")
    return member.read()


def build_sprite(tar: tarfile.TarFile, sprite: dict[str, Any], *, licence: str) -> None:
    """One `<symbol>` for each named icon; stroke and size come from our stylesheet."""
    symbols = []
    for icon in sprite["icons"]:
        body = _SVG_BODY.search(read(tar, f"{sprite['from']}/{icon}.svg").decode())
        if body is None:
            sys.exit(f"{icon}: not an svg")
        inner = " ".join(body.group(1).split())
        symbols.append(f'<symbol id="{icon}" viewBox="0 0 24 24">{inner}</symbol>')
    (ROOT / sprite["to"]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {licence}: static/vendor/lucide/LICENSE -->\n'
        + "\n".join(symbols)
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    main()
