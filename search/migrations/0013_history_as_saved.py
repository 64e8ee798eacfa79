"""What a history remembers stands as saved searches have it: lists where a filter takes several, and places to about 100 metres."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import migrations

MANY = ("brand", "condition", "price_band")
PLACE = ("latitude", "longitude", "radius_km", "anywhere")
PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
CURRENCIES = ("AED", "EGP", "USD", "SAR", "QAR", "EUR", "GBP", "INR", "KWD", "BHD", "OMR")


def follow(apps: Any, _schema_editor: Any) -> None:
    entries = apps.get_model("search", "SearchEntry").objects.exclude(asked={})
    changed = []
    for entry in entries.iterator(chunk_size=1000):
        said = _as_saved(entry.asked)
        if said != entry.asked:
            entry.asked = said
            changed.append(entry)
        if len(changed) == 1000:
            entries.model.objects.bulk_update(changed, ["asked"])
            changed = []
    entries.model.objects.bulk_update(changed, ["asked"])


def _as_saved(asked: dict[str, Any]) -> dict[str, Any]:
    said = {}
    for name, value in asked.items():
        if name in MANY or name.startswith("attr_"):
            said[name] = [str(one) for one in (value if isinstance(value, list) else [value])]
        elif name in ("min_price", "max_price"):
            if PRICE.fullmatch(str(value)):
                said[name] = str(value)
        elif name == "currency":
            if value in CURRENCIES:
                said[name] = value
        elif name == "verbatim":
            if value in (True, "true", "1"):
                said[name] = True
        elif name not in (*PLACE, "location_lat", "location_lng", "filters", "facets") and isinstance(value, str):
            said[name] = value
    latitude, longitude = asked.get("latitude"), asked.get("longitude")
    if _is_number(latitude) and _is_number(longitude) and abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180:
        said |= {"latitude": round(float(latitude), 3), "longitude": round(float(longitude), 3)}
        radius = asked.get("radius_km")
        said |= {"radius_km": float(radius)} if _is_number(radius) else {"anywhere": True}
    return said


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and 0 <= abs(Decimal(str(value))) < 10**9
    except InvalidOperation:
        return False


class Migration(migrations.Migration):
    dependencies = [("search", "0012_words_as_people_spell_them")]
    operations = [migrations.RunPython(follow, migrations.RunPython.noop)]
