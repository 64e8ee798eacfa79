from django.db import migrations

from payments.migrations._seed import seed


def write(apps, schema_editor):
    seed(
        apps.get_model("payments", "FeeRule"),
        apps.get_model("payments", "FeeAmounts"),
        apps.get_model("catalog", "Category"),
    )


class Migration(migrations.Migration):
    dependencies = (("payments", "0001_initial"), ("catalog", "0002_seed"))
    operations = (migrations.RunPython(write, migrations.RunPython.noop),)
