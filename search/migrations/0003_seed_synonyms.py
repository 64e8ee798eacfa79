from django.db import migrations

from search.migrations import _seed


def fill(apps, schema_editor):
    _seed.seed(apps.get_model("search", "SynonymSet"))


class Migration(migrations.Migration):
    dependencies = [("search", "0002_word_forms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
