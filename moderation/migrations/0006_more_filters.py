"""More of the phrases that people use."""

from django.db import migrations

from moderation.migrations._filters_seed import seed


def add_filters(apps, schema_editor):
    seed(apps.get_model("moderation", "FilterTerm"), apps.get_model("moderation", "ScanPolicy"))


class Migration(migrations.Migration):
    dependencies = [("moderation", "0005_filters_seed")]
    operations = [migrations.RunPython(add_filters, migrations.RunPython.noop)]
