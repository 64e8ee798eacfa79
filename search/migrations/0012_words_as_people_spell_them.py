"""Known words remember how people spell them. `reindex_search` fills it in, and the sounds of short names with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0011_words_one_letter_apart")]
    operations = [
        migrations.AddField("word", "spelt", models.CharField(db_default="", default="", max_length=60)),
        migrations.AddField("word", "care", models.PositiveSmallIntegerField(db_default=0, default=0)),
    ]
