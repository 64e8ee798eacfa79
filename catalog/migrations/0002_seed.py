from django.db import migrations

from catalog.migrations._seed import seed


def write(apps, schema_editor):
    seed(
        apps.get_model("catalog", "Category"),
        apps.get_model("catalog", "CategoryAttribute"),
        apps.get_model("catalog", "Brand"),
    )


class Migration(migrations.Migration):
    dependencies = (("catalog", "0001_initial"),)
    operations = (migrations.RunPython(write, migrations.RunPython.noop),)
