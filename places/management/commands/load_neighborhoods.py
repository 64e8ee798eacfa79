"""`manage.py load_neighborhoods`: boundaries from a GeoJSON file,
or the drawn gazetteer that ships with the project.
"""

import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.errors import Refusal
from places.actions import Loaded, load_neighborhoods
from places.boundaries import LARGEST_FILE_BYTES, Boundary, Fields, build_boundaries, choose_fields, read_features
from places.models import NeighborhoodSource

GAZETTEER = Path(__file__).resolve().parents[2] / "data" / "uae_gazetteer.geojson"


class Command(BaseCommand):
    help = (
        "Load neighbourhood boundaries from a GeoJSON file (WGS 84 polygons), or the drawn gazetteer of the UAE with "
        "--builtin. Running it again updates. Everything is loaded or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE.geojson")
        parser.add_argument("--builtin", action="store_true", help="load the gazetteer that ships with the project")
        parser.add_argument("--name-en-field", default="", help="property with the English name (else the usual ones)")
        parser.add_argument("--name-ar-field", default="", help="property with the Arabic name (else the usual ones)")
        parser.add_argument("--id-field", default="", help="property with the source's own id (else the usual ones)")
        parser.add_argument("--city", default="Dubai")
        parser.add_argument("--country", default="AE", help="two letters (ISO 3166-1)")
        parser.add_argument(
            "--source",
            default=NeighborhoodSource.MUNICIPAL,
            choices=NeighborhoodSource.values,
            help="default: municipal",
        )
        parser.add_argument(
            "--replace-illustrative", action="store_true", help="retire the drawn neighbourhoods of the same city"
        )
        parser.add_argument(
            "--strict", action="store_true", help="refuse rings that cross themselves instead of mending"
        )
        parser.add_argument("--dry-run", action="store_true", help="check and report, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == options["builtin"]:
            msg = "Name a GeoJSON file, or give --builtin."
            raise CommandError(msg)
        try:
            if options["builtin"]:
                self._load_builtin(options)
            else:
                self._load_file(options)
        except Refusal as refusal:
            msg = f"{refusal.message} Nothing was loaded."
            raise CommandError(msg) from refusal

    def _load_file(self, options: dict[str, Any]) -> None:
        boundaries = self._read(Path(options["file"]), options)
        self._load(boundaries, city=options["city"], source=options["source"], options=options)

    def _load_builtin(self, options: dict[str, Any]) -> None:
        by_city: dict[str, list[Boundary]] = defaultdict(list)
        for boundary in self._read(GAZETTEER, {"strict": True, "verbosity": 0}):
            by_city[boundary.city].append(boundary)
        with transaction.atomic():
            for city, boundaries in by_city.items():
                self._load(boundaries, city=city, source=NeighborhoodSource.ILLUSTRATIVE, options=options)

    def _read(self, path: Path, options: dict[str, Any]) -> list[Boundary]:
        try:
            if path.stat().st_size > LARGEST_FILE_BYTES:
                msg = f"{path} is larger than {LARGEST_FILE_BYTES // 1024 // 1024} MB."
                raise CommandError(msg)
            features = read_features(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as broken:
            msg = f"{path} cannot be read: {broken}"
            raise CommandError(msg) from broken
        fields = choose_fields(
            features,
            name_en=options.get("name_en_field", ""),
            name_ar=options.get("name_ar_field", ""),
            external_id=options.get("id_field", ""),
        )
        if options["verbosity"]:
            self._say_fields(fields)
        boundaries = build_boundaries(
            features,
            fields=fields,
            mend=not options["strict"],
            progress=self._progress("checked", len(features), options),
        )
        for boundary in boundaries:
            if boundary.mended:
                self.stdout.write(f"Mended {boundary.name_en} ({boundary.external_id}): {boundary.mended}")
        return boundaries

    def _say_fields(self, fields: Fields) -> None:
        arabic = fields.name_ar or "none (give --name-ar-field)"
        self.stdout.write(f"Names from {fields.name_en} and {arabic}, ids from {fields.external_id}.")

    def _load(self, boundaries: list[Boundary], *, city: str, source: str, options: dict[str, Any]) -> None:
        with transaction.atomic():
            loaded = load_neighborhoods(
                boundaries=boundaries,
                city=city,
                source=source,
                country=options["country"].upper(),
                replace_illustrative=options["replace_illustrative"] and source != NeighborhoodSource.ILLUSTRATIVE,
                progress=self._progress("loaded", len(boundaries), options),
            )
            if options["dry_run"]:
                transaction.set_rollback(True)
        self._report(city, loaded, dry_run=options["dry_run"])

    def _report(self, city: str, loaded: Loaded, *, dry_run: bool) -> None:
        counts = f"{len(loaded.added)} added, {len(loaded.changed)} changed, {loaded.unchanged} unchanged"
        if loaded.retired:
            counts += f", {len(loaded.retired)} drawn ones retired"
        self.stdout.write(f"{city}: {counts}{' (dry run: nothing was changed)' if dry_run else ''}.")
        if loaded.missing:
            names = ", ".join(sorted(n.name_en for n in loaded.missing)[:5])
            self.stdout.write(f"{city}: {len(loaded.missing)} known ones are not in this file and stay: {names} …")

    def _progress(self, verb: str, total: int, options: dict[str, Any]) -> Callable[[int], None]:
        """A counter on a terminal; nothing in a log."""
        if not sys.stdout.isatty() or not options["verbosity"]:
            return lambda done: None

        def show(done: int) -> None:
            self.stdout.write(f"\r{verb} {done}/{total}", ending="\n" if done == total else "")

        return show
