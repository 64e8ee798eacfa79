"""The first filter terms and scan policies."""

from django.db import migrations

from moderation.migrations._filters_seed import seed


def add_filters(apps, schema_editor):
    seed(apps.get_model("moderation", "FilterTerm"), apps.get_model("moderation", "ScanPolicy"))


class Migration(migrations.Migration):
    dependencies = [("moderation", "0004_filters")]
    operations = [migrations.RunPython(add_filters, migrations.RunPython.noop)]
